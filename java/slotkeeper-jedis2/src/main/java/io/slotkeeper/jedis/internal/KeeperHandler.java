package io.slotkeeper.jedis.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.Renewals;
import java.util.Collections;
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

    private final NodePools<JedisPool> pools;
    private final Renewals<JedisPool> renewals;
    private final Registration handOver;

    /** Takes each topology of {@code keeper} into {@code pools}, which it owns from now on. No network I/O. */
    public KeeperHandler(Keeper keeper, NodePools<JedisPool> pools) {
        super(Collections.<HostAndPort>emptySet(), new GenericObjectPoolConfig(), 0, 0, null);
        this.pools = pools;
        this.renewals = new Renewals<>(keeper, pools, this::adoptFrom);
        this.handOver = keeper.addHandOver(topology -> {
            pools.adopt(topology);
            return true;
        });
    }

    @Override
    public Jedis getConnectionFromSlot(int slot) {
        JedisPool pool = pools.ofSlot(slot);
        if (pool == null) {
            renewSlotCache();
            pool = pools.ofSlot(slot);
        }
        return pool == null ? getConnection() : pool.getResource();
    }

    /** A connection to any node that answers PING; nodes that the cluster holds for failed are tried last. */
    @Override
    public Jedis getConnection() {
        JedisNoReachableClusterNodeException nobody =
                new JedisNoReachableClusterNodeException("No reachable node in cluster");
        for (JedisPool pool : pools.livingFirst()) {
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
        return pools.ofNode(node.getHost(), node.getPort()).getResource();
    }

    @Override
    public Map<String, JedisPool> getNodes() {
        return pools.byAddress();
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

    private boolean adoptFrom(JedisPool pool) {
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
