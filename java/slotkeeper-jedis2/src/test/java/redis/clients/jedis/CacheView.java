package redis.clients.jedis;

import java.util.Map;

/** Looks into Jedis's cache, which only its own package can. */
public final class CacheView {

    private CacheView() {}

    /** {@code host:port} of the node that commands for a slot are sent to; empty if there is none. */
    public static String ownerOf(JedisCluster cluster, int slot) {
        JedisClusterConnectionHandler handler = AttachedHandler.of(cluster);
        JedisClusterConnectionHandler own =
                handler instanceof AttachedHandler ? ((AttachedHandler) handler).replaced() : handler;
        JedisPool pool = own.cache.getSlotPool(slot);
        return own.cache.getNodes().entrySet().stream().filter(node -> node.getValue() == pool).map(Map.Entry::getKey)
                .findFirst().orElse("");
    }
}
