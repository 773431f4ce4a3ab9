/* The harness: samples, table and JSON. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MIN_SAMPLES = 30, MAX_SAMPLES = 20000, QUICK_SAMPLES = 3 };

static const double WARM_UP_NS = 2e8, MEASURE_NS = 1e9, SAMPLE_NS = 2e4;

volatile size_t sink;

double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

void check(slotkeeper_code code, slotkeeper_error **error)
{
    if (code == SLOTKEEPER_OK)
        return;
    slotkeeper_str message = slotkeeper_error_message(*error);
    fprintf(stderr, "error %d: %.*s\n", (int)code, (int)message.length, message.data);
    exit(EXIT_FAILURE);
}

bool bench_wants(const bench *bench, const char *name)
{
    return bench->only == NULL || strstr(name, bench->only) != NULL;
}

/* Runs until caches and branch predictors have settled; the calls that take as long as a sample should. */
static size_t warm_up(const bench *bench, work body, void *subject)
{
    double start = now_ns(), took = 0;
    size_t times = 1;
    body(subject, times);
    if (bench->quick)
        return times;
    while (now_ns() - start < WARM_UP_NS) {
        double before = now_ns();
        body(subject, times);
        took = now_ns() - before;
        if (took < SAMPLE_NS)
            times *= 2;
    }
    return took > 2 * SAMPLE_NS && times > 1 ? times / 2 : times;
}

void bench_run(bench *bench, const char *name, work body, void *subject)
{
    contender contender = {.body = body};
    snprintf(contender.name, sizeof contender.name, "%s", name);
    bench_run_in_turns(bench, &contender, 1, subject);
}

void bench_run_in_turns(bench *bench, const contender *contenders, size_t count, void *subject)
{
    static double samples[MAX_CONTENDERS][MAX_SAMPLES];
    size_t batches[MAX_CONTENDERS], rounds = 0, least = bench->quick ? QUICK_SAMPLES : MIN_SAMPLES;
    bool wanted = false;
    for (size_t i = 0; i < count; i++)
        wanted = wanted || bench_wants(bench, contenders[i].name);
    if (!wanted || count > MAX_CONTENDERS)
        return;
    for (size_t i = 0; i < count; i++)
        batches[i] = warm_up(bench, contenders[i].body, subject);
    double end = bench->quick ? 0 : now_ns() + MEASURE_NS * (double)count;
    while (rounds < least || (rounds < MAX_SAMPLES && now_ns() < end)) {
        for (size_t i = 0; i < count; i++) {
            double before = now_ns();
            contenders[i].body(subject, batches[i]);
            samples[i][rounds] = (now_ns() - before) / (double)batches[i];
        }
        rounds++;
    }
    double floor = 0;
    for (size_t i = 0; i < count; i++) {
        result *result = bench_add(bench, contenders[i].name, samples[i], rounds, batches[i]);
        result->floor_ns = floor;
        floor = i == 0 ? result->median_ns : floor;
    }
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

result *bench_add(bench *bench, const char *name, double *samples, size_t count, size_t batch)
{
    result *grown = realloc(bench->results, (bench->count + 1) * sizeof *grown);
    if (grown == NULL)
        give_up(name, "no memory");
    bench->results = grown;
    result *result = &grown[bench->count++];
    qsort(samples, count, sizeof *samples, by_size);
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", name);
    result->median_ns = samples[count / 2];
    result->p99_ns = samples[count * 99 / 100];
    result->fastest_ns = samples[0];
    result->samples = count;
    result->batch = batch;
    fprintf(stderr, "measured %s\n", name);
    return result;
}

void bench_print(const bench *bench)
{
    printf("\n%-52s %12s %12s %12s %9s  %s\n", "us", "median", "99 %", "fastest", "samples", "");
    for (size_t i = 0; i < bench->count; i++) {
        const result *result = &bench->results[i];
        printf("%-52s %12.4f %12.4f %12.4f %9zu", result->name, result->median_ns / 1e3, result->p99_ns / 1e3,
               result->fastest_ns / 1e3, result->samples);
        if (result->floor_ns > 0)
            printf("  %.2f times the floor", result->median_ns / result->floor_ns);
        if (result->per_second > 0)
            printf("  %.1f million a second", result->per_second / 1e6);
        printf("\n");
    }
}

bool bench_write_json(const bench *bench, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    slotkeeper_str version = slotkeeper_version();
    /* Names are of this harness: nothing in them needs an escape. */
    fprintf(file, "{\"version\":\"%.*s\",\"results\":[", (int)version.length, version.data);
    for (size_t i = 0; i < bench->count; i++) {
        const result *result = &bench->results[i];
        fprintf(file, "%s\n{\"name\":\"%s\",\"median_ns\":%.3f,\"p99_ns\":%.3f,\"fastest_ns\":%.3f,\"samples\":%zu,\"batch\":%zu",
                i == 0 ? "" : ",", result->name, result->median_ns, result->p99_ns, result->fastest_ns, result->samples,
                result->batch);
        if (result->floor_ns > 0)
            fprintf(file, ",\"floor_ns\":%.3f,\"times_floor\":%.3f", result->floor_ns, result->median_ns / result->floor_ns);
        if (result->per_second > 0)
            fprintf(file, ",\"per_second\":%.0f", result->per_second);
        fprintf(file, "}");
    }
    fprintf(file, "\n]}\n");
    return fclose(file) == 0;
}
