/* What needs no network: texts, keys, topologies. */
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text in memory. */
typedef struct text {
    char *data;
    size_t length;
} text;

static text contents(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        give_up(path, "cannot be read");
    long length = ftell(file);
    rewind(file);
    text text = {.data = malloc(length > 0 ? (size_t)length : 1), .length = length > 0 ? (size_t)length : 0};
    if (text.data == NULL || length < 0 || fread(text.data, 1, text.length, file) != text.length)
        give_up(path, "cannot be read");
    fclose(file);
    return text;
}

/* The floor: one load for each byte (volatile: never several at once, never left out), and the line feeds counted. */
static void look_once_at_each_byte(void *subject, size_t times)
{
    const text *text = subject;
    for (; times > 0; times--) {
        const volatile char *data = text->data;
        size_t lines = 0;
        for (size_t i = 0; i < text->length; i++)
            lines += data[i] == '\n';
        sink += lines;
    }
}

static void parse(void *subject, size_t times)
{
    const text *text = subject;
    for (; times > 0; times--) {
        slotkeeper_nodes *nodes = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_nodes_parse(text->data, text->length, &nodes, &error), &error);
        sink += slotkeeper_nodes_count(nodes);
        slotkeeper_nodes_free(nodes);
    }
}

static void parse_with_slot_table(void *subject, size_t times)
{
    const text *text = subject;
    for (; times > 0; times--) {
        slotkeeper_nodes *nodes = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_nodes_parse(text->data, text->length, &nodes, &error), &error);
        sink += slotkeeper_nodes_owners(nodes)[0];
        slotkeeper_nodes_free(nodes);
    }
}

static void parse_and_read_in_bulk(void *subject, size_t times)
{
    const text *text = subject;
    for (; times > 0; times--) {
        slotkeeper_nodes *nodes = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_nodes_parse(text->data, text->length, &nodes, &error), &error);
        slotkeeper_node_list all = slotkeeper_nodes_all(nodes);
        for (size_t i = 0; i < all.length; i++)
            sink += all.data[i].port;
        slotkeeper_nodes_free(nodes);
    }
}

void measure_texts(bench *bench, const char *data)
{
    static const struct {
        const char *size, *file;
    } texts[] = {
        {"6 nodes", "redis-7.0.15/01-steady/node0.cluster_nodes.txt"},
        {"100 nodes", "scale/50m-100n-contig.cluster_nodes.txt"},
        {"1000 nodes", "scale/500m-1000n-contig.cluster_nodes.txt"},
        {"1000 nodes fragmented", "scale/500m-1000n-frag1.cluster_nodes.txt"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text text = contents(data, texts[i].file);
        contender contenders[] = {{.body = look_once_at_each_byte},
                                  {.body = parse},
                                  {.body = parse_with_slot_table},
                                  {.body = parse_and_read_in_bulk}};
        static const char *const parts[] = {"the floor", "parsed", "with slot table", "with all nodes read"};
        enum { CONTENDERS = sizeof contenders / sizeof *contenders };
        for (size_t j = 0; j < CONTENDERS; j++)
            snprintf(contenders[j].name, NAME_SIZE, "parse: %s, %s", texts[i].size, parts[j]);
        bench_run_in_turns(bench, contenders, CONTENDERS, &text);
        free(text.data);
    }
}

static void key_slot(void *subject, size_t times)
{
    const text *key = subject;
    size_t sum = 0;
    for (; times > 0; times--)
        sum += slotkeeper_key_slot(key->data, key->length);
    sink += sum;
}

void measure_keys(bench *bench)
{
    static const size_t lengths[] = {8, 24, 40, 256};
    static char letters[256];
    memset(letters, 'k', sizeof letters);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char name[NAME_SIZE];
        text key = {letters, lengths[i]};
        snprintf(name, sizeof name, "key slot: %zu bytes", key.length);
        bench_run(bench, name, key_slot, &key);
    }
}

/* Views of one cluster, as if three of its nodes had said the same. */
enum { VIEWS = 3 };

typedef struct merging {
    slotkeeper_view views[VIEWS];
    slotkeeper_topology *known;
} merging;

static slotkeeper_topology *merged(const merging *merging, const slotkeeper_topology *known)
{
    slotkeeper_topology *topology = NULL;
    slotkeeper_error *error = NULL;
    check(slotkeeper_topology_merge(known, merging->views, VIEWS, &topology, NULL, &error), &error);
    if (topology == NULL)
        give_up("merge", "no view was used");
    return topology;
}

static void merge(void *subject, size_t times)
{
    const merging *merging = subject;
    for (; times > 0; times--) {
        slotkeeper_topology *topology = merged(merging, merging->known);
        sink += (size_t)slotkeeper_topology_current_epoch(topology);
        slotkeeper_topology_free(topology);
    }
}

static void compare(void *subject, size_t times)
{
    slotkeeper_topology *const *pair = subject;
    for (; times > 0; times--) {
        slotkeeper_diff *diff = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_diff_new(pair[0], pair[1], &diff, &error), &error);
        sink += slotkeeper_diff_changes(diff).length;
        slotkeeper_diff_free(diff);
    }
}

/* Slots in no order that a predictor could learn. */
typedef struct owners {
    const uint16_t *owners;
    const slotkeeper_nodes *nodes;
    uint16_t slots[SLOTKEEPER_SLOT_COUNT];
} owners;

static void read_owner(void *subject, size_t times)
{
    const owners *owners = subject;
    size_t sum = 0;
    for (size_t i = 0; i < times; i++)
        sum += owners->owners[owners->slots[i % SLOTKEEPER_SLOT_COUNT]];
    sink += sum;
}

static void read_owners_port(void *subject, size_t times)
{
    const owners *owners = subject;
    size_t sum = 0;
    for (size_t i = 0; i < times; i++)
        sum += slotkeeper_nodes_port(owners->nodes, owners->owners[owners->slots[i % SLOTKEEPER_SLOT_COUNT]]);
    sink += sum;
}

static void shuffle(uint16_t *slots)
{
    uint64_t state = 88172645463325252u; /* xorshift64: the same order in each run */
    for (size_t i = 0; i < SLOTKEEPER_SLOT_COUNT; i++)
        slots[i] = (uint16_t)i;
    for (size_t i = SLOTKEEPER_SLOT_COUNT - 1; i > 0; i--) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t j = (size_t)(state % (i + 1));
        uint16_t slot = slots[i];
        slots[i] = slots[j];
        slots[j] = slot;
    }
}

void measure_topologies(bench *bench, const char *data)
{
    static const char info[] = "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_current_epoch:1000000\r\n";
    static owners owners;
    text text = contents(data, "scale/500m-1000n-contig.cluster_nodes.txt");
    merging merging = {.known = NULL};
    for (size_t i = 0; i < VIEWS; i++) {
        slotkeeper_view view = {.host = "127.0.0.1", .host_length = strlen("127.0.0.1"), .port = (uint16_t)(7000 + i),
                                .nodes = text.data, .nodes_length = text.length, .info = info,
                                .info_length = sizeof info - 1};
        merging.views[i] = view;
    }
    slotkeeper_topology *known = merged(&merging, NULL), *again = merged(&merging, known);
    merging.known = known;
    bench_run(bench, "merge: 3 views of 1000 nodes, parsed too", merge, &merging);
    slotkeeper_topology *pair[] = {known, again};
    bench_run(bench, "diff: equal ones of 1000 nodes", compare, pair);

    owners.owners = slotkeeper_topology_owners(known);
    owners.nodes = slotkeeper_topology_nodes(known);
    shuffle(owners.slots);
    bench_run(bench, "slot to owner: array", read_owner, &owners);
    bench_run(bench, "slot to owner: its port by a getter", read_owners_port, &owners);
    slotkeeper_topology_free(again);
    slotkeeper_topology_free(known);
    free(text.data);
}
