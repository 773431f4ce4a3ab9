/*
 * What the measurements share: warming up, samples, median and 99th percentile, the table and the JSON.
 *
 * A sample is the mean of a batch of calls, as many as take 20 us, so that the clock itself does not count; one call where that
 * takes longer. A 99th percentile is of these samples.
 */
#ifndef BENCH_H
#define BENCH_H

#include <slotkeeper.h>

#include <stdbool.h>
#include <stddef.h>

/* Room for a name. */
enum { NAME_SIZE = 96 };

/* What was measured. */
typedef struct result {
    char name[NAME_SIZE];
    double median_ns;
    double p99_ns;
    double fastest_ns;
    size_t samples;
    size_t batch;
    double floor_ns;   /* of a loop that looks once at each byte of the same text; 0: there is none */
    double per_second; /* calls of all threads together; 0: one thread */
} result;

/* All measurements of a run. */
typedef struct bench {
    const char *only; /* part of the names to be measured; NULL: all */
    bool quick;       /* a handful of samples: to see that everything works, and nothing else */
    result *results;
    size_t count;
} bench;

/* Does the work so many times. */
typedef void (*work)(void *subject, size_t times);

/* Whether this is to be measured. */
bool bench_wants(const bench *bench, const char *name);

/* One of several that are measured together. */
typedef struct contender {
    char name[NAME_SIZE];
    work body;
} contender;

enum { MAX_CONTENDERS = 4 };

/* Measures, if it is wanted. */
void bench_run(bench *bench, const char *name, work body, void *subject);

/* Measures several in turns, a sample of each, so that what else the machine does meets all alike; if one of them is wanted. The
 * first is the floor of the others. At most MAX_CONTENDERS. */
void bench_run_in_turns(bench *bench, const contender *contenders, size_t count, void *subject);

/* Adds what was measured elsewhere; sorts `samples`, which are in ns. The result is valid until the next one is added. */
result *bench_add(bench *bench, const char *name, double *samples, size_t count, size_t batch);

void bench_print(const bench *bench);

/* Writes the results as JSON; false if the file cannot be written. */
bool bench_write_json(const bench *bench, const char *path);

/* The clock, in ns; never goes back. */
double now_ns(void);

/* Ends the program with a message. */
_Noreturn void give_up(const char *what, const char *why);

/* Ends the program unless the call went well. */
void check(slotkeeper_code code, slotkeeper_error **error);

/* What measured loops leave behind, so that the compiler cannot leave them out. */
extern volatile size_t sink;

#endif
