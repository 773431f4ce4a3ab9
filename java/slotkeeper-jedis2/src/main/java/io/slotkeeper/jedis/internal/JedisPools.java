package io.slotkeeper.jedis.internal;

import io.slotkeeper.internal.NodePools;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/** The pools of Jedis 2 and 3. */
public final class JedisPools implements NodePools.Kind<JedisPool> {

    private final GenericObjectPoolConfig config;
    private final int connectionTimeout;
    private final int soTimeout;
    private final String password;

    /** Pools with these settings. The time-outs are in ms; {@code password} may be null. */
    public JedisPools(GenericObjectPoolConfig config, int connectionTimeout, int soTimeout, String password) {
        this.config = config;
        this.connectionTimeout = connectionTimeout;
        this.soTimeout = soTimeout;
        this.password = password;
    }

    @Override
    public JedisPool open(String host, int port) {
        return new JedisPool(config, host, port, connectionTimeout, soTimeout, password, 0, null, false, null, null, null);
    }

    @Override
    public boolean isUsed(JedisPool pool) {
        return pool.getNumActive() > 0 || pool.getNumWaiters() > 0;
    }

    /** Never by a method reference: it would name the superclass, which Jedis 3 has moved to another package. */
    @Override
    public void close(JedisPool pool) {
        pool.close();
    }

    @Override
    public RuntimeException afterClose() {
        return new JedisNoReachableClusterNodeException("This cluster was closed");
    }
}
