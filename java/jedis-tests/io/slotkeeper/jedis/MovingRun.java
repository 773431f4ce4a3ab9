package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.List;
import redis.clients.jedis.JedisCluster;

/** Slots that move under load, of the benchmark: plain Jedis, then a keeper cluster, each on a cluster of its own, as both ask the nodes. */
final class MovingRun {

    static final String FAILED = "failed";

    private static final int THREADS = 16;
    private static final int SLOTS = 5000;
    static final String TITLE = SLOTS + " slots, " + THREADS + " threads";

    private MovingRun() {}

    static void measure(BenchReport report, String table) throws IOException {
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 5000); JedisCluster plain = Fixture.plain(servers, 5, "m0")) {
            move(servers, plain, report, table, "plain");
        }
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 5000);
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster gated = Fixture.gatedCluster(keeper, Gate.of(Gate.Mode.ON), Fixture.POOL)) {
            move(servers, gated, report, table, "gate");
        }
    }

    private static void move(TestCluster servers, JedisCluster client, BenchReport report, String table, String name) {
        List<String> keys = Fixture.keys(0, SLOTS - 1, 5000);
        keys.forEach(key -> client.set(key, "value"));
        try (NodeWatch watch = new NodeWatch(servers.nodes()); Load load = Load.start(client, THREADS, keys)) {
            load.awaitMore(5000);
            long requests = watch.slotsRequests() + watch.nodesRequests();
            long done = load.succeeded();
            long start = System.nanoTime();
            servers.moveSlots("m0", "m1", 0, SLOTS - 1);
            double seconds = (System.nanoTime() - start) / 1e9;
            requests = watch.slotsRequests() + watch.nodesRequests() - requests;
            done = load.succeeded() - done;
            load.awaitMore(5000);
            report.add(table, TITLE, name, FAILED, load.failed());
            report.add(table, TITLE, name, "took, s", seconds);
            report.add(table, TITLE, name, "commands a second", Math.rint(done / seconds));
            report.add(table, TITLE, name, "topology requests a second", requests / seconds);
            System.out.println("  " + TITLE + ", " + name + ": " + seconds + " s, " + requests + " topology requests; " + load);
        }
    }
}
