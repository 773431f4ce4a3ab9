/*
 * Keeps an eye on a cluster: prints its nodes, then each change, until so many changes were seen.
 *
 *     keeper CHANGES seeds=10.0.0.1:7000,10.0.0.2:7000 [NAME=VALUE ...]
 */
#include "common.h"

#include <inttypes.h>

enum { FIRST_TOPOLOGY_MS = 30000, REFRESH_MS = 30000, EVENT_MS = 1000 };

static void print_topology(const slotkeeper_topology *topology)
{
    static const char *const healths[] = {"ok", "degraded", "down", "unknown"};
    printf("generation %" PRIu64 ": %s\n", slotkeeper_topology_generation(topology),
           healths[slotkeeper_topology_health(topology)]);

    const slotkeeper_nodes *nodes = slotkeeper_topology_nodes(topology);
    for (size_t i = 0; i < slotkeeper_nodes_count(nodes); i++) {
        slotkeeper_str host = slotkeeper_nodes_host(nodes, i);
        printf("  %.*s port %" PRIu16 " %s%s\n", SHOWN(host), slotkeeper_nodes_port(nodes, i),
               slotkeeper_nodes_role(nodes, i) == SLOTKEEPER_ROLE_MASTER ? "master" : "replica",
               slotkeeper_nodes_is_failed(nodes, i) ? " failed" : "");
    }

    /* The owner of a slot is one array read: an index into the nodes. */
    uint16_t slot = slotkeeper_key_slot("user:1", strlen("user:1"));
    uint16_t owner = slotkeeper_topology_owners(topology)[slot];
    if (owner != SLOTKEEPER_NO_OWNER)
        printf("  user:1 lives at port %" PRIu16 " of node %" PRIu16 "\n", slotkeeper_nodes_port(nodes, owner), owner);
}

/* Prints an event; tells whether it was a change. */
static int print_event(const slotkeeper_event *event)
{
    slotkeeper_kind kind = slotkeeper_event_kind(event);
    if (kind == SLOTKEEPER_EVENT_LOG) {
        slotkeeper_str level = slotkeeper_event_level(event);
        slotkeeper_str message = slotkeeper_event_message(event);
        printf("%.*s: %.*s\n", SHOWN(level), SHOWN(message));
    } else if (kind == SLOTKEEPER_EVENT_CHANGED) {
        slotkeeper_str cause = slotkeeper_event_cause(event);
        printf("changed to generation %" PRIu64 " (%.*s)\n", slotkeeper_event_generation(event), SHOWN(cause));
        for (size_t i = 0; i < slotkeeper_event_change_count(event); i++) {
            slotkeeper_str change = slotkeeper_event_change(event, i);
            printf("  %.*s\n", SHOWN(change));
        }
    } else if (kind == SLOTKEEPER_EVENT_AUDITED) {
        slotkeeper_finding_list findings = slotkeeper_event_appeared(event);
        for (size_t i = 0; i < findings.length; i++)
            printf("found %.*s: %.*s\n", SHOWN(findings.data[i].rule), SHOWN(findings.data[i].sentence));
    } else if (kind == SLOTKEEPER_EVENT_RESYNCHRONISE) {
        printf("%" PRIu64 " events were lost: read the topology anew\n", slotkeeper_event_lost(event));
    }
    fflush(stdout);
    return kind == SLOTKEEPER_EVENT_CHANGED;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s CHANGES NAME=VALUE ...\n", argv[0]);
        return EXIT_FAILURE;
    }
    slotkeeper_config *config = configure(argc - 2, argv + 2);
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
    print_topology(topology);
    slotkeeper_topology_free(topology);

    /* Whoever was told MOVED asks for the truth now. */
    check(slotkeeper_keeper_refresh(keeper, REFRESH_MS, &topology, &error), &error);
    printf("refreshed: generation %" PRIu64 "\n", slotkeeper_topology_generation(topology));
    fflush(stdout);
    slotkeeper_topology_free(topology);

    for (int missing = atoi(argv[1]); missing > 0;) {
        slotkeeper_event *event = NULL;
        check(slotkeeper_keeper_next_event(keeper, EVENT_MS, &event, &error), &error);
        missing -= print_event(event);
        slotkeeper_event_free(event);
    }

    slotkeeper_audit *audit = NULL;
    check(slotkeeper_keeper_audit(keeper, &audit, &error), &error);
    printf("%zu findings, compliance %.3f\n", slotkeeper_audit_findings(audit).length, slotkeeper_audit_compliance(audit));
    slotkeeper_audit_free(audit);

    slotkeeper_status *status = NULL;
    check(slotkeeper_keeper_status(keeper, &status, &error), &error);
    printf("%" PRIu64 " rounds, %zu of %zu nodes failed\n", slotkeeper_status_rounds(status),
           slotkeeper_status_failed_count(status), slotkeeper_status_known_nodes(status));
    slotkeeper_status_free(status);
    check(slotkeeper_keeper_close(keeper, &error), &error);
    return EXIT_SUCCESS;
}
