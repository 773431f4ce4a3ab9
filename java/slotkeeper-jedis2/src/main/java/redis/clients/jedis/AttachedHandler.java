package redis.clients.jedis;

import java.util.Collections;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;

/**
 * Stands in front of the connection handler of a {@link JedisCluster} that somebody else made: commands get their
 * connections from the handler it replaced, renewals of the slot map go to Slotkeeper.
 *
 * <p>Part of Slotkeeper, and not API. It is in this package because {@code connectionHandler}, {@code cache} and
 * {@code getConnection} can be reached from nowhere else without reflection. Safe for use by many threads.
 */
public final class AttachedHandler extends JedisSlotBasedConnectionHandler {

    private final JedisClusterConnectionHandler replaced;
    private final Consumer<Jedis> renewal;
    private volatile boolean closed;

    private AttachedHandler(JedisClusterConnectionHandler replaced, Consumer<Jedis> renewal) {
        super(Collections.<HostAndPort>emptySet(), new GenericObjectPoolConfig(), 0, 0, null);
        this.replaced = replaced;
        this.renewal = renewal;
    }

    /** The handler that a cluster has now. */
    public static JedisClusterConnectionHandler of(JedisCluster cluster) {
        return cluster.connectionHandler;
    }

    /**
     * Puts a handler in front of the present one, from the cluster's next command on.
     *
     * @param renewal what is done instead of Jedis's own renewals; given the connection that said MOVED, or null
     */
    public static AttachedHandler putInto(JedisCluster cluster, Consumer<Jedis> renewal) {
        AttachedHandler handler = new AttachedHandler(cluster.connectionHandler, renewal);
        cluster.connectionHandler = handler;
        return handler;
    }

    /** Puts the replaced handler back, unless somebody has put another one into this one's place. */
    public void takeOutOf(JedisCluster cluster) {
        if (cluster.connectionHandler == this) {
            cluster.connectionHandler = replaced;
        }
    }

    /** The handler whose connections are used, and whose map is to be renewed. */
    public JedisClusterConnectionHandler replaced() {
        return replaced;
    }

    /** Whether the cluster was closed. */
    public boolean isClosed() {
        return closed;
    }

    @Override
    public Jedis getConnection() {
        return replaced.getConnection();
    }

    /** Without an owner the replaced handler would start a renewal of its own, over the network; so ours comes first. */
    @Override
    public Jedis getConnectionFromSlot(int slot) {
        if (replaced.cache.getSlotPool(slot) == null) {
            renewal.accept(null);
            if (replaced.cache.getSlotPool(slot) == null) {
                return replaced.getConnection();
            }
        }
        return replaced.getConnectionFromSlot(slot);
    }

    @Override
    public Jedis getConnectionFromNode(HostAndPort node) {
        return replaced.getConnectionFromNode(node);
    }

    @Override
    public Map<String, JedisPool> getNodes() {
        return replaced.getNodes();
    }

    @Override
    public void renewSlotCache() {
        renewal.accept(null);
    }

    @Override
    public void renewSlotCache(Jedis movedBy) {
        renewal.accept(movedBy);
    }

    @Override
    public void close() {
        closed = true;
        replaced.close();
    }
}
