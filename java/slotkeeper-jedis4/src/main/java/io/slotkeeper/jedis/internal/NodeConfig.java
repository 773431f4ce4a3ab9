package io.slotkeeper.jedis.internal;

import redis.clients.jedis.JedisClientConfig;

/** How nodes are connected to if nothing but time-outs and a password is told. Immutable. */
public final class NodeConfig implements JedisClientConfig {

    private final int connectionTimeout;
    private final int soTimeout;
    private final String password;

    /** The time-outs are in ms; {@code password} may be null. */
    public NodeConfig(int connectionTimeout, int soTimeout, String password) {
        this.connectionTimeout = connectionTimeout;
        this.soTimeout = soTimeout;
        this.password = password;
    }

    @Override
    public int getConnectionTimeoutMillis() {
        return connectionTimeout;
    }

    @Override
    public int getSocketTimeoutMillis() {
        return soTimeout;
    }

    @Override
    public String getPassword() {
        return password;
    }

    /**
     * Overrides what Jedis 8 has: it would agree on RESP3 with each node that can, but read the replies as RESP2 if no node
     * could be asked while the client was made.
     */
    public boolean isAutoNegotiateProtocol() {
        return false;
    }
}
