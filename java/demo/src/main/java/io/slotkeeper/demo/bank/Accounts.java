package io.slotkeeper.demo.bank;

import io.slotkeeper.Keeper;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The application's data: in Redis, or, while Redis cannot take it, in a local cache.
 *
 * <p>With Slotkeeper it asks first whether the key's slot is served, which costs an array read; without, it learns of a dead node by
 * waiting for it. Threads may share it.
 */
@Component
final class Accounts {
    /** Where an account was written and read. */
    enum Place { REDIS, CACHE }

    private final JedisCluster redis;
    private final Keeper keeper;
    private final Map<String, String> cache = new ConcurrentHashMap<>();

    Accounts(JedisCluster redis, ObjectProvider<Keeper> keeper) {
        this.redis = redis;
        this.keeper = keeper.getIfAvailable();
    }

    /** Writes a balance, and reads it back. */
    Place turnOver(String account, String balance) {
        if (keeper == null || keeper.slotMap().serves(account)) {
            try {
                redis.set(account, balance);
                if (balance.equals(redis.get(account))) {
                    return Place.REDIS;
                }
            } catch (JedisException failure) {
                // What the cache is for.
            }
        }
        cache.put(account, balance);
        cache.get(account);
        return Place.CACHE;
    }
}
