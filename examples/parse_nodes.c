/*
 * Reads a CLUSTER NODES text, without any network, and tells where keys live.
 *
 *     redis-cli cluster nodes | parse_nodes [KEY ...]
 */
#include "common.h"

#include <inttypes.h>

/* The node that owns the slot; the number of nodes if none does. */
static size_t owner_of(const slotkeeper_nodes *nodes, uint16_t slot)
{
    size_t count = slotkeeper_nodes_count(nodes);
    for (size_t i = 0; i < count; i++) {
        slotkeeper_slot_ranges slots = slotkeeper_nodes_slots(nodes, i);
        for (size_t j = 0; j < slots.length; j++)
            if (slots.data[j].first <= slot && slot <= slots.data[j].last)
                return i;
    }
    return count;
}

static void print_node(const slotkeeper_nodes *nodes, size_t i)
{
    slotkeeper_str id = slotkeeper_nodes_id(nodes, i);
    slotkeeper_str host = slotkeeper_nodes_host(nodes, i);
    slotkeeper_str flags = slotkeeper_nodes_flags(nodes, i);
    printf("%.*s %.*s port %" PRIu16 " %.*s", SHOWN(id), SHOWN(host), slotkeeper_nodes_port(nodes, i), SHOWN(flags));
    slotkeeper_slot_ranges slots = slotkeeper_nodes_slots(nodes, i);
    for (size_t j = 0; j < slots.length; j++)
        printf(" %" PRIu16 "-%" PRIu16, slots.data[j].first, slots.data[j].last);
    printf("\n");
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    size_t length = fread(text, 1, sizeof text, stdin);

    slotkeeper_nodes *nodes = NULL;
    slotkeeper_error *error = NULL;
    check(slotkeeper_nodes_parse(text, length, &nodes, &error), error);

    size_t count = slotkeeper_nodes_count(nodes);
    for (size_t i = 0; i < count; i++)
        print_node(nodes, i);
    for (size_t i = 0; i < slotkeeper_nodes_problem_count(nodes); i++) {
        slotkeeper_str problem = slotkeeper_nodes_problem(nodes, i);
        printf("skipped: %.*s\n", SHOWN(problem));
    }
    for (int i = 1; i < argc; i++) {
        uint16_t slot = slotkeeper_key_slot(argv[i], strlen(argv[i]));
        size_t owner = owner_of(nodes, slot);
        slotkeeper_str id = slotkeeper_nodes_id(nodes, owner); /* empty if nobody owns the slot */
        printf("key %s: slot %" PRIu16 " %.*s\n", argv[i], slot, SHOWN(id));
    }
    slotkeeper_nodes_free(nodes);
    return EXIT_SUCCESS;
}
