/*
 * Knowing before asking: tells at each change whether a command for KEY can succeed, and what to do instead, until that is to do
 * what UNTIL says: ask, wait or fallback.
 *
 *     fallback UNTIL KEY seeds=10.0.0.1:7000,10.0.0.2:7000 [NAME=VALUE ...]
 */
#include "common.h"

#include <inttypes.h>

enum { FIRST_TOPOLOGY_MS = 30000, NEXT_MS = 1000 };

/* What to do with a key now: one array read. */
static const char *decide(const slotkeeper_topology *topology, uint16_t slot)
{
    switch (slotkeeper_topology_states(topology)[slot]) {
    case SLOTKEEPER_SLOT_SERVED:
        return "ask";
    case SLOTKEEPER_SLOT_PENDING:
        return "wait";
    default:
        return "fallback";
    }
}

static void explain(const slotkeeper_topology *topology, const char *key, uint16_t slot, const char *decision)
{
    slotkeeper_trouble trouble = slotkeeper_topology_trouble(topology, slot);
    slotkeeper_str name = slotkeeper_trouble_name(trouble), sentence = slotkeeper_trouble_sentence(trouble);
    printf("generation %" PRIu64 ": %s: %s", slotkeeper_topology_generation(topology), key, decision);
    if (trouble != SLOTKEEPER_TROUBLE_NONE)
        printf(" (%.*s: %.*s)", SHOWN(name), SHOWN(sentence));
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s UNTIL KEY NAME=VALUE ...\n", argv[0]);
        return EXIT_FAILURE;
    }
    const char *until = argv[1], *key = argv[2];
    uint16_t slot = slotkeeper_key_slot(key, strlen(key));
    slotkeeper_config *config = configure(argc - 3, argv + 3);
    slotkeeper_keeper keeper = 0;
    slotkeeper_error *error = NULL;
    check(slotkeeper_keeper_open(config, &keeper, &error), &error);
    slotkeeper_config_free(config);

    slotkeeper_topology *topology = NULL;
    check(slotkeeper_keeper_topology(keeper, 0, FIRST_TOPOLOGY_MS, &topology, &error), &error);
    if (topology == NULL) {
        fprintf(stderr, "no node has answered within %d ms\n", FIRST_TOPOLOGY_MS);
        return EXIT_FAILURE;
    }
    for (;;) {
        const char *decision = decide(topology, slot);
        explain(topology, key, slot, decision);
        if (strcmp(decision, until) == 0)
            break;
        slotkeeper_topology *newer = NULL;
        while (newer == NULL)
            check(slotkeeper_keeper_topology(keeper, slotkeeper_topology_generation(topology), NEXT_MS, &newer, &error), &error);
        slotkeeper_topology_free(topology);
        topology = newer;
    }
    slotkeeper_topology_free(topology);
    check(slotkeeper_keeper_close(keeper, &error), &error);
    return EXIT_SUCCESS;
}
