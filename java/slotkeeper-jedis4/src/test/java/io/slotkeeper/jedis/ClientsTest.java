package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.test.TestCluster;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** The clients that Jedis 4 and later have beside {@code JedisCluster}, and what they ask of a provider. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ClientsTest {

    private TestCluster servers;
    private Keeper keeper;

    @BeforeEach
    void start() {
        servers = Fixture.cluster("A/B B/C C/A", 1000);
        keeper = Fixture.keeper(servers);
    }

    @AfterEach
    void stop() {
        keeper.close();
        servers.close();
    }

    @Test
    @DisabledIfSystemProperty(named = "slotkeeper.jedis", matches = "8\\..*", disabledReason = "The constructor is gone")
    void unified_jedis_starts_dead_and_follows_the_cluster() {
        servers.kill("all");
        startsDeadAndFollows(new UnifiedJedis(provider(), 5, Fixture.LIMIT));
    }

    @Test
    @EnabledIfSystemProperty(named = "slotkeeper.jedis", matches = "[78]\\..*", disabledReason = "There is no such class yet")
    void redis_cluster_client_starts_dead_and_follows_the_cluster() throws ReflectiveOperationException {
        servers.kill("all");
        startsDeadAndFollows(redisClusterClient(provider()));
    }

    @Test
    void keeper_cluster_takes_a_configuration_for_connections() {
        keeper.awaitTopology(Fixture.LIMIT);
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder().user("default").password(Fixture.PASSWORD)
                .clientName("bank").build();
        try (KeeperCluster cluster = KeeperCluster.builder(keeper).clientConfig(config).build()) {
            cluster.set("key", "value");
            // Jedis 8 agrees with the nodes on RESP3.
            cluster.zadd("scores", 1.5, "Ada");
            assertEquals(1.5, cluster.zrangeWithScores("scores", 0, -1).get(0).getScore());

            assertTrue(servers.command(ownerOf(KeySlot.of("key")), "CLIENT", "LIST").toString().contains(" name=bank "));
        }
    }

    @Test
    void commands_without_a_key_go_to_a_node_that_lives() {
        servers.kill("m0");
        servers.waitFailover("m0", Fixture.LIMIT);
        keeper.awaitTopology(Fixture.LIMIT);
        try (KeeperCluster cluster = Fixture.keeperCluster(keeper, 5)) {
            for (int i = 0; i < 20; i++) {
                assertEquals(0, cluster.publish("channel", "message"));
            }
        }
    }

    @Test
    void making_a_cluster_leaves_no_thread_and_asks_no_node() {
        keeper.awaitTopology(Fixture.LIMIT);
        try (KeeperCluster cluster = Fixture.keeperCluster(keeper, 1)) {
            assertEquals(6, cluster.getClusterNodes().size());

            assertEquals(Collections.emptySet(), Connections.of(servers));
            Fixture.await("the seed on the loopback device is gone", () -> threads().stream()
                    .noneMatch(thread -> thread.getName().equals("slotkeeper-loopback-seed")));
        }
    }

    @Test
    void a_provider_tells_nodes_and_owners() {
        keeper.awaitTopology(Fixture.LIMIT);
        try (ClusterConnectionProvider provider = provider()) {
            HostAndPort owner = provider.getNode(0);
            assertEquals(servers.node("m0").address(), owner.toString());
            assertEquals(null, provider.getNode(-1));
            assertEquals(6, provider.getNodes().size());
            for (HostAndPort node : new HostAndPort[] {owner, null}) {
                try (Connection connection = provider.getConnection(node)) {
                    assertTrue(connection.ping());
                }
            }
        }
    }

    private ClusterConnectionProvider provider() {
        return KeeperCluster.builder(keeper).password(Fixture.PASSWORD).poolConfig(Family.poolConfig(Fixture.POOL))
                .buildProvider();
    }

    private void startsDeadAndFollows(UnifiedJedis client) {
        try (UnifiedJedis open = client) {
            assertThrows(Family.NO_NODE, () -> open.get("key"));

            servers.restart("all");
            for (String key : Fixture.keys(0, KeySlot.COUNT - 1, 10)) {
                Fixture.await("the cluster takes " + key, () -> works(open, key));
            }
            assertEquals(0, open.publish("channel", "message"));

            // Jedis 8 would read it wrongly if connections spoke RESP3, which the client could not learn from a dead node.
            open.zadd("scores", 1.5, "Ada");
            assertEquals(1.5, open.zrangeWithScores("scores", 0, -1).get(0).getScore());

            String moving = Fixture.keys(0, 0, 1).get(0);
            open.set(moving, "moved");
            servers.waitWhole(Fixture.LIMIT);
            keeper.refresh(Fixture.LIMIT);
            servers.moveSlots(ownerOf(0), ownerOf(16383), 0, 0);
            assertEquals("moved", open.get(moving));
        }
        assertFalse(keeper.isClosed());
    }

    /** By reflection, as these tests are compiled with a version that does not have it. */
    private static UnifiedJedis redisClusterClient(ClusterConnectionProvider provider) throws ReflectiveOperationException {
        Object builder = Class.forName("redis.clients.jedis.RedisClusterClient").getMethod("builder").invoke(null);
        Class<?> type = Class.forName("redis.clients.jedis.builders.ClusterClientBuilder");
        type.getMethod("nodes", Set.class).invoke(builder, Collections.singleton(new HostAndPort("any", 1)));
        type.getMethod("connectionProvider", Class.forName("redis.clients.jedis.providers.ConnectionProvider"))
                .invoke(builder, provider);
        return (UnifiedJedis) type.getMethod("build").invoke(builder);
    }

    /** The name of the node that owns a slot. */
    private String ownerOf(int slot) {
        String address = keeper.slotMap().ownerOf(slot).address();
        return servers.nodes().stream().filter(node -> node.address().equals(address)).findFirst().get().name();
    }

    private static boolean works(UnifiedJedis client, String key) {
        try {
            client.set(key, "value");
            return true;
        } catch (JedisException e) {
            return false;
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet();
    }
}
