/*
 * What is wrong with a cluster's layout, and what the loss of a zone or a node would take: before it happens.
 *
 *     audit [zone=A | host:port ...] -- seeds=10.0.0.1:7000 zone.A=10.1. zone.B=10.2. [NAME=VALUE ...]
 */
#include "common.h"

#include <inttypes.h>
#include <string.h>

enum { FIRST_TOPOLOGY_MS = 30000 };

static void print_outcome(const slotkeeper_audit *audit, const slotkeeper_outcome *outcome)
{
    slotkeeper_str effect = slotkeeper_effect_name(outcome->effect);
    printf("without %.*s: %.*s, %" PRIu32 " of at least %" PRIu32 " masters left\n", SHOWN(outcome->lost), SHOWN(effect),
           outcome->living_masters, outcome->majority);
    const slotkeeper_nodes *nodes = slotkeeper_audit_nodes(audit);
    for (size_t i = 0; i < outcome->dead_masters.length; i++) {
        slotkeeper_dead_master dead = outcome->dead_masters.data[i];
        slotkeeper_str reason = slotkeeper_loss_reason(dead.loss);
        printf("  master port %" PRIu16 " of %.*s: ", slotkeeper_nodes_port(nodes, dead.master),
               SHOWN(slotkeeper_nodes_host(nodes, dead.master)));
        if (dead.heir_count > 0)
            printf("%zu may take over, after %" PRIu64 " ms or later\n", dead.heir_count, outcome->earliest_ms);
        else
            printf("nobody takes over: %.*s\n", SHOWN(reason));
    }
}

int main(int argc, char **argv)
{
    int separator = 1;
    while (separator < argc && strcmp(argv[separator], "--") != 0)
        separator++;
    if (separator >= argc - 1) {
        fprintf(stderr, "usage: %s [LOST ...] -- NAME=VALUE ...\n", argv[0]);
        return EXIT_FAILURE;
    }
    slotkeeper_config *config = configure(argc - separator - 1, argv + separator + 1);
    slotkeeper_keeper keeper = 0;
    slotkeeper_error *error = NULL;
    check(slotkeeper_keeper_open(config, &keeper, &error), &error);
    slotkeeper_topology *topology = NULL;
    check(slotkeeper_keeper_topology(keeper, 0, FIRST_TOPOLOGY_MS, &topology, &error), &error);
    check(slotkeeper_keeper_close(keeper, &error), &error);
    if (topology == NULL) {
        fprintf(stderr, "no node has answered within %d ms\n", FIRST_TOPOLOGY_MS);
        return EXIT_FAILURE;
    }
    /* An open keeper has one of its own, which it renews: slotkeeper_keeper_audit. A saved CLUSTER NODES text does as well. */
    slotkeeper_audit *audit = NULL;
    check(slotkeeper_audit_new(slotkeeper_topology_nodes(topology), config, &audit, &error), &error);
    slotkeeper_topology_free(topology);
    slotkeeper_config_free(config);

    slotkeeper_finding_list findings = slotkeeper_audit_findings(audit);
    for (size_t i = 0; i < findings.length; i++) {
        slotkeeper_finding finding = findings.data[i];
        printf("%s %.*s: %.*s\n  %.*s\n", finding.severity == SLOTKEEPER_SEVERITY_CRITICAL ? "critical" : "warning",
               SHOWN(finding.rule), SHOWN(finding.sentence), SHOWN(finding.remedy));
    }
    printf("compliance: %.3f\n", slotkeeper_audit_compliance(audit));

    for (int i = 1; i < separator; i++) {
        slotkeeper_what_if *what_if = NULL;
        check(slotkeeper_what_if_new(audit, argv[i], strlen(argv[i]), 0, &what_if, &error), &error);
        print_outcome(audit, &slotkeeper_what_if_outcomes(what_if).data[0]);
        slotkeeper_what_if_free(what_if);
    }
    slotkeeper_audit_free(audit);
    return EXIT_SUCCESS;
}
