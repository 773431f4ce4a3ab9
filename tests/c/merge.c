/*
 * Views in, topology out, and what changed: on what real servers said while a master was killed. Needs no server.
 *
 *     merge tests/data
 */
#include "check.h"

#include <stdarg.h>

enum { MAX_VIEWS = 4, LARGEST = 8192 };

static const char *data;

/* A view, and its texts. */
typedef struct capture {
    char nodes[LARGEST];
    char info[LARGEST];
} capture;

static size_t contents(char *text, const char *name, const char *ending)
{
    char path[1024];
    int length = snprintf(path, sizeof path, "%s/redis-7.0.15/%s.%s.txt", data, name, ending);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "%s cannot be opened\n", path);
        exit(EXIT_FAILURE);
    }
    size_t read = fread(text, 1, LARGEST, file);
    fclose(file);
    return read;
}

static slotkeeper_view view_of(capture *texts, const char *name)
{
    slotkeeper_view view = {.host = "dialled", .host_length = strlen("dialled"), .port = 7};
    view.nodes = texts->nodes;
    view.nodes_length = contents(texts->nodes, name, "cluster_nodes");
    view.info = texts->info;
    view.info_length = contents(texts->info, name, "cluster_info");
    return view;
}

/* The topology of captured views, on top of `known`; the rejections go to `rejections`. */
static slotkeeper_topology *merged(const slotkeeper_topology *known, slotkeeper_rejection *rejections, size_t count, ...)
{
    static capture texts[MAX_VIEWS];
    slotkeeper_view views[MAX_VIEWS];
    va_list names;
    va_start(names, count);
    for (size_t i = 0; i < count; i++)
        views[i] = view_of(&texts[i], va_arg(names, const char *));
    va_end(names);
    slotkeeper_topology *topology = NULL;
    CHECK(slotkeeper_topology_merge(known, views, count, &topology, rejections, NULL) == SLOTKEEPER_OK);
    return topology;
}

static slotkeeper_topology *before_the_blow(void)
{
    return merged(NULL, NULL, 1, "03-kill-master-to1000/at-fail_maybe-victim1-seenby4");
}

static slotkeeper_topology *after_the_failover(const slotkeeper_topology *known)
{
    return merged(known, NULL, 3, "03-kill-master-to1000/end-node0", "03-kill-master-to1000/end-node2",
                  "03-kill-master-to1000/end-node4");
}

static void a_failover_is_told_as_changes(void)
{
    slotkeeper_topology *before = before_the_blow();
    slotkeeper_topology *after = after_the_failover(before);
    slotkeeper_diff *diff = NULL;
    CHECK(slotkeeper_diff_new(before, after, &diff, NULL) == SLOTKEEPER_OK);
    /* The diff needs them no more. */
    slotkeeper_topology_free(before);
    slotkeeper_topology_free(after);

    slotkeeper_change_list changes = slotkeeper_diff_changes(diff);
    size_t failed = 0, promoted = 0, moved = 0;
    for (size_t i = 0; i < changes.length; i++) {
        const slotkeeper_change *change = &changes.data[i];
        CHECK(change->sentence.length > 0);
        if (change->kind == SLOTKEEPER_CHANGE_FAILED) {
            failed++;
            CHECK(text_is(change->node.host, "127.0.0.1") && change->node.port == 7101);
            CHECK(text_is(change->node.id, "f408a6f378bbf3674acdfbf848c7f236a624b0a2"));
            CHECK(change->role == SLOTKEEPER_ROLE_MASTER && text_is(change->other.id, "") && change->slots.length == 0);
            CHECK(text_contains(change->sentence, "master 127.0.0.1:7101 failed"));
        } else if (change->kind == SLOTKEEPER_CHANGE_PROMOTED) {
            promoted++;
            CHECK(change->node.port == 7104 && text_contains(change->sentence, "promoted"));
        } else if (change->kind == SLOTKEEPER_CHANGE_SLOTS_MOVED) {
            moved++;
            CHECK(change->node.port == 7101 && change->other.port == 7104 && change->slots.length == 1);
            CHECK(text_is(change->other.id, "afb93e496b751fcd5d104a2915b8b108876608c8"));
            CHECK(change->slots.data[0].first == 5461 && change->slots.data[0].last == 10921);
        }
    }
    CHECK(failed == 1 && promoted == 1 && moved == 1);
    slotkeeper_diff_free(diff);
}

static void slots_that_are_not_served_are_told_with_the_reason(void)
{
    slotkeeper_topology *before = before_the_blow();
    slotkeeper_topology *failed = merged(NULL, NULL, 1, "03-kill-master-to1000/at-fail-victim1-seenby4");
    const slotkeeper_slot_state *states = slotkeeper_topology_states(failed);
    CHECK(slotkeeper_topology_health(failed) == SLOTKEEPER_HEALTH_DOWN);
    for (uint16_t slot = 0; slot < SLOTKEEPER_SLOT_COUNT; slot++) {
        bool owned = slot >= 5461 && slot <= 10921;
        CHECK(states[slot] == SLOTKEEPER_SLOT_PENDING);
        CHECK(slotkeeper_topology_trouble(failed, slot) ==
              (owned ? SLOTKEEPER_TROUBLE_OWNER_FAILED : SLOTKEEPER_TROUBLE_CLUSTER_PENDING));
        CHECK(slotkeeper_topology_trouble(before, slot) ==
              (owned ? SLOTKEEPER_TROUBLE_OWNER_SUSPECTED : SLOTKEEPER_TROUBLE_NONE));
    }
    CHECK(slotkeeper_topology_trouble(failed, SLOTKEEPER_SLOT_COUNT) == SLOTKEEPER_TROUBLE_NONE);

    slotkeeper_diff *diff = NULL;
    slotkeeper_topology *after = after_the_failover(failed);
    CHECK(slotkeeper_diff_new(before, failed, &diff, NULL) == SLOTKEEPER_OK);
    slotkeeper_change_list changes = slotkeeper_diff_changes(diff);
    size_t pending = 0;
    for (size_t i = 0; i < changes.length; i++) {
        const slotkeeper_change *change = &changes.data[i];
        if (change->kind == SLOTKEEPER_CHANGE_SLOTS_PENDING) {
            pending++;
            CHECK(change->slots.length == (change->trouble == SLOTKEEPER_TROUBLE_OWNER_FAILED ? 1 : 2));
            CHECK(text_contains(change->sentence, " slots (") && text_contains(change->sentence, ") are pending: "));
        } else {
            CHECK(change->trouble == SLOTKEEPER_TROUBLE_NONE);
        }
    }
    CHECK(pending == 2);
    slotkeeper_diff_free(diff);

    CHECK(slotkeeper_diff_new(failed, after, &diff, NULL) == SLOTKEEPER_OK);
    changes = slotkeeper_diff_changes(diff);
    const slotkeeper_change *last = &changes.data[changes.length - 1];
    CHECK(last->kind == SLOTKEEPER_CHANGE_SLOTS_SERVED && last->trouble == SLOTKEEPER_TROUBLE_NONE);
    CHECK(text_is(last->sentence, "16384 slots (0-16383) are served again"));
    slotkeeper_diff_free(diff);
    slotkeeper_topology_free(after);
    slotkeeper_topology_free(failed);
    slotkeeper_topology_free(before);
}

static void without_an_old_topology_all_have_joined(void)
{
    slotkeeper_topology *topology = before_the_blow();
    slotkeeper_diff *diff = NULL;
    CHECK(slotkeeper_diff_new(NULL, topology, &diff, NULL) == SLOTKEEPER_OK);
    slotkeeper_change_list changes = slotkeeper_diff_changes(diff);
    slotkeeper_node_list nodes = slotkeeper_nodes_all(slotkeeper_topology_nodes(topology));
    CHECK(nodes.length == 6 && changes.length >= nodes.length);
    for (size_t i = 0; i < nodes.length && i < changes.length; i++) {
        CHECK(changes.data[i].kind == SLOTKEEPER_CHANGE_JOINED && changes.data[i].role == nodes.data[i].role);
        CHECK(memcmp(changes.data[i].node.id.data, nodes.data[i].id.data, 40) == 0);
    }
    slotkeeper_diff_free(diff);

    CHECK(slotkeeper_diff_new(topology, topology, &diff, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_diff_changes(diff).length == 0 && slotkeeper_diff_changes(diff).data != NULL);
    slotkeeper_diff_free(diff);
    slotkeeper_topology_free(topology);
}

static void a_topology_has_nodes_slots_and_shards(void)
{
    slotkeeper_topology *topology = after_the_failover(NULL);
    CHECK(slotkeeper_topology_generation(topology) == 0 && slotkeeper_topology_current_epoch(topology) == 7);
    slotkeeper_node_list nodes = slotkeeper_nodes_all(slotkeeper_topology_nodes(topology));
    const uint16_t *owners = slotkeeper_topology_owners(topology);
    const slotkeeper_slot_state *states = slotkeeper_topology_states(topology);
    for (size_t slot = 0; slot < SLOTKEEPER_SLOT_COUNT; slot++) {
        uint16_t port = slot < 5461 ? 7100 : slot < 10922 ? 7104 : 7102;
        CHECK(owners[slot] < nodes.length && nodes.data[owners[slot]].port == port);
        CHECK(states[slot] == SLOTKEEPER_SLOT_SERVED);
    }
    CHECK(slotkeeper_topology_lost_slots(topology).length == 0);

    slotkeeper_shard_list shards = slotkeeper_topology_shards(topology);
    size_t replicas = 0;
    CHECK(shards.length == 4); /* the three that own slots, and the failed master */
    for (size_t i = 0; i < shards.length; i++) {
        const slotkeeper_node *master = &nodes.data[shards.data[i].master];
        CHECK(master->role == SLOTKEEPER_ROLE_MASTER && shards.data[i].replicas != NULL);
        CHECK(i == 0 || shards.data[i - 1].master < shards.data[i].master);
        for (size_t j = 0; j < shards.data[i].replica_count; j++) {
            const slotkeeper_node *replica = &nodes.data[shards.data[i].replicas[j]];
            CHECK(replica->role == SLOTKEEPER_ROLE_REPLICA);
            CHECK(memcmp(replica->master_id.data, master->id.data, 40) == 0);
            replicas++;
        }
    }
    CHECK(replicas == 2);
    slotkeeper_topology_free(topology);
}

static void each_view_is_told_why_it_was_not_used(void)
{
    slotkeeper_rejection why[MAX_VIEWS];
    slotkeeper_topology *before = before_the_blow();
    slotkeeper_topology *known = after_the_failover(before);
    slotkeeper_topology *stale = merged(known, why, 1, "03-kill-master-to1000/at-fail-victim1-seenby4");
    CHECK(stale == NULL && why[0] == SLOTKEEPER_REJECTION_BEHIND);

    slotkeeper_topology *again = merged(known, why, 3, "01-steady/node0", "03-kill-master-to1000/end-node5",
                                        "10-misc/fresh-single-node-empty-ip");
    CHECK(again != NULL && why[0] == SLOTKEEPER_REJECTION_FOREIGN && why[1] == SLOTKEEPER_REJECTION_NONE);
    CHECK(why[2] == SLOTKEEPER_REJECTION_EMPTY);
    slotkeeper_topology_free(again);

    slotkeeper_topology *without = merged(NULL, why, 2, "10-misc/forgot5-3s-later-node5", "10-misc/forgot5-3s-later-node0");
    CHECK(without != NULL && why[0] == SLOTKEEPER_REJECTION_OUTSIDER && why[1] == SLOTKEEPER_REJECTION_NONE);
    slotkeeper_topology_free(without);

    slotkeeper_topology_free(known);
    slotkeeper_topology_free(before);
}

static void a_view_that_cannot_be_read_costs_itself_only(void)
{
    static capture texts;
    slotkeeper_view good = view_of(&texts, "03-kill-master-to1000/end-node0");
    slotkeeper_view no_nodes = good, no_info = good;
    no_nodes.nodes = "rubbish";
    no_nodes.nodes_length = strlen(no_nodes.nodes);
    no_info.info = NULL;
    no_info.info_length = 0;
    slotkeeper_view views[] = {no_nodes, good, no_info};
    slotkeeper_rejection why[3];
    slotkeeper_topology *topology = NULL;
    CHECK(slotkeeper_topology_merge(NULL, views, 3, &topology, why, NULL) == SLOTKEEPER_OK && topology != NULL);
    CHECK(why[0] == SLOTKEEPER_REJECTION_UNREADABLE && why[1] == SLOTKEEPER_REJECTION_NONE);
    CHECK(why[2] == SLOTKEEPER_REJECTION_UNREADABLE);
    slotkeeper_topology_free(topology);

    CHECK(slotkeeper_topology_merge(NULL, NULL, 0, &topology, NULL, NULL) == SLOTKEEPER_OK && topology == NULL);
}

static void the_dialled_address_stands_in(void)
{
    slotkeeper_topology *topology = NULL;
    static const char nodes[] = "07c37dfeb235213a872192d90877d0cd55635b91 :7100@17100 myself,master - 0 0 1 connected 0-16383\n";
    static const char info[] = "cluster_state:ok\r\ncluster_current_epoch:1\r\n";
    slotkeeper_view view = {.host = "::1", .host_length = 3, .port = 7100, .nodes = nodes, .nodes_length = sizeof nodes - 1,
                            .info = info, .info_length = sizeof info - 1};
    CHECK(slotkeeper_topology_merge(NULL, &view, 1, &topology, NULL, NULL) == SLOTKEEPER_OK);
    CHECK(text_is(slotkeeper_nodes_host(slotkeeper_topology_nodes(topology), 0), "::1"));
    slotkeeper_topology_free(topology);
}

static void misuse_is_told(void)
{
    slotkeeper_error *error = NULL;
    slotkeeper_topology *topology = NULL;
    slotkeeper_diff *diff = NULL;
    slotkeeper_view view = {.host = "\xff", .host_length = 1};
    CHECK(failed(slotkeeper_topology_merge(NULL, NULL, 2, &topology, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "views is NULL"));
    CHECK(failed(slotkeeper_topology_merge(NULL, &view, 1, NULL, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "topology is NULL"));
    CHECK(failed(slotkeeper_topology_merge(NULL, &view, 1, &topology, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "host of a view is not UTF-8"));
    CHECK(failed(slotkeeper_topology_merge(NULL, &view, SIZE_MAX / 8, &topology, NULL, &error),
                 SLOTKEEPER_INVALID_ARGUMENT, &error, "length of views"));
    CHECK(failed(slotkeeper_diff_new(NULL, NULL, &diff, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "new is NULL"));
    topology = before_the_blow();
    CHECK(failed(slotkeeper_diff_new(NULL, topology, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "is NULL"));
    slotkeeper_topology_free(topology);
    CHECK(diff == NULL);

    slotkeeper_diff_free(NULL);
    CHECK(slotkeeper_diff_changes(NULL).length == 0 && slotkeeper_diff_changes(NULL).data != NULL);
    CHECK(slotkeeper_event_changes(NULL).length == 0 && slotkeeper_topology_shards(NULL).length == 0);
    CHECK(text_is(slotkeeper_rejection_reason(SLOTKEEPER_REJECTION_NONE), ""));
    for (uint8_t i = SLOTKEEPER_REJECTION_EMPTY; i <= SLOTKEEPER_REJECTION_UNREADABLE; i++)
        CHECK(slotkeeper_rejection_reason(i).length > 0);
    CHECK(text_is(slotkeeper_rejection_reason(200), ""));
    for (uint8_t i = SLOTKEEPER_TROUBLE_OWNER_SUSPECTED; i <= SLOTKEEPER_TROUBLE_CLUSTER_REFUSES; i++)
        CHECK(slotkeeper_trouble_name(i).length > 0 && slotkeeper_trouble_sentence(i).length > 0);
    CHECK(text_is(slotkeeper_trouble_name(SLOTKEEPER_TROUBLE_NO_QUORUM), "no-quorum"));
    CHECK(text_is(slotkeeper_trouble_name(SLOTKEEPER_TROUBLE_NONE), "") && text_is(slotkeeper_trouble_name(200), ""));
    CHECK(text_is(slotkeeper_trouble_sentence(SLOTKEEPER_TROUBLE_NONE), "") && text_is(slotkeeper_trouble_sentence(200), ""));
}

static void cluster_info_is_read(void)
{
    static capture texts;
    slotkeeper_view view = view_of(&texts, "03-kill-master-to1000/end-node0");
    slotkeeper_info info;
    slotkeeper_error *error = NULL;
    CHECK(slotkeeper_info_parse(view.info, view.info_length, &info, &error) == SLOTKEEPER_OK);
    CHECK(info.is_ok && info.slots_assigned == SLOTKEEPER_SLOT_COUNT && info.slots_ok == SLOTKEEPER_SLOT_COUNT);
    CHECK(info.slots_suspected == 0 && info.slots_failed == 0 && info.known_nodes == 6 && info.size == 3);
    CHECK(info.current_epoch == 7 && info.my_epoch == 1 && info.messages_sent > 0 && info.messages_received > 0);
    CHECK(info.links_cut == 0 && info.nodes_suspected == -1 && info.voting_nodes_failed == -1);
    CHECK(failed(slotkeeper_info_parse(LITERAL("x:1\r\n"), &info, &error), SLOTKEEPER_BAD_REPLY, &error, "cluster_state"));
    CHECK(failed(slotkeeper_info_parse(LITERAL("x"), NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "info is NULL"));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s tests/data\n", argv[0]);
        return EXIT_FAILURE;
    }
    data = argv[1];
    a_failover_is_told_as_changes();
    slots_that_are_not_served_are_told_with_the_reason();
    without_an_old_topology_all_have_joined();
    a_topology_has_nodes_slots_and_shards();
    each_view_is_told_why_it_was_not_used();
    a_view_that_cannot_be_read_costs_itself_only();
    the_dialled_address_stands_in();
    misuse_is_told();
    cluster_info_is_read();
    return verdict();
}
