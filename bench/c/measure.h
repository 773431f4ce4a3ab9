/* What is measured. */
#ifndef MEASURE_H
#define MEASURE_H

#include "bench.h"

/* Without a network: pure.c. */
void measure_texts(bench *bench, const char *data);
void measure_keys(bench *bench);
void measure_topologies(bench *bench, const char *data);

/* The library's load by the program `loader`, and on a running cluster: live.c. */
void measure_load(bench *bench, const char *loader);
void measure_snapshots(bench *bench, const char *seeds);
void measure_seed_filter(bench *bench, const char *seeds, const char *pids);

#endif
