package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Health;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/** One failover of the benchmark: clients under load, beside them one of each that was idle; what each notices of it. */
final class FailoverRun {

    static final String FAILED_BEFORE = "failed before";
    static final String HUNG_BEFORE = "hung before";
    static final String FAILED_AFTER = "failed after";
    static final String HUNG_AFTER = "hung after";
    static final String PARKED = "parked";
    static final String THROUGHPUT = "throughput";
    static final String LONGEST = "longest, ms";
    static final String REQUESTS = "topology requests";
    static final String IDLE = "idle client, ms";

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** What ends within this time of the moment when the cluster is whole counts as before it. */
    private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MEASURED = SECOND * 3 / 2;
    /** For so long an idle client's first commands are waited for. */
    private static final long IDLE_LIMIT = 5 * SECOND;
    private static final long CLOSE_LIMIT = 5 * SECOND;

    private final BenchFault fault;
    private final int threads;
    private final int pool;
    private final BenchReport report;
    private final String table;
    private final String of;
    /** Since when topologies are handed over in which all is well, as {@link System#nanoTime}; 0 while it is not. */
    private final AtomicLong known = new AtomicLong();

    /** {@code threads} for each client, which has pools of {@code pool} connections; its row is called {@code of}. */
    FailoverRun(BenchFault fault, int threads, int pool, BenchReport report, String table, String of) {
        this.fault = fault;
        this.threads = threads;
        this.pool = pool;
        this.report = report;
        this.table = table;
        this.of = of;
    }

    /** Starts a cluster with this node timeout, and has it fail over; plain Jedis beside the gate, or the gate alone. */
    void measure(int nodeTimeoutMs, boolean withPlain) throws IOException {
        List<Subject> subjects = new ArrayList<>();
        try (TestCluster servers = Fixture.cluster(BenchFault.LAYOUT, nodeTimeoutMs)) {
            if (!fault.isPossible(servers)) {
                System.out.println(fault.title + ": left out, since packets are dropped by root only");
                return;
            }
            Gate gate = Gate.of(Gate.Mode.ON);
            try (NodeWatch watch = new NodeWatch(fault.spared(servers)); Keeper keeper = Fixture.readyKeeper(servers)) {
                keeper.addHandOver(topology -> {
                    if (topology.health() != Health.OK) {
                        known.set(0);
                    } else {
                        known.compareAndSet(0, System.nanoTime());
                    }
                    return true;
                });
                if (withPlain) {
                    subjects.add(new Subject("plain", Fixture.plain(servers, 5, pool, BenchFault.SPARED),
                            Fixture.plain(servers, 5, pool, BenchFault.SPARED)));
                }
                subjects.add(new Subject("gate", Fixture.gatedCluster(keeper, gate, pool),
                        Fixture.gatedCluster(keeper, Gate.of(Gate.Mode.ON), pool)));
                strike(servers, watch, subjects);
            }
            System.out.println("    " + gate.counters());
        } finally {
            // After the servers: what hangs goes on then.
            for (Subject subject : subjects) {
                subject.close();
            }
        }
    }

    private void strike(TestCluster servers, NodeWatch watch, List<Subject> subjects) {
        subjects.forEach(Subject::start);
        pause(System.nanoTime() + MEASURED);
        subjects.forEach(subject -> subject.before = subject.load.succeeded() - subject.before);
        long slots = watch.slotsRequests();
        long nodes = watch.nodesRequests();

        long blow = System.nanoTime();
        fault.strike(servers);
        long whole = watch.awaitHeirs(fault.heirs(servers), LIMIT);
        pause(whole + SECOND);
        subjects.forEach(subject -> subject.parked = subject.load.stuck(Load.HUNG_NANOS));
        slots = watch.slotsRequests() - slots;
        nodes = watch.nodesRequests() - nodes;
        subjects.forEach(subject -> subject.after = subject.load.succeeded());
        pause(whole + SECOND + MEASURED);
        subjects.forEach(subject -> subject.after = subject.load.succeeded() - subject.after);
        // Let others do what they began, but for what hangs.
        subjects.forEach(subject -> subject.load.stop());
        pause(System.nanoTime() + SECOND / 10);

        System.out.println("  " + of + ": whole " + (whole - blow) / 1_000_000 + " ms after the blow, handed over "
                + (known.get() - whole) / 1_000_000 + " ms after that; CLUSTER SLOTS " + slots + ", CLUSTER NODES " + nodes);
        for (Subject subject : subjects) {
            boolean isAlone = subjects.size() == 1;
            // Plain Jedis asks for the one, the keeper for the other.
            long requests = isAlone ? slots + nodes : subject.name.equals("plain") ? slots : nodes;
            enter(subject, blow, whole + GRACE, requests);
        }
    }

    private void enter(Subject subject, long blow, long cut, long requests) {
        Load load = subject.load;
        long failedAfter = load.failedAfter(cut);
        add(subject, FAILED_BEFORE, load.failed() - failedAfter);
        add(subject, HUNG_BEFORE, load.hungBefore(cut));
        add(subject, FAILED_AFTER, failedAfter);
        add(subject, HUNG_AFTER, load.hungAfter(cut));
        add(subject, PARKED, subject.parked);
        add(subject, THROUGHPUT, (double) subject.after / subject.before);
        add(subject, LONGEST, load.longestTroubleMs());
        add(subject, REQUESTS, requests);
        add(subject, IDLE, subject.firstCommandsMs());
        System.out.println("    " + subject.name + ": " + load + "; " + load.failuresSince(blow));
    }

    private void add(Subject subject, String measure, double value) {
        report.add(table, of, subject.name, measure, value);
    }

    static void pause(long until) {
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    /** A client under load, and its like that is idle. */
    private final class Subject {

        final String name;
        private final JedisCluster busy;
        private final JedisCluster idle;
        /** A key of each master. */
        private final Set<String> firstKeys = new TreeSet<>();
        Load load;
        /** Commands that succeeded in {@link #MEASURED}. */
        long before;
        long after;
        long parked;

        Subject(String name, JedisCluster busy, JedisCluster idle) {
            this.name = name;
            this.busy = busy;
            this.idle = idle;
            int masters = BenchFault.LAYOUT.split(" ").length;
            IntStream.range(0, masters).map(place -> (2 * place + 1) * KeySlot.COUNT / (2 * masters))
                    .forEach(slot -> firstKeys.addAll(Fixture.keys(slot, slot + 100, 1)));
        }

        void start() {
            firstKeys.forEach(idle::get);
            load = Load.start(busy, threads, Fixture.keys(0, KeySlot.COUNT - 1, 2000));
            load.awaitMore(5000);
            before = load.succeeded();
        }

        /** How long the slowest of the idle client's first commands takes, or {@link #IDLE_LIMIT}; a failed one never ends. */
        double firstCommandsMs() {
            AtomicLong slowest = new AtomicLong();
            boolean isOver = isOverWithin(IDLE_LIMIT, () -> {
                for (String key : firstKeys) {
                    long start = System.nanoTime();
                    try {
                        idle.get(key);
                        slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
                    } catch (JedisException e) {
                        System.out.println("    " + name + ", idle: " + e);
                        slowest.set(IDLE_LIMIT);
                    }
                }
            });
            return (isOver ? slowest.get() : IDLE_LIMIT) / 1e6;
        }

        void close() {
            // Its threads end with their connections, if they hang; some sleep first, which nobody need wait for.
            if (load != null) {
                load.stop();
            }
            close(busy);
            close(idle);
        }

        /** Plain Jedis 2 may wait for a connection for ever and hold its lock meanwhile, and then cannot be closed either. */
        private void close(JedisCluster client) {
            boolean isClosed = isOverWithin(CLOSE_LIMIT, () -> {
                try {
                    client.close();
                } catch (Exception e) { // What it throws differs from version to version.
                    throw new IllegalStateException(name + " cannot be closed", e);
                }
            });
            if (!isClosed) {
                System.out.println("    " + name + " hangs for ever, and cannot be closed");
                if (!name.equals("plain")) {
                    throw new AssertionError(name + " cannot be closed");
                }
            }
        }
    }

    /** Does this on a thread of its own, which is left behind if it hangs. */
    private static boolean isOverWithin(long nanos, Runnable work) {
        Thread thread = new Thread(work, "may-hang");
        thread.setDaemon(true);
        thread.start();
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return !thread.isAlive();
    }
}
