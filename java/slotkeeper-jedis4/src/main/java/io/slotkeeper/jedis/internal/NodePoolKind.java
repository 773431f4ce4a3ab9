package io.slotkeeper.jedis.internal;

import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.SlotGate;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisClusterOperationException;

/** The pools of Jedis 4 and later. */
public final class NodePoolKind implements NodePools.Kind<NodePool> {

    private final JedisClientConfig clientConfig;
    private final GenericObjectPoolConfig<Connection> poolConfig;
    private final SlotGate gate;

    /** Pools with these settings behind this gate. */
    public NodePoolKind(JedisClientConfig clientConfig, GenericObjectPoolConfig<Connection> poolConfig, SlotGate gate) {
        this.clientConfig = clientConfig;
        this.poolConfig = poolConfig;
        this.gate = gate;
    }

    @Override
    public NodePool open(String host, int port) {
        return new NodePool(new HostAndPort(host, port), clientConfig, poolConfig, gate);
    }

    @Override
    public boolean isUsed(NodePool pool) {
        return pool.getNumActive() > 0 || pool.getNumWaiters() > 0;
    }

    @Override
    public boolean wasUsed(NodePool pool) {
        return pool.wasUsed();
    }

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
        return new JedisClusterOperationException("This cluster was closed");
    }
}
