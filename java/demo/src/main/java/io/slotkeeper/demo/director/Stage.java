package io.slotkeeper.demo.director;

import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** The real cluster of the demo: five shards over three data centres, and what its own nodes say of it. For one thread. */
final class Stage implements AutoCloseable {
    /** The password of all nodes. */
    static final String PASSWORD = "the-banks-secret";

    /** {@code cluster-node-timeout}: a node that is silent for so long is suspected. */
    static final int NODE_TIMEOUT_MS = 2000;

    /** Where the nodes of each data centre are. */
    static final Map<String, String> ZONES = zones();

    /** Two masters in A; the replica of m0 stands in B, that of m1 in A as well: the leftover of the drill. */
    private static final String LAYOUT = "A/B A/A B/C B/A C/B";

    /** For what a cluster says of itself: it has heard everything by then, or something is wrong. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

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

    /** Waits until all masters say {@code cluster_state:ok}, and tells when: ms since 1970. */
    long awaitOk() {
        return await("cluster_state:ok", () -> allSay(owners(), "cluster_state", "ok"));
    }

    /** Waits until all these masters have given up this many slots, and tells when. */
    long awaitLost(int slots, List<String> masters) {
        return await(slots + " slots lost", () -> allSay(masters, "cluster_slots_fail", Integer.toString(slots)));
    }

    /** Whether all these masters say this in CLUSTER INFO. */
    boolean allSay(List<String> masters, String field, String value) {
        return masters.stream().allMatch(master -> {
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

    /** The masters with slots in a data centre. */
    List<String> masters(String zone) {
        return owners().stream().filter(owner -> cluster.node(owner).zone().equals(zone)).collect(Collectors.toList());
    }

    /** Waits until everything that lives is one whole cluster, all replicas in step. */
    void awaitWhole() {
        cluster.waitWhole(LIMIT);
    }

    /** Types a command at the node of this id; again, while it is refused: the node may not have heard of what was typed before. */
    void type(String id, String command) {
        await(command + " to be taken", () -> command(id, command) != null);
    }

    /** Waits until the node of this id answers all these lines to the command. */
    void awaitAnswer(String id, String command, List<String> lines) {
        await(command + " to show " + lines, () -> Arrays.asList(((String) command(id, command)).split("\r?\n")).containsAll(lines));
    }

    /** What people call the node of this id. */
    String name(String id) {
        return cluster.nodes().stream().filter(node -> node.id().equals(id)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no node has the id " + id)).name();
    }

    /** Each node's state and the end of its log. */
    String describe() {
        return cluster.describe();
    }

    @Override
    public void close() {
        cluster.close();
    }

    private Object command(String id, String command) {
        return cluster.command(name(id), command.split(" "));
    }

    private List<String> owners() {
        return truth().stream().map(range -> (String) range.get("owner")).distinct().collect(Collectors.toList());
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

    private static Map<String, String> zones() {
        Map<String, String> zones = new TreeMap<>();
        zones.put("A", "127.1.0.0/24");
        zones.put("B", "127.2.0.0/24");
        zones.put("C", "127.3.0.0/24");
        return Collections.unmodifiableMap(zones);
    }

    /** A condition that cannot be told, as while the masters do not agree, does not hold yet. */
    private static long await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
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
        throw new IllegalStateException("waited " + LIMIT.getSeconds() + " s for " + what, reason);
    }
}
