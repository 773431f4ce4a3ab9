/*
 * Which of the configured seeds can a client start from?
 *
 *     seed_filter seeds=10.0.0.1:7000,10.0.0.2:7000 [NAME=VALUE ...]
 *
 * Prints a line for each seed, then the list that a client can be given. Fails if nobody is healthy: no seed, and with
 * last-good.file=PATH no node of that file either.
 */
#include "common.h"

int main(int argc, char **argv)
{
    slotkeeper_config *config = configure(argc - 1, argv + 1);
    slotkeeper_seed_report *report = NULL;
    slotkeeper_error *error = NULL;
    check(slotkeeper_config_check_seeds(config, &report, &error), &error);
    slotkeeper_config_free(config);

    for (size_t i = 0; i < slotkeeper_seed_report_count(report); i++) {
        slotkeeper_str seed = slotkeeper_seed_report_seed(report, i);
        slotkeeper_str verdict = slotkeeper_seed_report_verdict(report, i);
        slotkeeper_str detail = slotkeeper_seed_report_detail(report, i);
        double milliseconds = (double)slotkeeper_seed_report_micros(report, i) / 1000.0;
        const char *source = slotkeeper_seed_report_is_from_file(report, i) ? "of the file " : "";
        printf("%-24.*s %-12.*s %8.1f ms  %s%.*s\n", SHOWN(seed), SHOWN(verdict), milliseconds, source, SHOWN(detail));
    }
    slotkeeper_str healthy = slotkeeper_seed_report_healthy(report);
    printf("healthy: %.*s\n", SHOWN(healthy));

    int status = healthy.length > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    slotkeeper_seed_report_free(report);
    return status;
}
