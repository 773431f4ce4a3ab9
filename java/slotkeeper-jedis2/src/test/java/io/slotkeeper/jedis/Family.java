package io.slotkeeper.jedis;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.CacheView;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/** What the shared tests say differently to Jedis 2 and 3. */
final class Family {

    /** What a command throws where no node is known. */
    static final Class<? extends JedisException> NO_NODE = JedisNoReachableClusterNodeException.class;

    /** Our class that needs to be where Jedis is. */
    static final String IN_PACKAGE_OF_JEDIS = "redis.clients.jedis.AttachedHandler";

    private Family() {}

    static GenericObjectPoolConfig poolConfig(int size) {
        GenericObjectPoolConfig config = new GenericObjectPoolConfig();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setJmxEnabled(false);
        return config;
    }

    /** Opens so many connections to each node, and leaves them in its pool. */
    static void fillPools(JedisCluster cluster, int connections) {
        for (JedisPool pool : cluster.getClusterNodes().values()) {
            List<Jedis> borrowed = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                borrowed.add(pool.getResource());
                borrowed.get(i).ping();
            }
            borrowed.forEach(jedis -> jedis.close());
        }
    }

    /** {@code host:port} of the node that commands for a slot are sent to; empty if there is none. */
    static String ownerOf(JedisCluster cluster, int slot) {
        return CacheView.ownerOf(cluster, slot);
    }
}
