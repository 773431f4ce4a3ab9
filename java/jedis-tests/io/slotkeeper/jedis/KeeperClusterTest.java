package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeeperClusterTest {

    private TestCluster servers;

    @BeforeEach
    void start() {
        servers = Fixture.cluster("A/B B/C C/A", 1000);
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    void starts_while_a_node_is_dead() {
        servers.kill("m0");
        servers.waitFailover("m0", Fixture.LIMIT);

        try (Keeper keeper = Fixture.readyKeeper(servers); KeeperCluster cluster = Fixture.keeperCluster(keeper, 1)) {
            for (String key : Fixture.keys(0, KeySlot.COUNT - 1, 50)) {
                cluster.set(key, "value");
                assertEquals("value", cluster.get(key));
            }
        }
    }

    /** Why this module exists. */
    @Test
    @EnabledIfSystemProperty(named = "slotkeeper.jedis", matches = "2\\.9\\.0")
    void plain_jedis_does_not_start_from_a_dead_node_and_a_living_one() {
        servers.kill("m0");

        assertThrows(JedisConnectionException.class, () -> Fixture.plain(servers, 5, "m0", "m1"));
    }

    @Test
    void starts_while_the_whole_cluster_is_dead_and_works_once_it_is_back() {
        servers.kill("all");
        long before = System.nanoTime();
        try (Keeper keeper = Fixture.keeper(servers); KeeperCluster cluster = Fixture.keeperCluster(keeper, 5)) {
            long made = (System.nanoTime() - before) / 1_000_000;
            assertTrue(made < 1000, "made within " + made + " ms");
            assertThrows(Family.NO_NODE, () -> cluster.get("key"));

            servers.restart("all");

            for (String key : Fixture.keys(0, KeySlot.COUNT - 1, 20)) {
                Fixture.await("the cluster takes " + key, () -> Fixture.works(cluster, key));
            }
        }
    }

    @Test
    void after_a_failover_commands_need_no_second_attempt() throws IOException {
        List<String> keys = Fixture.keys(0, 5000, 20);
        try (Keeper keeper = Fixture.readyKeeper(servers);
                KeeperCluster cluster = Fixture.keeperCluster(keeper, 1);
                JedisCluster plain = Fixture.plain(servers, 1, "m1")) {
            AtomicLong announced = new AtomicLong();
            keeper.addListener(event -> announced.set(event.generation()));
            keys.forEach(key -> cluster.set(key, "value"));
            servers.kill("m0");
            String heir = servers.node(servers.waitFailover("m0", Fixture.LIMIT)).address();
            long generation = keeper.refresh(Fixture.LIMIT).generation();
            Fixture.await("listeners are told, which comes after the hand-over", () -> announced.get() >= generation);
            assertEquals(heir, keeper.slotMap().ownerOf(keys.get(0)).address());

            keys.forEach(key -> assertEquals("value", cluster.get(key)));
            assertThrows(JedisException.class, () -> plain.get(keys.get(0)));
        }
    }

    @Test
    void a_moved_slot_is_found_at_the_second_attempt_within_200_ms() {
        try (Keeper keeper = Fixture.readyKeeper(servers); KeeperCluster cluster = Fixture.keeperCluster(keeper, 2)) {
            for (int slot = 0; slot < 20; slot++) {
                String key = Fixture.keys(slot, slot, 1).get(0);
                cluster.set(key, "value");
                // Before it, since a pulse may see the move before the command does.
                long generation = keeper.topology().generation();
                servers.moveSlots("m0", "m1", slot, slot);

                long start = System.nanoTime();
                assertEquals("value", cluster.get(key));
                long took = (System.nanoTime() - start) / 1000;

                System.out.println("MOVED, slot " + slot + ": right answer after " + took + " µs");
                assertTrue(took < 200_000, "took " + took + " µs");
                assertTrue(keeper.topology().generation() > generation);
                assertEquals(servers.node("m1").address(), keeper.slotMap().ownerOf(slot).address());
            }
        }
    }

    @Test
    void follows_the_cluster_by_itself_when_the_keeper_is_closed() {
        Keeper keeper = Fixture.readyKeeper(servers);
        try (KeeperCluster cluster = Fixture.keeperCluster(keeper, 5)) {
            String key = Fixture.keys(0, 5000, 1).get(0);
            cluster.set(key, "value");
            keeper.close();

            servers.failover("r0");
            assertEquals("value", cluster.get(key));

            servers.kill("r0");
            servers.waitFailover("r0", Fixture.LIMIT);
            Fixture.await("the master's return is found", () -> Fixture.works(cluster, key));
        }
    }

    @Test
    void names_all_nodes_as_plain_jedis_does() {
        try (Keeper keeper = Fixture.readyKeeper(servers); KeeperCluster cluster = Fixture.keeperCluster(keeper, 1)) {
            Set<String> named = cluster.getClusterNodes().keySet();
            assertEquals(servers.nodes().size(), named.size());
            // CLUSTER SLOTS leaves a replica out until its offset is known, some time after the start.
            Fixture.await("plain Jedis names " + named, () -> named.equals(namedByPlainJedis()));
        }
    }

    private Set<String> namedByPlainJedis() {
        try (JedisCluster plain = Fixture.plain(servers, 1, "m0")) {
            return plain.getClusterNodes().keySet();
        } catch (Exception e) { // Only closing may throw, and only up to Jedis 3.
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_closed_cluster_says_so_and_keeps_no_connection() {
        try (Keeper keeper = Fixture.readyKeeper(servers)) {
            KeeperCluster cluster = Fixture.keeperCluster(keeper, 1);
            Fixture.keys(0, KeySlot.COUNT - 1, 50).forEach(key -> cluster.set(key, "value"));
            assertFalse(Connections.of(servers, "m0").isEmpty());

            cluster.close();
            cluster.close();

            assertThrows(Family.NO_NODE, () -> cluster.get("key"));
            Fixture.await("no connection is left", () -> Connections.of(servers, "m0").isEmpty());
            assertFalse(keeper.isClosed());
        }
    }
}
