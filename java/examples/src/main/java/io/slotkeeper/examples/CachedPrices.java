package io.slotkeeper.examples;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.slotkeeper.Keeper;
import java.time.Duration;
import java.util.Optional;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Reads that may be a little old: while Redis does not serve a price, the last one seen does. Any thread.
 *
 * <p>The local cache is filled by reads that went well, and bounded in size and in age: what is older than an hour is
 * worth nothing, and then there is no price rather than a wrong one.
 */
public final class CachedPrices {

    private static final int MOST = 10_000;
    private static final Duration OLDEST = Duration.ofHours(1);

    private final Keeper keeper;
    private final JedisCluster redis;
    private final Cache<String, String> seen = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(OLDEST).build();

    public CachedPrices(Keeper keeper, JedisCluster redis) {
        this.keeper = keeper;
        this.redis = redis;
    }

    /** The price of an article, from Redis if that serves it now; empty if there is none, or none was seen. */
    public Optional<String> of(String article) {
        String key = "price:" + article;
        if (keeper.slotMap().serves(key)) {
            try {
                String price = redis.get(key);
                if (price == null) {
                    seen.invalidate(key);
                } else {
                    seen.put(key, price);
                }
                return Optional.ofNullable(price);
            } catch (JedisException e) {
                Outage.expected(e);
            }
        }
        return Optional.ofNullable(seen.getIfPresent(key));
    }
}
