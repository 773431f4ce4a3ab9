package io.slotkeeper.jedis.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.internal.ClusterSlots;
import io.slotkeeper.test.TestCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class ClusterSlotsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void shows_the_owner_first_and_then_the_replicas() {
        assertEquals(Arrays.asList("0-100 10.0.0.1:1 owner", "0-100 10.0.0.2:2 replica", "101-101 10.0.0.2:2 owner"),
                read(entry(0, 100, node("10.0.0.1", 1), node("10.0.0.2", 2)), entry(101, 101, node("10.0.0.2", 2))));
    }

    @Test
    void an_empty_or_missing_host_is_the_one_that_was_asked() {
        assertEquals(Arrays.asList("0-1 asked:1 owner", "2-3 asked:1 owner"),
                read(entry(0, 1, node("", 1)), entry(2, 3, Arrays.asList(null, 1L))));
    }

    @Test
    void a_host_that_the_server_does_not_know_is_left_out() {
        assertEquals(Collections.emptyList(), read(entry(0, 1, node("?", 1))));
    }

    @Test
    void says_of_a_topology_what_a_real_node_says() {
        try (TestCluster servers = TestCluster.start("A/B/C B/C C/A", "--node-timeout", "1000");
                Keeper keeper = Keeper.open(Config.empty().with("seeds", servers.seeds()));
                Jedis node = new Jedis(servers.node("m1").host(), servers.node("m1").port())) {
            keeper.awaitTopology(LIMIT);
            awaitTheSame(node, keeper);

            servers.kill("m0,r1");
            servers.waitFailover("m0", LIMIT);
            servers.waitWhole(LIMIT);
            awaitTheSame(node, keeper);
        }
    }

    /** A node leaves a replica out until it knows its offset, some time after the start. */
    private static void awaitTheSame(Jedis node, Keeper keeper) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!sorted(node.clusterSlots()).equals(sorted(ClusterSlots.of(keeper.refresh(LIMIT))))) {
            assertTrue(System.nanoTime() - deadline < 0, () -> sorted(node.clusterSlots()) + " is not "
                    + sorted(ClusterSlots.of(keeper.topology())));
        }
    }

    private static Set<String> sorted(List<Object> reply) {
        return new TreeSet<>(read(reply.toArray()));
    }

    private static List<String> read(Object... entries) {
        List<String> seen = new ArrayList<>();
        ClusterSlots.read(Arrays.asList(entries), "asked", (first, last, host, port, owns) ->
                seen.add(first + "-" + last + " " + host + ":" + port + (owns ? " owner" : " replica")));
        return seen;
    }

    private static Object entry(long first, long last, Object... nodes) {
        List<Object> entry = new ArrayList<>(Arrays.asList(first, last));
        entry.addAll(Arrays.asList(nodes));
        return entry;
    }

    private static Object node(String host, long port) {
        return Arrays.asList(host.getBytes(StandardCharsets.UTF_8), port, "id".getBytes(StandardCharsets.UTF_8));
    }
}
