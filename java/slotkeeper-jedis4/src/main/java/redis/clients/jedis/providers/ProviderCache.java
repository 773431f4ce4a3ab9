package redis.clients.jedis.providers;

import redis.clients.jedis.Connection;

/**
 * The first map of a client that was made while no node answered.
 *
 * <p>Part of Slotkeeper, and not API. It is in this package because {@code cache} can be reached from nowhere else without
 * reflection.
 */
public final class ProviderCache {

    private ProviderCache() {}

    /**
     * Takes the map that this connection gives, and forgets all pools. Renewing would not tell Jedis 6.2 and 7 who is a
     * master, without which they send no command that has no key.
     */
    public static void fill(ClusterConnectionProvider provider, Connection node) {
        provider.cache.discoverClusterNodesAndSlots(node);
    }
}
