package io.slotkeeper.jedis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What failovers, lost slots and moving slots cost under load, on real clusters: plain Jedis beside a keeper cluster with a gate, in the same
 * seconds. No test, and not run with the tests: {@code scripts/bench-failover.sh} does.
 *
 * <p>System properties: {@code slotkeeper.bench.runs}, of each case; {@code slotkeeper.bench.parts}, with commas, of {@code few},
 * {@code many} (threads), {@code alone}, {@code incr}, {@code slow}, {@code lost}, {@code moving}; {@code slotkeeper.bench.out}, a file's path without an ending.
 */
class FailoverBench {

    private static final String FAILOVER = "Failover";
    private static final String INCR = "INCR under failover";
    private static final String SLOW = "Failover with a node timeout of 15 s";
    private static final String LOST = "A lost shard";
    private static final String MOVING = "Moving slots";

    private final BenchReport report = new BenchReport();
    private final int runs = Integer.getInteger("slotkeeper.bench.runs", 10);
    private final List<String> parts =
            Arrays.asList(System.getProperty("slotkeeper.bench.parts", "few,many,alone,incr,slow,lost,moving").split(","));

    @Test
    void measure() throws IOException {
        // One of each in turn: what else this machine does is shared out over all.
        for (int run = 0; run < runs; run++) {
            System.out.println("run " + (run + 1) + " of " + runs);
            for (BenchFault fault : BenchFault.values()) {
                measure(fault);
            }
            if (parts.contains("alone")) {
                new FailoverRun(BenchFault.KILLED, 4, Fixture.POOL, report, FAILOVER, alone()).measure(1000, false);
            }
            if (parts.contains("lost")) {
                LostSlotsRun.measure(false, report, LOST);
                LostSlotsRun.measure(true, report, LOST);
            }
            write();
        }
        // These take long, and differ little from run to run.
        for (int run = 0; run < Math.min(runs, 2); run++) {
            if (parts.contains("slow")) {
                new FailoverRun(BenchFault.SILENT, 4, Fixture.POOL, report, SLOW, BenchFault.SILENT.title).measure(15_000, true);
            }
            if (parts.contains("moving")) {
                MovingRun.measure(report, MOVING);
            }
        }
        write();
    }

    /** What there is so far: it takes long, and may be ended before. */
    private void write() throws IOException {
        judge();
        String version = System.getProperty("slotkeeper.jedis");
        Path out = Paths.get(System.getProperty("slotkeeper.bench.out", "target/failover-" + version));
        Files.write(out.resolveSibling(out.getFileName() + ".md"), report.markdown().getBytes(StandardCharsets.UTF_8));
        Files.write(out.resolveSibling(out.getFileName() + ".json"), report.json(version).getBytes(StandardCharsets.UTF_8));
    }

    private void measure(BenchFault fault) throws IOException {
        if (parts.contains("few")) {
            new FailoverRun(fault, 4, Fixture.POOL, report, FAILOVER, few(fault)).measure(1000, true);
        }
        if (parts.contains("many")) {
            new FailoverRun(fault, 64, 8, report, FAILOVER, many(fault)).measure(1000, true);
        }
        if (parts.contains("incr")) {
            CountingRun.measure(fault, report, INCR);
        }
    }

    private void judge() {
        report.forgetFloors();
        for (BenchFault fault : BenchFault.values()) {
            report.atMost(fault == BenchFault.KILLED ? 30 : 5, FAILOVER, few(fault), "gate", FailoverRun.FAILED_BEFORE);
            for (String of : new String[] {few(fault), many(fault)}) {
                report.atMost(0, FAILOVER, of, "gate", FailoverRun.FAILED_AFTER);
                report.atMost(0, FAILOVER, of, "gate", FailoverRun.HUNG_AFTER);
                report.atMost(0, FAILOVER, of, "gate", FailoverRun.PARKED);
                report.medianAtLeast(0.9, FAILOVER, of, "gate", FailoverRun.THROUGHPUT);
                report.atMost(10, FAILOVER, of, "gate", FailoverRun.IDLE);
            }
            report.atMost(0, INCR, fault.title, CountingRun.WITHOUT_REPETITION, CountingRun.DOUBLED);
        }
        report.atMost(20, FAILOVER, alone(), "gate", FailoverRun.REQUESTS);
        for (String of : new String[] {LostSlotsRun.title(false), LostSlotsRun.title(true)}) {
            report.atMost(1, LOST, of, "gate", LostSlotsRun.MEDIAN);
            report.atMost(0, LOST, of, "gate", LostSlotsRun.OTHERS_FAILED);
            report.atMost(200, LOST, of, "gate", LostSlotsRun.GO_ON);
        }
        report.noMore(MOVING, MovingRun.TITLE, "gate", "plain", MovingRun.FAILED);
    }

    private static String few(BenchFault fault) {
        return fault.title + ", 4 threads";
    }

    private static String many(BenchFault fault) {
        return fault.title + ", 64 threads on pools of 8";
    }

    private static String alone() {
        return few(BenchFault.KILLED) + ", gate alone";
    }
}
