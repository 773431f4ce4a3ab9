package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One failover of the benchmark under INCR: what came of each, by the answers. Each key is of one thread, so that an answer tells what has
 * become of the commands before it: one that is too high of a repetition, one that is too low of a master that fell before its
 * replica had all. Without repetition no command times out either: what is doubled is the rescue's doing.
 */
final class CountingRun {

    static final String DOUBLED = "doubled";
    static final String WITHOUT_REPETITION = "gate, no repetition";

    private static final int THREADS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private CountingRun() {}

    static void measure(BenchFault fault, BenchReport report, String table) throws IOException {
        List<Counter> counters = new ArrayList<>();
        Map<String, JedisCluster> clients = new LinkedHashMap<>();
        try (TestCluster servers = Fixture.cluster(BenchFault.LAYOUT, 1000)) {
            if (!fault.isPossible(servers)) {
                return;
            }
            Gate unrepeated = Gate.of(Gate.Mode.ON);
            unrepeated.setRescueRetry(false);
            // As long as the other's: by default it is the socket timeout.
            unrepeated.setHold(Duration.ofSeconds(2));
            try (NodeWatch watch = new NodeWatch(fault.spared(servers)); Keeper keeper = Fixture.readyKeeper(servers)) {
                clients.put("plain", Fixture.plain(servers, 5, BenchFault.SPARED));
                clients.put("gate", Fixture.gatedCluster(keeper, Gate.of(Gate.Mode.ON), Fixture.POOL));
                clients.put(WITHOUT_REPETITION, Fixture.patientCluster(keeper, unrepeated));
                // As many keys for each thread in the slots of the two masters that faults hit as in the others.
                clients.forEach((name, client) -> {
                    for (int i = 0; i < THREADS; i++) {
                        List<String> keys = new ArrayList<>();
                        String suffix = ":" + name.replace(" ", "") + i;
                        for (int at : new int[] {1000, 5000, 8000, 15000}) {
                            keys.add("{" + Fixture.keys(at, at + 500, 1).get(0) + "}" + suffix);
                        }
                        counters.add(new Counter(name, client, keys));
                    }
                });
                counters.forEach(Thread::start);
                FailoverRun.pause(System.nanoTime() + SECOND);
                fault.strike(servers);
                long whole = watch.awaitHeirs(fault.heirs(servers), LIMIT);
                FailoverRun.pause(whole + 2 * SECOND);
                counters.forEach(Counter::halt);
                clients.forEach((name, client) -> enter(report, table, fault, name, counters, clients.get("gate")));
            }
        } finally {
            for (JedisCluster client : clients.values()) {
                client.close();
            }
        }
    }

    private static void enter(BenchReport report, String table, BenchFault fault, String name, List<Counter> all, JedisCluster reader) {
        long[] sums = new long[5];
        for (Counter counter : all) {
            if (counter.name.equals(name)) {
                counter.readAll(reader);
                synchronized (counter) {
                    sums[0] += counter.acknowledged;
                    sums[1] += counter.failed;
                    sums[2] += counter.stored;
                    sums[3] += counter.doubled;
                    sums[4] += counter.lost;
                }
            }
        }
        String[] measures = {"acknowledged", "failed", "stored", DOUBLED, "lost with the master"};
        for (int i = 0; i < measures.length; i++) {
            report.add(table, fault.title, name, measures[i], sums[i]);
        }
        System.out.printf("  %s, %s: %d acknowledged, %d failed, %d stored, %d doubled, %d lost%n", fault.title, name, sums[0], sums[1],
                sums[2], sums[3], sums[4]);
    }

    /** A thread that counts in keys of its own. What it has found is guarded by itself. */
    private static final class Counter extends Thread {

        final String name;
        private final JedisCluster client;
        private final List<String> keys;
        /** Of each key, what the last answer said; and how many commands had none since, and may have run. */
        private final long[] values;
        private final long[] unanswered;
        private volatile boolean halted;
        long acknowledged;
        long failed;
        long stored;
        long doubled;
        long lost;

        Counter(String name, JedisCluster client, List<String> keys) {
            super("counter");
            setDaemon(true);
            this.name = name;
            this.client = client;
            this.keys = keys;
            this.values = new long[keys.size()];
            this.unanswered = new long[keys.size()];
        }

        @Override
        public void run() {
            while (!halted) {
                int key = ThreadLocalRandom.current().nextInt(keys.size());
                try {
                    long answer = client.incr(keys.get(key));
                    note(key, answer, true);
                } catch (JedisException e) {
                    noteFailure(key);
                }
            }
        }

        /** Ends it after the command that it is at; the count goes on without that. */
        void halt() {
            halted = true;
        }

        /** Reads what is stored. A command that hangs still counts as unanswered. */
        void readAll(JedisCluster reader) {
            for (int key = 0; key < keys.size(); key++) {
                String value = reader.get(keys.get(key));
                note(key, value == null ? 0 : Long.parseLong(value), false);
                synchronized (this) {
                    stored += values[key];
                }
            }
        }

        private synchronized void note(int key, long answer, boolean isOwn) {
            long expected = values[key] + (isOwn ? 1 : 0);
            // A command that hangs has been sent, too.
            long mayHaveRun = unanswered[key] + (!isOwn && isAlive() ? 1 : 0);
            doubled += Math.max(0, answer - expected - mayHaveRun);
            lost += Math.max(0, expected - answer);
            acknowledged += isOwn ? 1 : 0;
            values[key] = answer;
            unanswered[key] = 0;
        }

        private synchronized void noteFailure(int key) {
            failed++;
            unanswered[key]++;
        }
    }
}
