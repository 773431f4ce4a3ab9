/*
 * Reads a CLUSTER NODES text, without any network, and tells where keys live.
 *
 *     redis-cli cluster nodes | parse_nodes [KEY ...]
 */
#include "common.h"

#include <inttypes.h>

static void print_node(const slotkeeper_node *node)
{
    printf("%.*s %.*s port %" PRIu16 " %.*s", SHOWN(node->id), SHOWN(node->host), node->port, SHOWN(node->flags_text));
    for (size_t i = 0; i < node->slots.length; i++)
        printf(" %" PRIu16 "-%" PRIu16, node->slots.data[i].first, node->slots.data[i].last);
    for (size_t i = 0; i < node->moving.length; i++) {
        const slotkeeper_moving_slot *moving = &node->moving.data[i];
        printf(" %" PRIu16 " %s %.*s", moving->slot,
               moving->direction == SLOTKEEPER_DIRECTION_MIGRATING ? "to" : "from", SHOWN(moving->other_id));
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    size_t length = fread(text, 1, sizeof text, stdin);

    slotkeeper_nodes *nodes = NULL;
    slotkeeper_error *error = NULL;
    check(slotkeeper_nodes_parse(text, length, &nodes, &error), &error);

    /* Everything at once: plain structs, valid until the table is freed. */
    slotkeeper_node_list all = slotkeeper_nodes_all(nodes);
    for (size_t i = 0; i < all.length; i++)
        print_node(&all.data[i]);
    slotkeeper_problem_list problems = slotkeeper_nodes_problems(nodes);
    for (size_t i = 0; i < problems.length; i++)
        printf("skipped: line %zu: %.*s\n", problems.data[i].line, SHOWN(problems.data[i].reason));
    for (int i = 1; i < argc; i++) {
        uint16_t slot = slotkeeper_key_slot(argv[i], strlen(argv[i]));
        uint16_t owner = slotkeeper_nodes_owners(nodes)[slot]; /* an index into the nodes */
        if (owner != SLOTKEEPER_NO_OWNER)
            printf("key %s: slot %" PRIu16 " %.*s\n", argv[i], slot, SHOWN(all.data[owner].id));
        else
            printf("key %s: slot %" PRIu16 " belongs to nobody\n", argv[i], slot);
    }
    slotkeeper_nodes_free(nodes);
    return EXIT_SUCCESS;
}
