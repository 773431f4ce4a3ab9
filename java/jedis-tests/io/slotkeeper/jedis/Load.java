package io.slotkeeper.jedis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import redis.clients.jedis.JedisCluster;

/** Threads that write and read keys without a pause, and count how that went, until it is closed. */
final class Load implements AutoCloseable {

    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder succeeded = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    /** When each failed command began, in ns. */
    private final Queue<Long> failedStarts = new ConcurrentLinkedQueue<>();
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

    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(Fixture.LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run(JedisCluster cluster, List<String> keys) {
        while (!stopped) {
            String key = keys.get(ThreadLocalRandom.current().nextInt(keys.size()));
            long start = System.nanoTime();
            try {
                if (ThreadLocalRandom.current().nextBoolean()) {
                    cluster.set(key, "value of " + key);
                } else {
                    cluster.get(key);
                }
                succeeded.increment();
            } catch (RuntimeException e) {
                String failure = e.getClass().getSimpleName() + ": " + e.getMessage();
                failures.computeIfAbsent(failure, text -> new LongAdder()).increment();
                failedStarts.add(start);
            }
            long took = System.nanoTime() - start;
            longestNanos.accumulate(took);
            latencies.add(took);
        }
    }
}
