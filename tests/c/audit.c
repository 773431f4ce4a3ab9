/*
 * What is wrong with a layout, and what a loss does to it: of a CLUSTER NODES text, and of a keeper. Needs no server.
 */
#include "check.h"

/* A master and its replica in zone a, a second shard over b and a, a third over c and b. */
static const char LAYOUT[] =
    "0000000000000000000000000000000000000001 10.1.0.1:1@2 myself,master - 0 0 1 connected 0-5460\n"
    "0000000000000000000000000000000000000002 10.2.0.2:1@2 master - 0 0 2 connected 5461-10922\n"
    "0000000000000000000000000000000000000003 10.3.0.3:1@2 master - 0 0 3 connected 10923-16383\n"
    "0000000000000000000000000000000000000011 10.1.1.1:1@2 slave 0000000000000000000000000000000000000001 0 0 1 connected\n"
    "0000000000000000000000000000000000000012 10.1.1.2:1@2 slave 0000000000000000000000000000000000000002 0 0 2 connected\n"
    "0000000000000000000000000000000000000013 10.2.1.3:1@2 slave 0000000000000000000000000000000000000003 0 0 3 connected\n";

static slotkeeper_config *zones(void)
{
    slotkeeper_config *config = slotkeeper_config_new();
    CHECK(slotkeeper_config_set(config, LITERAL("zone.a"), LITERAL("10.1."), NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_config_set(config, LITERAL("zone.b"), LITERAL("10.2."), NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_config_set(config, LITERAL("zone.c"), LITERAL("10.3."), NULL) == SLOTKEEPER_OK);
    return config;
}

/* The audit of the layout; all that it was made of is freed. */
static slotkeeper_audit *audited(void)
{
    slotkeeper_config *config = zones();
    slotkeeper_nodes *nodes = NULL;
    CHECK(slotkeeper_nodes_parse(LITERAL(LAYOUT), &nodes, NULL) == SLOTKEEPER_OK);
    slotkeeper_audit *audit = NULL;
    CHECK(slotkeeper_audit_new(nodes, config, &audit, NULL) == SLOTKEEPER_OK);
    slotkeeper_nodes_free(nodes);
    slotkeeper_config_free(config);
    return audit;
}

static void a_shard_in_one_zone_is_found_with_nodes_slots_and_remedy(void)
{
    slotkeeper_audit *audit = audited();
    slotkeeper_finding_list findings = slotkeeper_audit_findings(audit);
    CHECK(findings.length == 1);
    if (findings.length == 1) {
        const slotkeeper_finding *finding = &findings.data[0];
        CHECK(text_is(finding->rule, "shard-in-one-zone") && finding->severity == SLOTKEEPER_SEVERITY_CRITICAL);
        CHECK(text_contains(finding->sentence, "10.1.0.1:1") && text_contains(finding->sentence, "zone a"));
        CHECK(text_contains(finding->remedy, "CLUSTER REPLICATE"));
        CHECK(finding->nodes.length == 2 && text_is(finding->nodes.data[0], "0000000000000000000000000000000000000001"));
        CHECK(text_is(finding->nodes.data[1], "0000000000000000000000000000000000000011"));
        CHECK(finding->slots.length == 1 && finding->slots.data[0].first == 0 && finding->slots.data[0].last == 5460);
    }
    double compliance = slotkeeper_audit_compliance(audit);
    CHECK(compliance > 0.666 && compliance < 0.667);
    CHECK(slotkeeper_audit_generation(audit) == 0);
    CHECK(slotkeeper_nodes_count(slotkeeper_audit_nodes(audit)) == 6);
    CHECK(text_is(slotkeeper_audit_zone(audit, 0), "a") && text_is(slotkeeper_audit_zone(audit, 5), "b"));
    CHECK(text_is(slotkeeper_audit_zone(audit, 6), ""));
    slotkeeper_audit_free(audit);
}

static void what_a_zone_takes_with_it_is_known_beforehand(void)
{
    slotkeeper_audit *audit = audited();
    slotkeeper_what_if *what_if = NULL;
    CHECK(slotkeeper_what_if_new(audit, LITERAL("zone=a"), 1000, &what_if, NULL) == SLOTKEEPER_OK);
    slotkeeper_outcome_list outcomes = slotkeeper_what_if_outcomes(what_if);
    CHECK(outcomes.length == 1);
    const slotkeeper_outcome *outcome = &outcomes.data[0];
    CHECK(text_is(outcome->lost, "zone a") && outcome->effect == SLOTKEEPER_EFFECT_LOSES_SLOTS);
    CHECK(outcome->dead_nodes == 3 && outcome->living_masters == 2 && outcome->majority == 2);
    CHECK(outcome->lost_slots.length == 1 && outcome->lost_slots.data[0].last == 5460);
    CHECK(outcome->dead_masters.length == 1 && outcome->dead_masters.data[0].master == 0);
    CHECK(outcome->dead_masters.data[0].loss == SLOTKEEPER_LOSS_REPLICAS_DEAD && outcome->dead_masters.data[0].heir_count == 0);
    CHECK(outcome->earliest_ms == 0 && outcome->latest_ms == 0);
    slotkeeper_what_if_free(what_if);

    /* Two at once, by address and by id. */
    CHECK(slotkeeper_what_if_new(audit, LITERAL("10.2.0.2:1, 0000000000000000000000000000000000000013"), 1000, &what_if, NULL)
          == SLOTKEEPER_OK);
    outcomes = slotkeeper_what_if_outcomes(what_if);
    outcome = &outcomes.data[0];
    CHECK(outcomes.length == 1 && outcome->effect == SLOTKEEPER_EFFECT_SURVIVES && outcome->dead_nodes == 2);
    CHECK(outcome->dead_masters.length == 1 && outcome->dead_masters.data[0].heir_count == 1);
    CHECK(outcome->dead_masters.data[0].heirs[0] == 4 && outcome->dead_masters.data[0].loss == SLOTKEEPER_LOSS_NONE);
    CHECK(outcome->earliest_ms == 1500 && outcome->latest_ms == 2700 && outcome->repeated_ms == 0);
    slotkeeper_what_if_free(what_if);

    /* All: three zones, two of them together is a loss of the quorum or not, six nodes; the worst first. */
    CHECK(slotkeeper_what_if_new(audit, NULL, 0, 0, &what_if, NULL) == SLOTKEEPER_OK);
    /* It needs the audit no more. */
    slotkeeper_audit_free(audit);
    outcomes = slotkeeper_what_if_outcomes(what_if);
    CHECK(outcomes.length == 12 && outcomes.data[0].effect == SLOTKEEPER_EFFECT_LOSES_QUORUM);
    for (size_t i = 1; i < outcomes.length; i++)
        CHECK(outcomes.data[i - 1].effect >= outcomes.data[i].effect);
    slotkeeper_what_if_free(what_if);
}

static void names_of_numbers(void)
{
    CHECK(text_is(slotkeeper_effect_name(SLOTKEEPER_EFFECT_SURVIVES), "survives"));
    CHECK(text_is(slotkeeper_effect_name(SLOTKEEPER_EFFECT_LOSES_SLOTS), "loses-slots"));
    CHECK(text_is(slotkeeper_effect_name(SLOTKEEPER_EFFECT_LOSES_QUORUM), "loses-quorum") && text_is(slotkeeper_effect_name(3), ""));
    CHECK(text_is(slotkeeper_loss_reason(SLOTKEEPER_LOSS_NONE), "") && text_is(slotkeeper_loss_reason(5), ""));
    for (uint8_t loss = SLOTKEEPER_LOSS_NO_QUORUM; loss <= SLOTKEEPER_LOSS_REPLICAS_BARRED; loss++)
        CHECK(slotkeeper_loss_reason(loss).length > 0);
}

static void misuse_is_told(void)
{
    slotkeeper_error *error = NULL;
    slotkeeper_audit *audit = audited();
    slotkeeper_what_if *what_if = NULL;
    slotkeeper_code code = slotkeeper_what_if_new(audit, LITERAL("zone=d"), 0, &what_if, &error);
    CHECK(failed(code, SLOTKEEPER_INVALID_ARGUMENT, &error, "no node of the cluster is \"zone=d\"; allowed are "));
    code = slotkeeper_what_if_new(NULL, NULL, 0, 0, &what_if, &error);
    CHECK(failed(code, SLOTKEEPER_INVALID_ARGUMENT, &error, "audit is NULL"));
    code = slotkeeper_audit_new(slotkeeper_audit_nodes(audit), NULL, &audit, &error);
    CHECK(failed(code, SLOTKEEPER_INVALID_ARGUMENT, &error, "config is NULL"));
    code = slotkeeper_keeper_audit(0, &audit, &error);
    CHECK(failed(code, SLOTKEEPER_CLOSED, &error, "not open"));
    CHECK(what_if == NULL && slotkeeper_audit_findings(audit).length == 1);
    slotkeeper_audit_free(audit);
    slotkeeper_audit_free(NULL);
    slotkeeper_what_if_free(NULL);
    CHECK(slotkeeper_audit_findings(NULL).data != NULL && slotkeeper_audit_findings(NULL).length == 0);
    CHECK(slotkeeper_what_if_outcomes(NULL).data != NULL && slotkeeper_what_if_outcomes(NULL).length == 0);
    CHECK(slotkeeper_audit_nodes(NULL) == NULL && slotkeeper_audit_compliance(NULL) == 0);
    CHECK(slotkeeper_event_appeared(NULL).length == 0 && slotkeeper_event_vanished(NULL).length == 0);

    /* All that it tells is somebody who has yet to be met. */
    slotkeeper_nodes *nodes = NULL;
    CHECK(slotkeeper_nodes_parse(LITERAL("0000000000000000000000000000000000000001 10.1.0.1:1@2 handshake - 0 0 0 connected\n"), &nodes, NULL)
          == SLOTKEEPER_OK);
    slotkeeper_config *config = zones();
    code = slotkeeper_audit_new(nodes, config, &audit, &error);
    CHECK(failed(code, SLOTKEEPER_BAD_REPLY, &error, ""));
    slotkeeper_nodes_free(nodes);
    slotkeeper_config_free(config);
}

/* Nobody answers at this address: there is nothing to audit, and nothing that forbids the start. */
static void a_keeper_that_knows_nothing_has_no_audit(void)
{
    slotkeeper_config *config = config_with_seeds("127.3.3.3:1");
    CHECK(slotkeeper_config_set(config, LITERAL("audit.fail-start"), LITERAL("true"), NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_config_set(config, LITERAL("seeds.deadline-ms"), LITERAL("50"), NULL) == SLOTKEEPER_OK);
    slotkeeper_keeper keeper = 0;
    CHECK(slotkeeper_keeper_open(config, &keeper, NULL) == SLOTKEEPER_OK);
    slotkeeper_config_free(config);
    slotkeeper_audit *audit = NULL;
    CHECK(slotkeeper_keeper_audit(keeper, &audit, NULL) == SLOTKEEPER_OK && audit == NULL);
    CHECK(slotkeeper_keeper_close(keeper, NULL) == SLOTKEEPER_OK);
}

int main(void)
{
    a_shard_in_one_zone_is_found_with_nodes_slots_and_remedy();
    what_a_zone_takes_with_it_is_known_beforehand();
    names_of_numbers();
    misuse_is_told();
    a_keeper_that_knows_nothing_has_no_audit();
    return verdict();
}
