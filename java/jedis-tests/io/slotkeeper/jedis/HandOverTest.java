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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;

/** New maps while commands run: real generations, made by moving a slot that no command is for to and fro. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class HandOverTest {

    /** An even number, after which the slot is back; {@code make test-jedis} makes more. */
    private static final int HAND_OVERS = Integer.getInteger("slotkeeper.test.hand-overs", 50);
    private static final int THREADS = 8;
    /** A slot of m0; the commands are for slots of all masters, but not for this one. */
    private static final int MOVING = 5000;

    private static TestCluster servers;
    private static Keeper keeper;
    /** The same without a hand-over: what the latencies are to be compared with. */
    private static Load without;

    @BeforeAll
    static void moves_with_plain_jedis() throws IOException {
        servers = Fixture.cluster("A B C", 5000);
        keeper = Fixture.readyKeeper(servers);
        try (JedisCluster plain = Fixture.plain(servers, 1, "m0")) {
            Family.fillPools(plain, THREADS);
            without = movesUnderLoad(plain);
        }
    }

    @AfterAll
    static void end() {
        keeper.close();
        servers.close();
    }

    @BeforeEach
    void the_connections_of_the_one_before_are_gone() {
        Fixture.await("no connection", () -> Connections.of(servers).isEmpty());
    }

    @Test
    void hand_overs_cost_a_keeper_cluster_no_command_and_no_connection() {
        try (KeeperCluster cluster = Fixture.keeperCluster(keeper, 1)) {
            handOverUnderLoad("keeper cluster", cluster);
        }
    }

    @Test
    void hand_overs_cost_an_attached_cluster_no_command_and_no_connection() throws IOException {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            handOverUnderLoad("attached", cluster);
        }
    }

    private static void handOverUnderLoad(String what, JedisCluster cluster) {
        // As many as the load may need: any later connection is due to a hand-over.
        Family.fillPools(cluster, THREADS);
        Set<String> connections = Connections.of(servers);
        assertEquals(3 * THREADS, connections.size());
        long firstGeneration = keeper.topology().generation();
        Load load = movesUnderLoad(cluster);
        long handOvers = keeper.topology().generation() - firstGeneration;
        System.out.println(what + ": " + handOvers + " hand-overs under " + THREADS + " threads: " + load);
        System.out.println("  99.9 % of the commands within " + load.latencies().micros(0.999) + " µs, of those of plain Jedis "
                + "without hand-overs within " + without.latencies().micros(0.999) + " µs");
        assertTrue(handOvers >= HAND_OVERS);
        assertEquals(0, load.failed(), load.toString());
        assertEquals(connections, Connections.of(servers));
    }

    private static Load movesUnderLoad(JedisCluster cluster) {
        List<String> keys = new ArrayList<>(Fixture.keys(0, MOVING - 1, 500));
        keys.addAll(Fixture.keys(MOVING + 1, 16383, 1000));
        Load load = Load.start(cluster, THREADS, keys);
        try (Load running = load) {
            running.awaitMore(20_000);
            running.forgetLatencies();
            for (int i = 0; i < HAND_OVERS; i++) {
                long before = keeper.topology().generation();
                giveSlotTo(i % 2 == 0 ? "m1" : "m0");
                Fixture.await("the keeper sees the move", () -> keeper.refresh(Fixture.LIMIT).generation() > before);
            }
            running.awaitMore(1000);
        }
        return load;
    }

    private static void giveSlotTo(String owner) {
        String id = servers.node(owner).id();
        servers.command(owner, "CLUSTER", "SETSLOT", String.valueOf(MOVING), "NODE", id);
        for (String node : new String[] {"m0", "m1", "m2"}) {
            servers.command(node, "CLUSTER", "SETSLOT", String.valueOf(MOVING), "NODE", id);
        }
    }
}
