package io.slotkeeper.jedis.internal;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;

/** The connections to one node, which know that they are: before Jedis 8 a connection does not tell where it leads. */
final class NodePool extends ConnectionPool {

    private final HostAndPort node;
    private final Factory factory;

    NodePool(HostAndPort node, JedisClientConfig clientConfig, GenericObjectPoolConfig<Connection> poolConfig) {
        this(node, new Factory(node, clientConfig), poolConfig);
    }

    private NodePool(HostAndPort node, Factory factory, GenericObjectPoolConfig<Connection> poolConfig) {
        super(factory, poolConfig);
        this.node = node;
        this.factory = factory;
    }

    HostAndPort node() {
        return node;
    }

    /** Whether this connection leads to this node. */
    boolean made(Connection connection) {
        return factory.living.contains(connection);
    }

    private static final class Factory extends ConnectionFactory {

        /** As many as the pool has: each is taken out when the pool lets go of it. */
        final Set<Connection> living = Collections.newSetFromMap(new ConcurrentHashMap<>());

        Factory(HostAndPort node, JedisClientConfig config) {
            super(node, config);
        }

        @Override
        public PooledObject<Connection> makeObject() throws Exception {
            PooledObject<Connection> made = super.makeObject();
            living.add(made.getObject());
            return made;
        }

        @Override
        public void destroyObject(PooledObject<Connection> pooled) throws Exception {
            living.remove(pooled.getObject());
            super.destroyObject(pooled);
        }
    }
}
