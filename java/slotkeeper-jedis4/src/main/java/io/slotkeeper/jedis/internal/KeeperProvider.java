package io.slotkeeper.jedis.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.Renewals;
import io.slotkeeper.internal.SlotGate;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/**
 * Where every command of a keeper cluster gets its connection, and where Jedis reports that the map was wrong.
 *
 * <p>The cache that the superclass brings stays empty, so every public method that asks it is overridden here, also those
 * that only later versions of Jedis have. It would drop a new map while another renewal runs, refuse one with holes (5.2 and
 * later), forget who is a master (6.2 to 7.5), and close pools that commands wait for. {@link NodePools} is in its place.
 * Safe for use by many threads.
 */
public final class KeeperProvider extends ClusterConnectionProvider {

    private static final Logger LOG = LoggerFactory.getLogger(KeeperProvider.class);

    private final SlotGate gate;
    private final NodePools<NodePool> pools;
    private final Renewals<NodePool> renewals;
    private final Registration handOver;
    /** While a client is being made that asks for a connection, and does without. */
    private volatile boolean quiet;

    private KeeperProvider(Keeper keeper, NodePoolKind kind, SlotGate gate, boolean quiet, LoopbackSeed seed) {
        super(seed.address(), new NodeConfig(Protocol.DEFAULT_TIMEOUT, Protocol.DEFAULT_TIMEOUT, null), withoutJmx());
        cache.reset();
        this.quiet = quiet;
        this.gate = gate;
        this.pools = new NodePools<>(kind, gate);
        this.renewals = new Renewals<>(keeper, pools, this::adoptFrom);
        this.handOver = keeper.addHandOver(topology -> {
            pools.adopt(topology);
            return true;
        });
    }

    /**
     * Takes each topology of {@code keeper} into pools of this kind behind this gate, which is also theirs. No I/O but with itself.
     *
     * @param quietUntilMade whether there is no connection for commands without a key until {@link #clientIsMade}
     */
    public static KeeperProvider make(Keeper keeper, NodePoolKind kind, SlotGate gate, boolean quietUntilMade) {
        try (LoopbackSeed seed = new LoopbackSeed()) {
            return new KeeperProvider(keeper, kind, gate, quietUntilMade, seed);
        }
    }

    /** Jedis 5 and later ask a node for its protocol while a client is made. From now on they may. */
    public void clientIsMade() {
        quiet = false;
    }

    /** Asks the gate anew whenever a node fails while its connection is waited for: each time it has a new map. */
    @Override
    public Connection getConnectionFromSlot(int slot) {
        Connection connection = null;
        while (connection == null) {
            connection = borrow(slot, gate.enter(slot));
        }
        return connection;
    }

    private Connection borrow(int slot, SlotGate.Trial trial) {
        NodePool pool = pools.ofSlot(slot);
        if (pool == null) {
            renewSlotCache();
            pool = pools.ofSlot(slot);
        }
        if (pool != null) {
            return pool.borrow(trial);
        }
        if (trial != null) {
            trial.end(false);
        }
        return getConnection();
    }

    /** A connection to any node that answers PING; nodes that the cluster holds for failed are tried last. */
    @Override
    public Connection getConnection() {
        JedisClusterOperationException nobody = new JedisClusterOperationException("No reachable node in cluster.");
        if (quiet) {
            throw nobody;
        }
        for (NodePool pool : pools.livingFirst()) {
            try {
                return answering(pool.getResource());
            } catch (JedisException e) {
                nobody.addSuppressed(e);
            }
        }
        throw nobody;
    }

    @Override
    public Connection getConnection(HostAndPort node) {
        Connection connection = null;
        while (connection == null) {
            connection = node == null ? getConnection() : pools.ofNode(node.getHost(), node.getPort()).borrow(null);
        }
        return connection;
    }

    /** Overrides what Jedis 5.2 and later have, for clients that read from replicas. */
    public Connection getReplicaConnectionFromSlot(int slot) {
        List<NodePool> replicas = pools.ofReplicas(slot);
        Connection connection = replicas.isEmpty() ? null
                : replicas.get(ThreadLocalRandom.current().nextInt(replicas.size())).borrow(null);
        return connection == null ? getConnectionFromSlot(slot) : connection;
    }

    @Override
    public HostAndPort getNode(int slot) {
        NodePool pool = slot >= 0 ? pools.ofSlot(slot) : null;
        return pool == null ? null : pool.node();
    }

    @Override
    public Map<String, ConnectionPool> getNodes() {
        return new HashMap<>(pools.byAddress());
    }

    /** Overrides what Jedis 6.2 and later have. */
    public Map<String, ConnectionPool> getPrimaryNodes() {
        return Collections.<String, ConnectionPool>unmodifiableMap(pools.ownersByAddress());
    }

    /** Called by Jedis when a command could not reach its node twice, or at its last attempt. */
    @Override
    public void renewSlotCache() {
        renewals.renew();
    }

    /** Called by Jedis with the connection that said MOVED. */
    @Override
    public void renewSlotCache(Connection movedBy) {
        NodePool pool = movedBy == null ? null : poolOf(movedBy);
        if (pool == null) {
            renewals.renew();
        } else {
            renewals.renewAfterMoved(pool.node().getHost(), pool.node().getPort(), () -> adoptFrom(movedBy, pool.node()));
        }
    }

    @Override
    public void close() {
        handOver.close();
        pools.close();
        super.close();
    }

    private NodePool poolOf(Connection connection) {
        return pools.byAddress().values().stream().filter(pool -> pool.made(connection)).findFirst().orElse(null);
    }

    private boolean adoptFrom(NodePool pool) {
        try (Connection connection = pool.getResource()) {
            return adoptFrom(connection, pool.node());
        } catch (JedisException e) {
            LOG.debug("A node could not be asked for its slot map", e);
            return false;
        }
    }

    private boolean adoptFrom(Connection connection, HostAndPort node) {
        try {
            connection.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
            return pools.adopt(connection.getObjectMultiBulkReply(), node.getHost());
        } catch (JedisException e) {
            LOG.debug("{} did not give its slot map", node, e);
            return false;
        }
    }

    private static Connection answering(Connection connection) {
        try {
            connection.ping();
            return connection;
        } catch (JedisException e) {
            connection.close();
            throw e;
        }
    }

    /** For the cache of the superclass, whose one pool is never used. */
    private static GenericObjectPoolConfig<Connection> withoutJmx() {
        GenericObjectPoolConfig<Connection> config = new GenericObjectPoolConfig<>();
        config.setJmxEnabled(false);
        return config;
    }
}
