package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import redis.clients.jedis.JedisCluster;

/** A master without a replica falls silent, and comes back, of the benchmark: what commands for its slots and the others notice. */
final class LostSlotsRun {

    static final String MEDIAN = "lost slots: median, ms";
    static final String OTHERS_FAILED = "other slots: failed";
    static final String GO_ON = "go on after, ms";

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private LostSlotsRun() {}

    static String title(boolean fullCoverage) {
        return fullCoverage ? "full coverage required" : "full coverage not required";
    }

    /** Where other slots are served without the lost ones, or are not. */
    static void measure(boolean fullCoverage, BenchReport report, String table) throws IOException {
        String of = title(fullCoverage);
        try (TestCluster servers = fullCoverage ? Fixture.cluster("A B C", 1000) : Fixture.uncovered();
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster cluster = Fixture.gatedCluster(keeper, Gate.of(Gate.Mode.ON), Fixture.POOL)) {
            List<TestNode> spared = servers.nodes().stream().filter(node -> !node.name().equals("m0")).collect(Collectors.toList());
            try (NodeWatch watch = new NodeWatch(spared);
                    Load lost = Load.start(cluster, 1, Fixture.keys(0, 5000, 200));
                    Load others = Load.start(cluster, 1, Fixture.keys(6000, 16383, 200))) {
                lost.awaitMore(500);
                others.awaitMore(500);
                long blow = System.nanoTime();
                servers.stop("m0");
                FailoverRun.pause(blow + 3 * SECOND);
                lost.forgetLatencies();
                long failedBefore = others.failedAfter(blow);
                FailoverRun.pause(blow + 6 * SECOND);
                long failed = others.failedAfter(blow) - failedBefore;
                double median = lost.latencies().micros(0.5) / 1e3;
                servers.resume("m0");
                long whole = watch.awaitWhole(Duration.ofSeconds(30));
                FailoverRun.pause(whole + SECOND);
                report.add(table, of, "gate", MEDIAN, median);
                if (!fullCoverage) {
                    report.add(table, of, "gate", OTHERS_FAILED, failed);
                }
                report.add(table, of, "gate", GO_ON, Math.max(lost.lastTroubleMs(whole), others.lastTroubleMs(whole)));
                System.out.println("  " + of + ": " + lost.failuresSince(whole));
            }
        }
    }
}
