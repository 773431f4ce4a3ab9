package redis.clients.jedis;

import redis.clients.jedis.providers.ConnectionProvider;

/**
 * Where a client that somebody else made gets its connections from.
 *
 * <p>Part of Slotkeeper, and not API. It is in this package because {@code provider} can be reached from nowhere else without
 * reflection.
 */
public final class ClientProvider {

    private ClientProvider() {}

    /** Null if the client has one connection only. */
    public static ConnectionProvider of(UnifiedJedis client) {
        return client.provider;
    }
}
