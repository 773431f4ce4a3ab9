package io.slotkeeper.jedis.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.SlotkeeperException;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisClusterOperationException;

class KeeperProviderTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private TestCluster servers;
    private Keeper keeper;

    @BeforeEach
    void start() {
        servers = TestCluster.start("A/B B/C C/A");
        keeper = Keeper.open(Config.empty().with("seeds", servers.seeds()));
        keeper.awaitTopology(LIMIT);
    }

    @AfterEach
    void stop() {
        keeper.close();
        servers.close();
    }

    @Test
    void reads_of_replicas_go_to_a_replica_and_to_the_owner_once_it_is_dead() {
        try (KeeperProvider provider = make(false)) {
            assertEquals(servers.node("r0").address(), nodeOf(provider, provider.getReplicaConnectionFromSlot(0)));

            servers.kill("r0");
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (keeper.refresh(LIMIT).nodes().stream().noneMatch(node -> node.isFailed())) {
                assertTrue(System.nanoTime() - deadline < 0, "the replica was never held for failed");
            }
            provider.renewSlotCache();

            assertEquals(servers.node("m0").address(), nodeOf(provider, provider.getReplicaConnectionFromSlot(0)));
        }
    }

    @Test
    void knows_which_node_said_moved_and_asks_it_although_the_keeper_is_closed() {
        try (KeeperProvider provider = make(false)) {
            servers.moveSlots("m0", "m1", 0, 0);
            keeper.close();

            try (Connection moved = provider.getConnection(provider.getNode(0))) {
                provider.renewSlotCache(moved);
            }

            assertEquals(servers.node("m1").address(), provider.getNode(0).toString());
        }
    }

    @Test
    void owners_are_those_of_the_map() {
        try (KeeperProvider provider = make(false)) {
            assertEquals(3, provider.getPrimaryNodes().size());
            servers.failover("r0");
            keeper.refresh(LIMIT);
            provider.renewSlotCache();

            assertTrue(provider.getPrimaryNodes().containsKey(servers.node("r0").address()), provider.getPrimaryNodes().toString());
        }
    }

    @Test
    void a_client_that_is_being_made_gets_no_connection_without_a_key() {
        try (KeeperProvider provider = make(true)) {
            assertThrows(JedisClusterOperationException.class, () -> provider.getConnection());

            provider.clientIsMade();
            provider.getConnection().close();
        }
    }

    @Test
    void a_closed_keeper_is_said_so() {
        keeper.close();

        SlotkeeperException refused = assertThrows(SlotkeeperException.class, () -> make(false));

        assertEquals(SlotkeeperException.CLOSED, refused.code());
    }

    private KeeperProvider make(boolean quiet) {
        GenericObjectPoolConfig<Connection> poolConfig = new GenericObjectPoolConfig<>();
        poolConfig.setJmxEnabled(false);
        SlotGate gate = new SlotGate(new SwitchableGate(Gate.Mode.OFF), Duration.ZERO, null, IllegalStateException::new);
        return KeeperProvider.make(keeper, new NodePoolKind(new NodeConfig(2000, 2000, null), poolConfig, gate), gate, quiet);
    }

    /** The node that a connection leads to; the connection goes back to its pool. */
    private static String nodeOf(KeeperProvider provider, Connection connection) {
        try (Connection borrowed = connection) {
            return provider.getNodes().values().stream().map(pool -> (NodePool) pool).filter(pool -> pool.made(borrowed))
                    .findFirst().get().node().toString();
        }
    }
}
