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
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import redis.clients.jedis.JedisCluster;

/** Threads that write and read keys without a pause, and count how that went, until it is closed. */
final class Load implements AutoCloseable {

    private static final long HUNG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder succeeded = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    /** When each failed command began, in ns. */
    private final Queue<Long> failedStarts = new ConcurrentLinkedQueue<>();
    /** When each command ended that failed or took longer than {@link #HUNG_NANOS}, in ns. */
    private final Queue<Long> troubleEnds = new ConcurrentLinkedQueue<>();
    /** When each thread's command began, in ns. */
    private final Map<Thread, Long> runningSince = new ConcurrentHashMap<>();
    private final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);
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
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** How many of the failed commands began at or after this {@link System#nanoTime}. */
    long failedSince(long nanos) {
        return failedStarts.stream().filter(start -> start - nanos >= 0).count();
    }

    /** How long after this {@link System#nanoTime} the last command ended that failed or hung, in ms; 0 if none did. */
    long lastTroubleMs(long nanos) {
        return troubleEnds.stream().mapToLong(end -> Math.max(0, end - nanos)).max().orElse(0) / 1_000_000;
    }

    /** How many threads have been at one command for more than a second. */
    long stuck() {
        long now = System.nanoTime();
        return runningSince.values().stream().filter(start -> now - start > TimeUnit.SECONDS.toNanos(1)).count();
    }

    Latencies latencies() {
        return latencies;
    }

    /** Begins to count latencies anew: the first commands are slow until the JVM has warmed up. */
    void forgetLatencies() {
        latencies = new Latencies();
    }

    /** How often each failure came, and how long a command took at most. */
    @Override
    public String toString() {
        return succeeded() + " commands succeeded, " + failed() + " failed, the longest took " + longestNanos.get() / 1_000_000
                + " ms " + new TreeMap<>(failures);
    }

    /** Waits until as many commands more have succeeded. */
    void awaitMore(long count) {
        long goal = succeeded() + count;
        Fixture.await(goal + " commands", () -> succeeded() >= goal);
    }

    /** Waits for the threads, but not for ever: those that hang end some time, when they notice. */
    @Override
    public void close() {
        stopped = true;
        long deadline = System.nanoTime() + Fixture.LIMIT.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run(JedisCluster cluster, List<String> keys) {
        while (!stopped) {
            String key = keys.get(ThreadLocalRandom.current().nextInt(keys.size()));
            long start = System.nanoTime();
            runningSince.put(Thread.currentThread(), start);
            try {
                if (ThreadLocalRandom.current().nextBoolean()) {
                    cluster.set(key, "value of " + key);
                } else {
                    cluster.get(key);
                }
                succeeded.increment();
            } catch (RuntimeException e) {
                String failure = e.getClass().getSimpleName() + ": " + String.valueOf(e.getMessage()).replaceAll("\\d+", "#");
                failures.computeIfAbsent(failure, text -> new LongAdder()).increment();
                failedStarts.add(start);
                troubleEnds.add(System.nanoTime());
            }
            long took = System.nanoTime() - start;
            if (took > HUNG_NANOS) {
                troubleEnds.add(start + took);
            }
            longestNanos.accumulate(took);
            latencies.add(took);
        }
    }
}
