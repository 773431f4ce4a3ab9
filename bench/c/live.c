/* What needs processes: the library's load, and a running cluster. */
#define _POSIX_C_SOURCE 200809L
#include "measure.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_THREADS = 8, MAX_NODES = 64, FIRST_TOPOLOGY_MS = 10000 };

/* One load in a process of its own, in ns as the loader tells it. */
static double load_once(const char *loader)
{
    char *const arguments[] = {(char *)loader, NULL};
    char told[64] = "";
    int ends[2], status = 1;
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    if (pipe(ends) != 0 || posix_spawn_file_actions_init(&actions) != 0
        || posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) != 0
        || posix_spawn(&child, loader, &actions, NULL, arguments, environ) != 0)
        give_up(loader, "cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    ssize_t length = read(ends[0], told, sizeof told - 1); /* one line, written at once when the loader ends */
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || status != 0 || length <= 0)
        give_up(loader, "has not loaded the library");
    return strtod(told, NULL);
}

void measure_load(bench *bench, const char *loader)
{
    enum { LOADS = 200, QUICK_LOADS = 3 };
    static const char name[] = "load: dlopen and one call";
    double samples[LOADS];
    size_t count = bench->quick ? QUICK_LOADS : LOADS;
    if (!bench_wants(bench, name))
        return;
    load_once(loader); /* the file is in memory from now on */
    for (size_t i = 0; i < count; i++)
        samples[i] = load_once(loader);
    bench_add(bench, name, samples, count, 1);
}

static slotkeeper_config *config_of(const char *seeds)
{
    slotkeeper_config *config = slotkeeper_config_new();
    slotkeeper_error *error = NULL;
    check(slotkeeper_config_set(config, "seeds", strlen("seeds"), seeds, strlen(seeds), &error), &error);
    return config;
}

static void snapshot(slotkeeper_keeper keeper, size_t times)
{
    for (; times > 0; times--) {
        slotkeeper_topology *topology = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_keeper_topology(keeper, 0, 0, &topology, &error), &error);
        slotkeeper_topology_free(topology);
    }
}

/* One of several threads that take snapshots at once. */
typedef struct reader {
    pthread_t thread;
    pthread_barrier_t *start;
    slotkeeper_keeper keeper;
    double *samples;
    size_t count, batch;
    double began, ended;
} reader;

static void *take_snapshots(void *argument)
{
    reader *reader = argument;
    snapshot(reader->keeper, reader->batch);
    pthread_barrier_wait(reader->start);
    reader->began = now_ns();
    for (size_t i = 0; i < reader->count; i++) {
        double before = now_ns();
        snapshot(reader->keeper, reader->batch);
        reader->samples[i] = (now_ns() - before) / (double)reader->batch;
    }
    reader->ended = now_ns();
    return NULL;
}

static void snapshots_by(bench *bench, slotkeeper_keeper keeper, size_t threads)
{
    enum { SAMPLES = 5000, BATCH = 100, QUICK_SAMPLES = 3 };
    static double samples[MAX_THREADS * SAMPLES];
    reader readers[MAX_THREADS];
    pthread_barrier_t start;
    char name[NAME_SIZE];
    size_t count = bench->quick ? QUICK_SAMPLES : SAMPLES;
    snprintf(name, sizeof name, "snapshot and free: %zu thread%s", threads, threads == 1 ? "" : "s");
    if (!bench_wants(bench, name))
        return;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (size_t i = 0; i < threads; i++) {
        readers[i] = (reader){.start = &start, .keeper = keeper, .samples = samples + i * count, .count = count, .batch = BATCH};
        if (pthread_create(&readers[i].thread, NULL, take_snapshots, &readers[i]) != 0)
            give_up(name, "no thread to be had");
    }
    double began = 0, ended = 0;
    for (size_t i = 0; i < threads; i++) {
        pthread_join(readers[i].thread, NULL);
        began = i == 0 || readers[i].began < began ? readers[i].began : began;
        ended = readers[i].ended > ended ? readers[i].ended : ended;
    }
    pthread_barrier_destroy(&start);
    result *result = bench_add(bench, name, samples, threads * count, BATCH);
    result->per_second = (double)(threads * count * BATCH) / ((ended - began) / 1e9);
}

void measure_snapshots(bench *bench, const char *seeds)
{
    slotkeeper_config *config = config_of(seeds);
    slotkeeper_keeper keeper = 0;
    slotkeeper_topology *topology = NULL;
    slotkeeper_error *error = NULL;
    check(slotkeeper_keeper_open(config, &keeper, &error), &error);
    slotkeeper_config_free(config);
    check(slotkeeper_keeper_topology(keeper, 0, FIRST_TOPOLOGY_MS, &topology, &error), &error);
    if (topology == NULL)
        give_up(seeds, "no node has answered");
    slotkeeper_topology_free(topology);
    for (size_t threads = 1; threads <= MAX_THREADS; threads *= 2)
        snapshots_by(bench, keeper, threads);
    check(slotkeeper_keeper_close(keeper, &error), &error);
}

/* The nodes that are stopped now. Whatever ends this program, they must not stay so. */
static pid_t stopped[MAX_NODES];
static volatile sig_atomic_t stopped_count;

static void resume_all(void)
{
    for (int i = 0; i < stopped_count; i++)
        kill(stopped[i], SIGCONT);
    stopped_count = 0;
}

static void resume_and_end(int number)
{
    resume_all();
    _exit(128 + number);
}

static void stop(pid_t pid)
{
    stopped[stopped_count] = pid;
    stopped_count = stopped_count + 1;
    if (kill(pid, SIGSTOP) != 0)
        give_up("--pids", "a process cannot be stopped");
}

typedef struct seed_check {
    const slotkeeper_config *config;
    size_t dead;
} seed_check;

static void check_seeds(void *subject, size_t times)
{
    const seed_check *seed_check = subject;
    for (; times > 0; times--) {
        slotkeeper_seed_report *report = NULL;
        slotkeeper_error *error = NULL;
        check(slotkeeper_config_check_seeds(seed_check->config, &report, &error), &error);
        size_t dead = 0, count = slotkeeper_seed_report_count(report);
        for (size_t i = 0; i < count; i++) {
            slotkeeper_str verdict = slotkeeper_seed_report_verdict(report, i);
            dead += verdict.length != strlen("healthy") || memcmp(verdict.data, "healthy", verdict.length) != 0;
        }
        slotkeeper_seed_report_free(report);
        if (dead != seed_check->dead)
            give_up("seed filter", "another number of seeds is dead than was stopped");
    }
}

static size_t read_pids(const char *text, pid_t *pids)
{
    size_t count = 0;
    for (const char *next = text; next != NULL && *next != '\0' && count < MAX_NODES; count++) {
        char *end = NULL;
        long pid = strtol(next, &end, 10);
        if (end == next || pid <= 1 || (*end != ',' && *end != '\0'))
            give_up("--pids", "process ids between commas are asked for");
        pids[count] = (pid_t)pid;
        next = *end == ',' ? end + 1 : end;
    }
    return count;
}

void measure_seed_filter(bench *bench, const char *seeds, const char *pids)
{
    static const size_t losses[] = {0, 1, 3};
    pid_t nodes[MAX_NODES];
    size_t known = read_pids(pids, nodes), total = 1;
    for (const char *letter = seeds; *letter != '\0'; letter++)
        total += *letter == ',';
    slotkeeper_config *config = config_of(seeds);
    atexit(resume_all);
    signal(SIGINT, resume_and_end);
    signal(SIGTERM, resume_and_end);
    for (size_t i = 0; i < sizeof losses / sizeof *losses && losses[i] < total && losses[i] <= known; i++) {
        char name[NAME_SIZE];
        seed_check subject = {config, losses[i]};
        snprintf(name, sizeof name, "seed filter: %zu of %zu stopped", losses[i], total);
        if (!bench_wants(bench, name))
            continue;
        for (size_t j = 0; j < losses[i]; j++)
            stop(nodes[j]);
        bench_run(bench, name, check_seeds, &subject);
        resume_all();
    }
    slotkeeper_config_free(config);
}
