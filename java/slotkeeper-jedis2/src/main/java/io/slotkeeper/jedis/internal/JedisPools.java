package io.slotkeeper.jedis.internal;

import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.SlotGate;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/** The pools of Jedis 2 and 3. */
public final class JedisPools implements NodePools.Kind<NodePool> {

    final GenericObjectPoolConfig config;
    final int connectionTimeout;
    final int soTimeout;
    final String password;
    private final SlotGate gate;

    /** Pools with these settings behind this gate. The time-outs are in ms; {@code password} may be null. */
    public JedisPools(GenericObjectPoolConfig config, int connectionTimeout, int soTimeout, String password, SlotGate gate) {
        this.config = config;
        this.connectionTimeout = connectionTimeout;
        this.soTimeout = soTimeout;
        this.password = password;
        this.gate = gate;
    }

    @Override
    public NodePool open(String host, int port) {
        return new NodePool(new HostAndPort(host, port), this, gate);
    }

    @Override
    public boolean isUsed(NodePool pool) {
        return pool.getNumActive() > 0 || pool.getNumWaiters() > 0;
    }

    @Override
    public boolean wasUsed(NodePool pool) {
        return pool.wasUsed();
    }

    /** Never by a method reference: it would name the superclass, which Jedis 3 has moved to another package. */
    @Override
    public void close(NodePool pool) {
        pool.close();
    }

    @Override
    public void rescue(NodePool pool) {
        pool.rescue();
    }

    @Override
    public RuntimeException afterClose() {
        return new JedisNoReachableClusterNodeException("This cluster was closed");
    }
}
