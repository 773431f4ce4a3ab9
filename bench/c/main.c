/* The program: its options, and what is measured in which order. */
#include "measure.h"

#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "usage: bench --data FOLDER [--only NAME] [--json FILE] [--quick]\n"
    "             [--loader PROGRAM] [--cluster SEEDS [--pids PID,PID,...]]\n"
    "\n"
    "Measures libslotkeeper as a C program uses it.\n"
    "  --data FOLDER      tests/data of the repository\n"
    "  --only NAME        only what has NAME in its name\n"
    "  --json FILE        writes the results there as well\n"
    "  --quick            a handful of samples: shows that all works, and no speed\n"
    "  --loader PROGRAM   measures the load of the library by this program (bench/c/load.c)\n"
    "  --cluster SEEDS    measures on this running cluster, host:port between commas\n"
    "  --pids PIDS        the processes of these seeds in the same order: some of them are stopped for a while (SIGSTOP)\n";

int main(int argc, char **argv)
{
    bench bench = {0};
    const char *data = NULL, *json = NULL, *loader = NULL, *seeds = NULL, *pids = NULL;
    struct {
        const char *name;
        const char **value;
    } options[] = {{"--data", &data}, {"--only", &bench.only}, {"--json", &json},
                   {"--loader", &loader}, {"--cluster", &seeds}, {"--pids", &pids}};
    for (int i = 1; i < argc; i++) {
        size_t option = 0, count = sizeof options / sizeof *options;
        while (option < count && strcmp(argv[i], options[option].name) != 0)
            option++;
        if (strcmp(argv[i], "--quick") == 0)
            bench.quick = true;
        else if (option < count && i + 1 < argc)
            *options[option].value = argv[++i];
        else
            give_up(argv[i], USAGE);
    }
    if (data == NULL)
        give_up("--data is missing", USAGE);

    if (loader != NULL)
        measure_load(&bench, loader);
    measure_texts(&bench, data);
    measure_keys(&bench);
    measure_topologies(&bench, data);
    if (seeds != NULL) {
        measure_snapshots(&bench, seeds);
        measure_seed_filter(&bench, seeds, pids);
    }
    bench_print(&bench);
    if (json != NULL && !bench_write_json(&bench, json))
        give_up(json, "cannot be written");
    bool empty = bench.count == 0;
    free(bench.results);
    if (empty)
        give_up("--only", "nothing has this in its name");
    return EXIT_SUCCESS;
}
