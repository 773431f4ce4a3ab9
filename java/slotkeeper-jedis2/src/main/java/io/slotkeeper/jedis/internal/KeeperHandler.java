package io.slotkeeper.jedis.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.Renewals;
import io.slotkeeper.internal.SlotGate;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisSlotBasedConnectionHandler;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/**
 * Where every command of a keeper cluster gets its connection, and where Jedis reports that the map was wrong.
 *
 * <p>The cache that the superclass brings stays empty: its pools could never be taken out one by one, it drops a new map
 * while another renewal runs, and it holds its write lock over network I/O. {@link NodePools} is in its place. Safe for
 * use by many threads.
 */
public final class KeeperHandler extends JedisSlotBasedConnectionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(KeeperHandler.class);

    private final SlotGate gate;
    private final NodePools<NodePool> pools;
    private final Renewals<NodePool> renewals;
    private final Registration handOver;

    /** Takes each topology of {@code keeper} into pools of this kind behind this gate, which is also theirs. No network I/O. */
    public KeeperHandler(Keeper keeper, JedisPools kind, SlotGate gate) {
        super(Collections.<HostAndPort>emptySet(), new GenericObjectPoolConfig(), 0, 0, null);
        this.gate = gate;
        this.pools = new NodePools<>(kind, gate);
        this.renewals = new Renewals<>(keeper, pools, this::adoptFrom);
        this.handOver = keeper.addHandOver(topology -> {
            pools.adopt(topology);
            return true;
        });
    }

    /** Asks the gate anew whenever a node fails while its connection is waited for: each time it has a new map. */
    @Override
    public Jedis getConnectionFromSlot(int slot) {
        Jedis connection = null;
        while (connection == null) {
            connection = borrow(slot, gate.enter(slot));
        }
        return connection;
    }

    private Jedis borrow(int slot, SlotGate.Trial trial) {
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
    public Jedis getConnection() {
        JedisNoReachableClusterNodeException nobody =
                new JedisNoReachableClusterNodeException("No reachable node in cluster");
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
    public Jedis getConnectionFromNode(HostAndPort node) {
        Jedis connection = null;
        while (connection == null) {
            connection = pools.ofNode(node.getHost(), node.getPort()).borrow(null);
        }
        return connection;
    }

    @Override
    public Map<String, JedisPool> getNodes() {
        return new HashMap<>(pools.byAddress());
    }

    /** Called by Jedis when a command has failed at its last attempt, and for a slot without an owner. */
    @Override
    public void renewSlotCache() {
        renewals.renew();
    }

    /** Called by Jedis with the connection that said MOVED. */
    @Override
    public void renewSlotCache(Jedis movedBy) {
        if (movedBy == null) {
            renewals.renew();
        } else {
            renewals.renewAfterMoved(movedBy.getClient().getHost(), movedBy.getClient().getPort(),
                    () -> adoptFrom(movedBy));
        }
    }

    @Override
    public void close() {
        handOver.close();
        pools.close();
    }

    private boolean adoptFrom(NodePool pool) {
        try (Jedis node = pool.getResource()) {
            return adoptFrom(node);
        } catch (JedisException e) {
            LOG.debug("A node could not be asked for its slot map", e);
            return false;
        }
    }

    private boolean adoptFrom(Jedis node) {
        try {
            return pools.adopt(node.clusterSlots(), node.getClient().getHost());
        } catch (JedisException e) {
            LOG.debug("{}:{} did not give its slot map", node.getClient().getHost(), node.getClient().getPort(), e);
            return false;
        }
    }

    private static Jedis answering(Jedis jedis) {
        try {
            if (jedis.ping().equalsIgnoreCase("PONG")) {
                return jedis;
            }
        } catch (JedisException e) {
            jedis.close();
            throw e;
        }
        jedis.close();
        throw new JedisException(jedis.getClient().getHost() + " did not answer PONG");
    }
}
