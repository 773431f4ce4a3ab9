/*
 * Prints what a keeper measures of a cluster, as Prometheus reads it, for a page that is served or a file of its node exporter.
 *
 *     metrics seeds=10.0.0.1:7000,10.0.0.2:7000 [NAME=VALUE ...]
 */
#include "common.h"

enum { FIRST_TOPOLOGY_MS = 30000 };

/* A value without the text: the share of the slots that are served. */
static double coverage(const slotkeeper_metrics *metrics)
{
    for (size_t i = 0; i < slotkeeper_metrics_count(metrics); i++) {
        slotkeeper_str name = slotkeeper_metrics_name(metrics, i);
        if (name.length == strlen("redis_slot_coverage") && memcmp(name.data, "redis_slot_coverage", name.length) == 0)
            return slotkeeper_metrics_value(metrics, i);
    }
    return 0;
}

int main(int argc, char **argv)
{
    slotkeeper_config *config = configure(argc - 1, argv + 1);
    slotkeeper_keeper keeper = 0;
    slotkeeper_error *error = NULL;
    check(slotkeeper_keeper_open(config, &keeper, &error), &error);
    slotkeeper_config_free(config);

    /* Metrics can be asked for at any time; before a node has answered they say so. */
    slotkeeper_topology *topology = NULL;
    check(slotkeeper_keeper_topology(keeper, 0, FIRST_TOPOLOGY_MS, &topology, &error), &error);
    slotkeeper_topology_free(topology);

    slotkeeper_metrics *metrics = NULL;
    check(slotkeeper_keeper_metrics(keeper, &metrics, &error), &error);
    slotkeeper_str text = slotkeeper_metrics_text(metrics);
    fwrite(text.data, 1, text.length, stdout);
    if (coverage(metrics) < 1)
        fprintf(stderr, "not all slots are served\n");
    slotkeeper_metrics_free(metrics);
    check(slotkeeper_keeper_close(keeper, &error), &error);
    return EXIT_SUCCESS;
}
