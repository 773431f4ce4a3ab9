package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import redis.clients.jedis.ClientProvider;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.providers.PooledConnectionProvider;

/** What an attachment has to do with the caches of Jedis 4 and later. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class AttachedClientTest {

    private TestCluster servers;
    private Keeper keeper;

    @BeforeEach
    void start() {
        servers = TestCluster.start("A/B B/C C/A", "--password", Fixture.PASSWORD, "--full-coverage", "no");
        keeper = Fixture.readyKeeper(servers);
    }

    @AfterEach
    void stop() {
        keeper.close();
        servers.close();
    }

    @Test
    void a_map_that_jedis_drops_is_given_again_until_it_takes_it() throws Exception {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0")) {
            ClusterConnectionProvider own = (ClusterConnectionProvider) ClientProvider.of(cluster);
            StaleNode stale = new StaleNode(servers.node("m2"));
            AtomicLong announced = new AtomicLong();
            keeper.addListener(event -> announced.set(event.generation()));
            try (Attachment attachment = JedisAttach.attach(keeper, cluster)) {
                Thread renewal = new Thread(() -> own.renewSlotCache(stale), "a renewal of Jedis's own");
                renewal.start();
                assertTrue(stale.asked.await(Fixture.LIMIT.toMillis(), TimeUnit.MILLISECONDS));

                servers.moveSlots("m0", "m1", 7, 7);
                long generation = keeper.refresh(Fixture.LIMIT).generation();
                // Jedis drops what is pushed until the slow node has answered, with a map that was never right.
                Fixture.await("a hand-over was tried", () -> announced.get() >= generation);
                stale.answer.countDown();
                renewal.join(Fixture.LIMIT.toMillis());

                Fixture.await("the keeper's map is in place", () -> Family.ownerOf(cluster, 7).equals(servers.node("m1").address()));
            }
        }
    }

    /** As when a seed that is cut off from the others is asked: nothing changes that the keeper does not know. */
    @Test
    void a_map_that_jedis_overwrites_is_given_again() {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0"); Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            StaleNode stale = new StaleNode(servers.node("m2"));
            stale.answer.countDown();
            ((ClusterConnectionProvider) ClientProvider.of(cluster)).renewSlotCache(stale);
            assertEquals(servers.node("m2").address(), Family.ownerOf(cluster, 0));

            Fixture.await("the keeper's map is in place", () -> Family.ownerOf(cluster, 0).equals(servers.node("m0").address()));
        }
    }

    /** Jedis 5.2 and later refuse a map with holes. */
    @Test
    void a_map_with_holes_is_handed_over_too() {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0");
                Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            servers.nodes().forEach(node -> servers.command(node.name(), "CLUSTER", "DELSLOTS", "0"));
            Fixture.await("the keeper sees the hole", () -> keeper.refresh(Fixture.LIMIT).slotMap().ownerOf(0) == null);
            String heir = servers.node("r1").address();
            assertFalse(Family.ownerOf(cluster, 8000).equals(heir));

            servers.failover("r1");
            keeper.refresh(Fixture.LIMIT);

            Fixture.await("the keeper's map is in place", () -> Family.ownerOf(cluster, 8000).equals(heir));
            assertTrue(Fixture.works(cluster, Fixture.keys(8000, 8000, 1).get(0)));
            assertFalse(Fixture.works(cluster, Fixture.keys(0, 0, 1).get(0)));
        }
    }

    /** Up to Jedis 4.4.1 no client can be made then. Jedis 6.2 and 7 would not know a master for a command without a key. */
    @Test
    @DisabledIfSystemProperty(named = "slotkeeper.jedis", matches = "4\\.3\\..*")
    void a_client_that_was_made_while_no_node_answered_is_filled() {
        try (JedisCluster cluster = madeFromDeadNode(); Attachment attachment = JedisAttach.attach(keeper, cluster)) {
            assertTrue(Fixture.works(cluster, "key"));
            assertEquals(0, cluster.publish("channel", "message"));
        }
    }

    @Test
    void a_factory_may_give_its_client_later_and_another_one_after_that() {
        AtomicReference<JedisCluster> made = new AtomicReference<>();
        try (Attachment attachment = JedisAttach.attach(keeper, made::get);
                JedisCluster first = Fixture.plain(servers, 1, "m0");
                JedisCluster second = Fixture.plain(servers, 1, "m0")) {
            servers.moveSlots("m0", "m1", 8, 8);
            keeper.refresh(Fixture.LIMIT);
            made.set(first);
            Fixture.await("the first has the map", () -> Family.ownerOf(first, 8).equals(servers.node("m1").address()));

            servers.moveSlots("m0", "m1", 9, 9);
            made.set(second);
            keeper.refresh(Fixture.LIMIT);
            Fixture.await("the second has the map", () -> Family.ownerOf(second, 9).equals(servers.node("m1").address()));
            assertEquals(servers.node("m0").address(), Family.ownerOf(first, 9));
        }
    }

    @Test
    void closing_keeps_connections_and_map_and_allows_another_attachment() {
        try (JedisCluster cluster = Fixture.plain(servers, 5, "m0")) {
            Attachment attachment = JedisAttach.attach(keeper, cluster);
            attachment.close();
            attachment.close();

            assertTrue(Fixture.works(cluster, "key"));
            JedisAttach.attach(keeper, cluster).close();
        }
    }

    @Test
    void says_clearly_that_a_client_is_not_one_of_a_cluster() {
        TestNode node = servers.node("m0");
        try (UnifiedJedis single = new UnifiedJedis(new PooledConnectionProvider(new HostAndPort(node.host(), node.port())), 1,
                Fixture.LIMIT)) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> JedisAttach.attach(keeper, single));

            assertTrue(refused.getMessage().contains("a client of a cluster is needed"), refused.getMessage());
        }
    }

    private JedisCluster madeFromDeadNode() {
        System.setProperty("jedis.cluster.initNoError", "");
        try {
            return new JedisCluster(Collections.singleton(new HostAndPort("127.0.0.9", 1)), 2000, 2000, 5, Fixture.PASSWORD,
                    Family.poolConfig(Fixture.POOL));
        } finally {
            System.clearProperty("jedis.cluster.initNoError");
        }
    }

    /** A node that takes its time to answer CLUSTER SLOTS, and then knows only an old map: all slots are its own. */
    private static final class StaleNode extends Connection {

        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);
        private final TestNode node;

        StaleNode(TestNode node) {
            super(new HostAndPort(node.host(), node.port()));
            this.node = node;
        }

        @Override
        public void sendCommand(ProtocolCommand command, String... arguments) {}

        @Override
        public Object executeCommand(CommandArguments command) {
            return getObjectMultiBulkReply();
        }

        @Override
        public List<Object> getObjectMultiBulkReply() {
            asked.countDown();
            try {
                assertTrue(answer.await(Fixture.LIMIT.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Arrays.asList(Arrays.asList(0L, 16383L,
                    Arrays.asList(node.host().getBytes(StandardCharsets.UTF_8), (long) node.port())));
        }
    }
}
