package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;

/** New maps while commands run: 200 real generations, made by moving a slot that no command is for to and fro. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class HandOverTest {

    private static final int HAND_OVERS = 200;
    private static final int THREADS = 8;
    /** A slot of m0; the commands are for slots of all masters, but not for this one. */
    private static final int MOVING = 5000;

    @Test
    void hand_overs_cost_a_keeper_cluster_no_command_and_no_connection() throws IOException {
        try (TestCluster servers = Fixture.cluster("A B C", 5000);
                Keeper keeper = Fixture.readyKeeper(servers);
                KeeperCluster cluster = Fixture.keeperCluster(keeper, 1)) {
            handOverUnderLoad("keeper cluster", servers, keeper, cluster);
        }
    }

    @Test
    void hand_overs_cost_an_attached_cluster_no_command_and_no_connection() throws IOException {
        try (TestCluster servers = Fixture.cluster("A B C", 5000);
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster cluster = Fixture.plain(servers, 1, "m0");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            handOverUnderLoad("attached", servers, keeper, cluster);
        }
    }

    private static void handOverUnderLoad(String what, TestCluster servers, Keeper keeper, JedisCluster cluster) {
        // As many as the load may need: any later connection is due to a hand-over.
        Family.fillPools(cluster, THREADS);
        Set<String> connections = Connections.of(servers);
        assertEquals(3 * THREADS, connections.size());
        List<String> keys = new ArrayList<>(Fixture.keys(0, MOVING - 1, 500));
        keys.addAll(Fixture.keys(MOVING + 1, 16383, 1000));
        long firstGeneration = keeper.topology().generation();
        long start = System.nanoTime();
        Load load = Load.start(cluster, THREADS, keys);
        try (Load running = load) {
            running.awaitMore(1000);
            for (int i = 0; i < HAND_OVERS; i++) {
                long before = keeper.topology().generation();
                giveSlotTo(servers, i % 2 == 0 ? "m1" : "m0");
                Fixture.await("the keeper sees the move", () -> keeper.refresh(Fixture.LIMIT).generation() > before);
            }
            running.awaitMore(1000);
        }
        long handOvers = keeper.topology().generation() - firstGeneration;
        System.out.println(what + ": " + handOvers + " hand-overs under " + THREADS + " threads in "
                + (System.nanoTime() - start) / 1_000_000 + " ms: " + load);
        assertTrue(handOvers >= HAND_OVERS);
        assertEquals(0, load.failed(), load.toString());
        assertEquals(connections, Connections.of(servers));
    }

    private static void giveSlotTo(TestCluster servers, String owner) {
        String id = servers.node(owner).id();
        servers.command(owner, "CLUSTER", "SETSLOT", String.valueOf(MOVING), "NODE", id);
        for (String node : new String[] {"m0", "m1", "m2"}) {
            servers.command(node, "CLUSTER", "SETSLOT", String.valueOf(MOVING), "NODE", id);
        }
    }
}
