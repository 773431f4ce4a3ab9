package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class AttachTest {

    private TestCluster servers;
    private Keeper keeper;

    @BeforeEach
    void start() {
        servers = Fixture.cluster("A/B B/C C/A", 1000);
        keeper = Fixture.readyKeeper(servers);
    }

    @AfterEach
    void stop() {
        keeper.close();
        servers.close();
    }

    @Test
    void after_a_failover_commands_need_no_second_attempt() throws IOException {
        List<String> keys = Fixture.keys(0, 5000, 20);
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m1");
                JedisCluster plain = Fixture.plain(servers, 1, "m1");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            keys.forEach(key -> cluster.set(key, "value"));
            servers.kill("m0");
            String heir = servers.node(servers.waitFailover("m0", Fixture.LIMIT)).address();
            keeper.refresh(Fixture.LIMIT);
            Fixture.await("the heir's slots are handed over", () -> Family.ownerOf(cluster, 0).equals(heir));

            keys.forEach(key -> assertEquals("value", cluster.get(key)));
            assertThrows(JedisException.class, () -> plain.get(keys.get(0)));
        }
    }

    @Test
    void a_moved_slot_is_found_at_the_second_attempt() throws IOException {
        try (JedisCluster cluster = Fixture.plain(servers, 2, "m0");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            for (int slot = 0; slot < 20; slot++) {
                String key = Fixture.keys(slot, slot, 1).get(0);
                cluster.set(key, "value");
                servers.moveSlots("m0", "m1", slot, slot);
                assertEquals("value", cluster.get(key));
                // From Jedis 4 on the map of who said MOVED may be newer than the one that the keeper has just handed over.
                int moved = slot;
                String owner = servers.node("m1").address();
                Fixture.await("the slot is known to have moved", () -> Family.ownerOf(cluster, moved).equals(owner));
            }
        }
    }

    @Test
    void a_closed_keeper_leaves_plain_jedis() throws IOException {
        try (JedisCluster cluster = Fixture.plain(servers, 5, "m0");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            String key = Fixture.keys(0, 5000, 1).get(0);
            cluster.set(key, "value");
            keeper.close();
            servers.failover("r0");

            assertEquals("value", cluster.get(key));
        }
    }

    @Test
    void a_cluster_that_is_closed_while_attached_stays_closed() throws IOException {
        JedisCluster cluster = Fixture.plain(servers, 1, "m0");
        try (Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            cluster.close();
            servers.moveSlots("m0", "m1", 8, 8);
            keeper.refresh(Fixture.LIMIT);

            assertTrue(cluster.getClusterNodes().isEmpty());
        }
    }

    @Test
    void a_cluster_is_attached_once() throws IOException {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0");
                KeeperCluster keeperCluster = Fixture.keeperCluster(keeper, 1);
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            assertThrows(IllegalStateException.class, () -> JedisAttach.attach(keeper, cluster));
            assertThrows(IllegalStateException.class, () -> JedisAttach.attach(keeper, keeperCluster));
            assertTrue(Fixture.works(cluster, "key"));
        }
    }
}
