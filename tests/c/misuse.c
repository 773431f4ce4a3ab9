/* NULL, bad texts and stale handles: an error that says what is wrong, or nothing; never a crash. Needs no server. */
#include "check.h"

static void configuration_says_what_is_wrong(void)
{
    slotkeeper_config *config = slotkeeper_config_new();
    slotkeeper_error *error = NULL;
    CHECK(failed(slotkeeper_config_set(NULL, LITERAL("seeds"), LITERAL("a"), &error), SLOTKEEPER_INVALID_ARGUMENT,
                 &error, "config is NULL"));
    CHECK(failed(slotkeeper_config_set(config, NULL, 5, LITERAL("a"), &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "name is NULL"));
    CHECK(failed(slotkeeper_config_set(config, LITERAL("seeds"), NULL, 1, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "value is NULL"));
    CHECK(failed(slotkeeper_config_set(config, LITERAL("seeds"), "a", (size_t)-1, &error),
                 SLOTKEEPER_INVALID_ARGUMENT, &error, "negative"));
    CHECK(failed(slotkeeper_config_set(config, LITERAL("seeds"), LITERAL("a\xff"), &error),
                 SLOTKEEPER_INVALID_ARGUMENT, &error, "value is not UTF-8"));
    CHECK(failed(slotkeeper_config_set(config, LITERAL("sedes"), LITERAL("a"), &error), SLOTKEEPER_UNKNOWN_PROPERTY,
                 &error, "\"sedes\""));
    CHECK(failed(slotkeeper_config_set(config, LITERAL("refresh.interval-ms"), LITERAL("soon"), &error),
                 SLOTKEEPER_INVALID_VALUE, &error, "refresh.interval-ms"));
    /* The error object is optional, and no bytes may be NULL. */
    CHECK(slotkeeper_config_set(config, LITERAL("sedes"), LITERAL("a"), NULL) == SLOTKEEPER_UNKNOWN_PROPERTY);
    CHECK(slotkeeper_config_set(config, LITERAL("seeds"), NULL, 0, NULL) == SLOTKEEPER_OK);
    slotkeeper_config_free(config);
}

static void outputs_are_written_on_success_only(void)
{
    slotkeeper_config *config = slotkeeper_config_new();
    slotkeeper_error *error = NULL;
    slotkeeper_keeper keeper = 42;
    slotkeeper_seed_report *report = NULL;
    CHECK(failed(slotkeeper_keeper_open(config, &keeper, &error), SLOTKEEPER_MISSING_PROPERTY, &error, "seeds"));
    CHECK(keeper == 42);
    CHECK(failed(slotkeeper_config_check_seeds(config, &report, &error), SLOTKEEPER_MISSING_PROPERTY, &error, "seeds"));
    CHECK(report == NULL);
    CHECK(failed(slotkeeper_keeper_open(NULL, &keeper, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "config is NULL"));
    CHECK(failed(slotkeeper_keeper_open(config, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "keeper is NULL"));
    CHECK(failed(slotkeeper_config_check_seeds(config, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "report is NULL"));
    slotkeeper_config_free(config);
}

static void every_call_with_a_handle_that_is_not_open(slotkeeper_keeper keeper)
{
    slotkeeper_error *error = NULL;
    slotkeeper_topology *topology = NULL;
    slotkeeper_event *event = NULL;
    slotkeeper_status *status = NULL;
    slotkeeper_metrics *metrics = NULL;
    const char *part = "not open";
    CHECK(failed(slotkeeper_keeper_topology(keeper, 0, 0, &topology, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_refresh(keeper, 0, &topology, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_refresh_from(keeper, LITERAL("h"), 1, 0, &topology, &error), SLOTKEEPER_CLOSED,
                 &error, part));
    CHECK(failed(slotkeeper_keeper_reset(keeper, 0, &topology, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_notify_failure(keeper, LITERAL("h"), 1, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_next_event(keeper, 0, &event, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_status(keeper, &status, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_metrics(keeper, &metrics, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(failed(slotkeeper_keeper_close(keeper, &error), SLOTKEEPER_CLOSED, &error, part));
    CHECK(slotkeeper_keeper_close(keeper, NULL) == SLOTKEEPER_CLOSED);
    CHECK(topology == NULL && event == NULL && status == NULL && metrics == NULL);
}

static void stale_and_foreign_handles_are_closed(void)
{
    slotkeeper_config *config = config_with_seeds("127.0.0.1:1");
    slotkeeper_keeper first = 0, second = 0;
    CHECK(slotkeeper_keeper_open(config, &first, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_keeper_close(first, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_keeper_open(config, &second, NULL) == SLOTKEEPER_OK);
    slotkeeper_config_free(config);
    CHECK(first != 0 && second != 0 && first != second);

    every_call_with_a_handle_that_is_not_open(0);
    every_call_with_a_handle_that_is_not_open(first);
    every_call_with_a_handle_that_is_not_open(second + 1);
    every_call_with_a_handle_that_is_not_open(UINT64_MAX);

    slotkeeper_error *error = NULL;
    CHECK(failed(slotkeeper_keeper_topology(second, 0, 0, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "NULL"));
    CHECK(failed(slotkeeper_keeper_next_event(second, 0, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "NULL"));
    CHECK(failed(slotkeeper_keeper_status(second, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "NULL"));
    CHECK(failed(slotkeeper_keeper_metrics(second, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "NULL"));
    CHECK(failed(slotkeeper_keeper_refresh_from(second, NULL, 0, 1, 0, NULL, &error), SLOTKEEPER_INVALID_ARGUMENT,
                 &error, "no node's address"));
    CHECK(failed(slotkeeper_keeper_notify_failure(second, LITERAL("h"), 0, &error), SLOTKEEPER_INVALID_ARGUMENT, &error,
                 "no node's address"));
    CHECK(failed(slotkeeper_keeper_refresh(second, 1, NULL, &error), SLOTKEEPER_TIMEOUT, &error, "1 ms"));
    CHECK(slotkeeper_keeper_close(second, NULL) == SLOTKEEPER_OK);
    every_call_with_a_handle_that_is_not_open(second);
}

static void texts_that_are_no_cluster_nodes(void)
{
    slotkeeper_nodes *nodes = NULL;
    slotkeeper_error *error = NULL;
    CHECK(failed(slotkeeper_nodes_parse(NULL, 0, &nodes, &error), SLOTKEEPER_BAD_REPLY, &error, "empty"));
    CHECK(failed(slotkeeper_nodes_parse(LITERAL("rubbish"), &nodes, &error), SLOTKEEPER_BAD_REPLY, &error, "rubbish"));
    CHECK(failed(slotkeeper_nodes_parse(LITERAL("x"), NULL, &error), SLOTKEEPER_INVALID_ARGUMENT, &error, "nodes"));
    CHECK(nodes == NULL);
}

static void getters_have_a_nothing(void)
{
    static const char line[] = "07c37dfeb235213a872192d90877d0cd55635b91 h:1@2 master - 0 0 1 connected 0-5\nrubbish\n";
    slotkeeper_nodes *nodes = NULL;
    CHECK(slotkeeper_nodes_parse(LITERAL(line), &nodes, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_nodes_count(nodes) == 1 && slotkeeper_nodes_problem_count(nodes) == 1);
    CHECK(text_contains(slotkeeper_nodes_problem(nodes, 0), "line 2: "));
    CHECK(text_is(slotkeeper_nodes_host(nodes, 0), "h") && slotkeeper_nodes_port(nodes, 0) == 1);
    CHECK(slotkeeper_nodes_slots(nodes, 0).length == 1 && slotkeeper_nodes_slots(nodes, 0).data[0].last == 5);

    const slotkeeper_nodes *tables[] = {NULL, nodes};
    for (size_t i = 0; i < 2; i++) {
        const slotkeeper_nodes *table = tables[i];
        size_t none = 7;
        CHECK(text_is(slotkeeper_nodes_id(table, none), "") && slotkeeper_nodes_id(table, none).data != NULL);
        CHECK(text_is(slotkeeper_nodes_host(table, none), "") && text_is(slotkeeper_nodes_hostname(table, none), ""));
        CHECK(slotkeeper_nodes_port(table, none) == 0 && slotkeeper_nodes_bus_port(table, none) == 0);
        CHECK(!slotkeeper_nodes_has_bus_port(table, none) && text_is(slotkeeper_nodes_auxiliary(table, none), ""));
        CHECK(slotkeeper_nodes_role(table, none) == SLOTKEEPER_ROLE_NONE && !slotkeeper_nodes_is_linked(table, none));
        CHECK(slotkeeper_nodes_ping_sent(table, none) == 0 && slotkeeper_nodes_pong_received(table, none) == 0);
        CHECK(text_is(slotkeeper_nodes_master_id(table, none), "") && text_is(slotkeeper_nodes_flags(table, none), ""));
        CHECK(!slotkeeper_nodes_is_failed(table, none) && !slotkeeper_nodes_is_suspected(table, none));
        CHECK(!slotkeeper_nodes_is_myself(table, none) && slotkeeper_nodes_config_epoch(table, none) == 0);
        CHECK(slotkeeper_nodes_slots(table, none).length == 0 && slotkeeper_nodes_slots(table, none).data != NULL);
        CHECK(slotkeeper_nodes_moving(table, none).length == 0 && slotkeeper_nodes_moving(table, none).data != NULL);
        CHECK(text_is(slotkeeper_nodes_problem(table, none), ""));
    }
    CHECK(slotkeeper_nodes_count(NULL) == 0 && slotkeeper_nodes_problem_count(NULL) == 0);
    slotkeeper_nodes_free(nodes);

    CHECK(slotkeeper_error_code(NULL) == SLOTKEEPER_OK && text_is(slotkeeper_error_message(NULL), ""));
    CHECK(slotkeeper_seed_report_count(NULL) == 0 && text_is(slotkeeper_seed_report_seed(NULL, 0), ""));
    CHECK(text_is(slotkeeper_seed_report_verdict(NULL, 0), "") && text_is(slotkeeper_seed_report_detail(NULL, 0), ""));
    CHECK(slotkeeper_seed_report_micros(NULL, 0) == 0 && slotkeeper_seed_report_elapsed_micros(NULL) == 0);
    CHECK(text_is(slotkeeper_seed_report_healthy(NULL), "") && !slotkeeper_seed_report_is_from_file(NULL, 0));
    CHECK(slotkeeper_topology_generation(NULL) == 0 && slotkeeper_topology_current_epoch(NULL) == 0);
    CHECK(slotkeeper_topology_health(NULL) == SLOTKEEPER_HEALTH_UNKNOWN && slotkeeper_topology_nodes(NULL) == NULL);
    CHECK(slotkeeper_topology_owners(NULL) == NULL && slotkeeper_topology_states(NULL) == NULL);
    CHECK(slotkeeper_topology_lost_slots(NULL).length == 0);
    CHECK(slotkeeper_topology_trouble(NULL, 0) == SLOTKEEPER_TROUBLE_NONE);
    CHECK(slotkeeper_event_kind(NULL) == SLOTKEEPER_EVENT_NONE && slotkeeper_event_generation(NULL) == 0);
    CHECK(text_is(slotkeeper_event_cause(NULL), "") && slotkeeper_event_change_count(NULL) == 0);
    CHECK(text_is(slotkeeper_event_change(NULL, 0), "") && slotkeeper_event_lost(NULL) == 0);
    CHECK(text_is(slotkeeper_event_level(NULL), "") && text_is(slotkeeper_event_message(NULL), ""));
    CHECK(slotkeeper_status_generation(NULL) == 0 && slotkeeper_status_health(NULL) == SLOTKEEPER_HEALTH_UNKNOWN);
    CHECK(slotkeeper_status_known_nodes(NULL) == 0 && slotkeeper_status_failed_count(NULL) == 0);
    CHECK(text_is(slotkeeper_status_failed_node(NULL, 0), "") && !slotkeeper_status_is_refreshing(NULL));
    CHECK(slotkeeper_status_last_refresh_ms(NULL) == 0 && slotkeeper_status_refresh_interval_ms(NULL) == 0);
    CHECK(slotkeeper_status_rounds(NULL) == 0 && slotkeeper_status_rounds_failed(NULL) == 0);
    CHECK(slotkeeper_status_views_rejected(NULL) == 0 && slotkeeper_status_events_dropped(NULL) == 0);
    CHECK(slotkeeper_key_slot(NULL, 0) == 0 && slotkeeper_key_slot(LITERAL("foo")) == 12182);
}

static void metrics_are_there_before_any_node_has_answered(void)
{
    slotkeeper_config *config = config_with_seeds("127.0.0.1:1");
    slotkeeper_keeper keeper = 0;
    slotkeeper_metrics *metrics = NULL;
    CHECK(slotkeeper_keeper_open(config, &keeper, NULL) == SLOTKEEPER_OK);
    slotkeeper_config_free(config);
    CHECK(slotkeeper_keeper_metrics(keeper, &metrics, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_keeper_close(keeper, NULL) == SLOTKEEPER_OK);
    CHECK(text_is(slotkeeper_metrics_name(metrics, 0), "redis_cluster_health"));
    CHECK(slotkeeper_metrics_value(metrics, 0) == -1 && text_is(slotkeeper_metrics_labels(metrics, 0), ""));
    CHECK(text_is(slotkeeper_metrics_labels(metrics, 2), "zone=\"none\",role=\"master\""));
    CHECK(text_contains(slotkeeper_metrics_text(metrics), "\nredis_cluster_health -1\n"));
    size_t none = slotkeeper_metrics_count(metrics);
    CHECK(none > 50 && text_is(slotkeeper_metrics_name(metrics, none), "") && slotkeeper_metrics_value(metrics, none) == 0);
    CHECK(text_is(slotkeeper_metrics_labels(metrics, none), ""));
    CHECK(slotkeeper_metrics_count(NULL) == 0 && text_is(slotkeeper_metrics_text(NULL), ""));
    CHECK(text_is(slotkeeper_metrics_name(NULL, 0), "") && slotkeeper_metrics_value(NULL, 0) == 0);
    slotkeeper_metrics_free(metrics);
}

static void null_may_be_freed(void)
{
    slotkeeper_config_free(NULL);
    slotkeeper_error_free(NULL);
    slotkeeper_event_free(NULL);
    slotkeeper_metrics_free(NULL);
    slotkeeper_nodes_free(NULL);
    slotkeeper_seed_report_free(NULL);
    slotkeeper_status_free(NULL);
    slotkeeper_topology_free(NULL);
}

static void the_property_table_is_whole(void)
{
    size_t count = slotkeeper_property_count();
    slotkeeper_config *config = slotkeeper_config_new();
    CHECK(count > 0 && slotkeeper_version().length > 0);
    for (size_t i = 0; i < count; i++) {
        slotkeeper_str name = slotkeeper_property_name(i);
        slotkeeper_str value = slotkeeper_property_default(i);
        CHECK(name.length > 0 && slotkeeper_property_type(i).length > 0);
        CHECK(slotkeeper_property_allowed(i).length > 0 && slotkeeper_property_sentence(i).length > 0);
        CHECK(slotkeeper_config_set(config, name.data, name.length, value.data, value.length, NULL) == SLOTKEEPER_OK);
    }
    CHECK(slotkeeper_property_name(count).length == 0 && slotkeeper_property_allowed(count).length == 0);
    slotkeeper_config_free(config);
}

int main(void)
{
    configuration_says_what_is_wrong();
    outputs_are_written_on_success_only();
    stale_and_foreign_handles_are_closed();
    texts_that_are_no_cluster_nodes();
    getters_have_a_nothing();
    metrics_are_there_before_any_node_has_answered();
    null_may_be_freed();
    the_property_table_is_whole();
    return verdict();
}
