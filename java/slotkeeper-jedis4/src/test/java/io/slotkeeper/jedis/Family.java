package io.slotkeeper.jedis;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.ClientProvider;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** What the shared tests say differently to Jedis 4 and later. */
final class Family {

    /** What a command throws where no node is known. */
    static final Class<? extends JedisException> NO_NODE = JedisClusterOperationException.class;

    /** Our class that needs to be where Jedis is. */
    static final String IN_PACKAGE_OF_JEDIS = "redis.clients.jedis.ClientProvider";

    private Family() {}

    static GenericObjectPoolConfig<Connection> poolConfig(int size) {
        GenericObjectPoolConfig<Connection> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setJmxEnabled(false);
        return config;
    }

    /** Opens so many connections to each node, and leaves them in its pool. */
    static void fillPools(JedisCluster cluster, int connections) {
        for (ConnectionPool pool : cluster.getClusterNodes().values()) {
            List<Connection> borrowed = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                borrowed.add(pool.getResource());
                borrowed.get(i).ping();
            }
            borrowed.forEach(Connection::close);
        }
    }

    /** {@code host:port} of the node that commands for a slot are sent to; empty if there is none. */
    static String ownerOf(UnifiedJedis cluster, int slot) {
        HostAndPort node = ((ClusterConnectionProvider) ClientProvider.of(cluster)).getNode(slot);
        return node == null ? "" : node.toString();
    }
}
