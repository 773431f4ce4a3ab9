package io.slotkeeper.examples;

import io.slotkeeper.Keeper;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Counters that are added up here while Redis does not serve them, and there as soon as it does. Any thread.
 *
 * <p>What is added here is lost with the process, so this is for views and likes, and not for money. An addition whose answer was
 * lost may have been made: it is not repeated, and told by {@link #uncertain()}.
 */
public final class Counters {

    private final Keeper keeper;
    private final JedisCluster redis;
    private final Map<String, Long> waiting = new ConcurrentHashMap<>();
    private final AtomicLong uncertain = new AtomicLong();

    public Counters(Keeper keeper, JedisCluster redis) {
        this.keeper = keeper;
        this.redis = redis;
    }

    /** Adds to a counter: in Redis if that serves it now, else here. */
    public void add(String name, long amount) {
        waiting.merge("count:" + name, amount, Long::sum);
        flush("count:" + name);
    }

    /** Brings to Redis what waits here and is served now: when {@code SLOTS_SERVED} is told, or from a timer. */
    public void flush() {
        waiting.keySet().forEach(this::flush);
    }

    /** What waits here, in all counters together. */
    public long waiting() {
        return waiting.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What may have been added or not, since a connection was lost meanwhile. */
    public long uncertain() {
        return uncertain.get();
    }

    private void flush(String key) {
        if (!keeper.slotMap().serves(key)) {
            return;
        }
        Long amount = waiting.remove(key);
        if (amount == null) {
            return;
        }
        try {
            redis.incrBy(key, amount);
        } catch (JedisException e) {
            Outage.expected(e);
            if (Outage.isRefusal(e)) {
                waiting.merge(key, amount, Long::sum);
            } else {
                uncertain.addAndGet(amount);
            }
        }
    }
}
