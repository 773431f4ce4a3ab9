package io.slotkeeper.jedis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import redis.clients.jedis.JedisCluster;

/** Threads that write and read keys without a pause, and take down how that went, until it is closed. */
final class Load implements AutoCloseable {

    /** A command that takes longer has hung. */
    static final long HUNG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    /** Each command that failed or hung, in the order in which they ended. */
    private final Queue<Trouble> troubles = new ConcurrentLinkedQueue<>();
    private final Map<String, String> texts = new ConcurrentHashMap<>();
    /** When each thread's command began, in ns, while it is at one. */
    private final Map<Thread, Long> runningSince = new ConcurrentHashMap<>();
    private volatile Latencies latencies = new Latencies();
    private volatile boolean stopped;

    private Load() {}

    static Load start(JedisCluster cluster, int threads, List<String> keys) {
        Load load = new Load();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> load.run(cluster, keys), "load-" + i);
            thread.setDaemon(true);
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    long succeeded() {
        return succeeded.sum();
    }

    long failed() {
        return failed.sum();
    }

    /** How many of the failed commands began at or after this {@link System#nanoTime}. */
    long failedSince(long nanos) {
        return failures().filter(trouble -> trouble.start - nanos >= 0).count();
    }

    /** How many of the failed commands ended after this {@link System#nanoTime}. */
    long failedAfter(long nanos) {
        return failures().filter(trouble -> trouble.end - nanos > 0).count();
    }

    /** How many commands hung and ended by this {@link System#nanoTime}. */
    long hungBefore(long nanos) {
        return troubles.stream().filter(trouble -> trouble.hasHung() && trouble.end - nanos <= 0).count();
    }

    /** How many commands hung and ended after this {@link System#nanoTime}, or are hanging still. */
    long hungAfter(long nanos) {
        return troubles.stream().filter(trouble -> trouble.hasHung() && trouble.end - nanos > 0).count() + stuck(HUNG_NANOS);
    }

    /** How long after this {@link System#nanoTime} the last command ended that failed or hung, in ms; 0 if none did. */
    long lastTroubleMs(long nanos) {
        return troubles.stream().mapToLong(trouble -> Math.max(0, trouble.end - nanos)).max().orElse(0) / 1_000_000;
    }

    /** How many threads have been at one command for longer than this. */
    long stuck(long nanos) {
        long now = System.nanoTime();
        return runningSince.values().stream().filter(start -> now - start > nanos).count();
    }

    /** How long a command that failed or hung took at most, in ms, or has been taking; 0 if none did. */
    long longestTroubleMs() {
        long now = System.nanoTime();
        long hanging = runningSince.values().stream().mapToLong(start -> now - start)
                .filter(took -> took > HUNG_NANOS).max().orElse(0);
        return Math.max(hanging, troubles.stream().mapToLong(trouble -> trouble.end - trouble.start).max().orElse(0)) / 1_000_000;
    }

    /** How often each failure came, and when the first and the last one, in ms after this {@link System#nanoTime}. */
    Map<String, String> failuresSince(long nanos) {
        Map<String, long[]> all = new TreeMap<>();
        failures().forEach(trouble -> {
            long ms = (trouble.end - nanos) / 1_000_000;
            long[] sum = all.computeIfAbsent(trouble.failure, text -> new long[] {0, ms, ms});
            sum[0]++;
            sum[1] = Math.min(sum[1], ms);
            sum[2] = Math.max(sum[2], ms);
        });
        Map<String, String> texts = new TreeMap<>();
        all.forEach((failure, sum) -> texts.put(failure, sum[0] + " times, at " + sum[1] + " to " + sum[2] + " ms"));
        return texts;
    }

    Latencies latencies() {
        return latencies;
    }

    /** Begins to count latencies anew: the first commands are slow until the JVM has warmed up. */
    void forgetLatencies() {
        latencies = new Latencies();
    }

    /** How often each failure came, and how long one that failed or hung took at most. */
    @Override
    public String toString() {
        Map<String, Integer> counts = new TreeMap<>();
        failures().forEach(trouble -> counts.merge(trouble.failure, 1, Integer::sum));
        return succeeded() + " commands succeeded, " + failed() + " failed, trouble took " + longestTroubleMs() + " ms at most "
                + counts;
    }

    /** Waits until as many commands more have succeeded. */
    void awaitMore(long count) {
        long goal = succeeded() + count;
        Fixture.await(goal + " commands", () -> succeeded() >= goal);
    }

    /** Has each thread end after the command that it is at. Does not wait for them. */
    void stop() {
        stopped = true;
    }

    /** Waits for the threads, but not for ever: those that hang end some time, when they notice. */
    @Override
    public void close() {
        stop();
        long deadline = System.nanoTime() + Fixture.LIMIT.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Stream<Trouble> failures() {
        return troubles.stream().filter(trouble -> trouble.failure != null);
    }

    private void run(JedisCluster cluster, List<String> keys) {
        while (!stopped) {
            String key = keys.get(ThreadLocalRandom.current().nextInt(keys.size()));
            long start = System.nanoTime();
            runningSince.put(Thread.currentThread(), start);
            RuntimeException failure = null;
            try {
                if (ThreadLocalRandom.current().nextBoolean()) {
                    cluster.set(key, "value of " + key);
                } else {
                    cluster.get(key);
                }
                succeeded.increment();
            } catch (RuntimeException e) {
                failure = e;
            }
            long end = System.nanoTime();
            latencies.add(end - start);
            runningSince.remove(Thread.currentThread());
            if (failure != null) {
                failed.increment();
            }
            if (failure != null || end - start > HUNG_NANOS) {
                troubles.add(new Trouble(start, end, failure == null ? null : text(failure)));
            }
        }
    }

    /** One text for all that differ in numbers only. */
    private String text(RuntimeException failure) {
        String text = failure.getClass().getSimpleName() + ": " + String.valueOf(failure.getMessage()).replaceAll("\\d+", "#");
        return texts.computeIfAbsent(text, same -> same);
    }

    /** A command that failed or hung. Times are those of {@link System#nanoTime}. */
    private static final class Trouble {

        final long start;
        final long end;
        /** Its exception with {@code #} for numbers; null: none. */
        final String failure;

        Trouble(long start, long end, String failure) {
            this.start = start;
            this.end = end;
            this.failure = failure;
        }

        boolean hasHung() {
            return end - start > HUNG_NANOS;
        }
    }
}
