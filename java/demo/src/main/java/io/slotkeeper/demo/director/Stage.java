package io.slotkeeper.demo.director;

import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** The real cluster of the demo: five shards over two data centres, and what its own nodes say of it. For one thread. */
final class Stage implements AutoCloseable {
    /** The password of all nodes. */
    static final String PASSWORD = "the-banks-secret";

    /** {@code cluster-node-timeout}: a node that is silent for so long is suspected. */
    static final int NODE_TIMEOUT_MS = 2000;

    /** Two masters in A; the replica of m0 stands in B, that of m1 in A as well: the leftover of the drill. */
    static final String LAYOUT = "A/B A/A B/A B/A B/B";

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TestCluster cluster = TestCluster.start(LAYOUT,
            "--password", PASSWORD, "--full-coverage", "yes", "--node-timeout", Integer.toString(NODE_TIMEOUT_MS));

    /** All nodes as the application has them configured, those of data centre A first. */
    String nodes() {
        List<TestNode> all = new ArrayList<>(cluster.nodes());
        all.sort((one, other) -> one.zone().compareTo(other.zone()));
        return all.stream().map(TestNode::address).collect(Collectors.joining(","));
    }

    /** How many nodes this data centre has. */
    int size(String zone) {
        return (int) cluster.nodes().stream().filter(node -> node.zone().equals(zone)).count();
    }

    /** Freezes data centre A: connections are accepted, nothing answers. */
    void strike() {
        cluster.stop("zone:A");
    }

    /** Data centre A goes on where it was frozen. */
    void revive() {
        cluster.resume("zone:A");
    }

    /** Waits until another node has these slots of {@code master}; its name. */
    String awaitFailover(String master, int[] slots) {
        String[] owner = {master};
        await("another owner of the slots of " + master, () -> {
            owner[0] = ownerOf(slots);
            return !owner[0].equals(master);
        });
        return owner[0];
    }

    /** Waits until all these masters say {@code cluster_state:ok}, and tells when: ms since 1970. */
    long awaitOk(String... masters) {
        return await("cluster_state:ok", () -> allSay(masters, "cluster_state", "ok"));
    }

    /** Waits until all these masters have given up this many slots, and tells when. */
    long awaitLost(int slots, String... masters) {
        return await(slots + " slots lost", () -> allSay(masters, "cluster_slots_fail", Integer.toString(slots)));
    }

    /** Whether all these masters say this in CLUSTER INFO. */
    boolean allSay(String[] masters, String field, String value) {
        return Arrays.stream(masters).allMatch(master -> {
            String info = (String) cluster.command(master, "CLUSTER", "INFO");
            return Arrays.asList(info.split("\r?\n")).contains(field + ":" + value);
        });
    }

    /** The first and the last slot of a master. Each of the demo has one range. */
    int[] slots(String master) {
        return truth().stream()
                .filter(range -> range.get("owner").equals(master))
                .map(range -> new int[] {number(range, "first"), number(range, "last")})
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(master + " has no slots"));
    }

    /** Puts the layout right: m0 and m1 are masters in A again, and every shard has its replica in the other data centre. */
    void putRight() {
        cluster.waitWhole(Duration.ofSeconds(20));
        cluster.failover("m0");
        replicate("r4", "m1");
        replicate("r1", "m4");
        cluster.waitWhole(Duration.ofSeconds(20));
    }

    /** Each node's state and the end of its log. */
    String describe() {
        return cluster.describe();
    }

    @Override
    public void close() {
        cluster.close();
    }

    private String ownerOf(int[] slots) {
        return truth().stream()
                .filter(range -> number(range, "first") <= slots[0] && slots[0] <= number(range, "last"))
                .map(range -> (String) range.get("owner"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nobody owns slot " + slots[0]));
    }

    /** Ranges with {@code first}, {@code last} and {@code owner}, as the majority of masters has them. */
    @SuppressWarnings("unchecked") // So the program's help says.
    private List<Map<String, ?>> truth() {
        return (List<Map<String, ?>>) cluster.ask("truth");
    }

    private static int number(Map<String, ?> range, String name) {
        return ((Long) range.get(name)).intValue();
    }

    private void replicate(String replica, String master) {
        cluster.command(replica, "CLUSTER", "REPLICATE", cluster.node(master).id());
    }

    /** A condition that cannot be told, as while the masters do not agree, does not hold yet. */
    private static long await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        IllegalStateException reason = null;
        do {
            try {
                if (condition.getAsBoolean()) {
                    return System.currentTimeMillis();
                }
            } catch (IllegalStateException untold) {
                reason = untold;
            }
            LockSupport.parkNanos(POLL_NANOS);
        } while (System.nanoTime() < deadline);
        throw new IllegalStateException("waited 20 s for " + what, reason);
    }
}
