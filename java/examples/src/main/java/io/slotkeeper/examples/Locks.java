package io.slotkeeper.examples;

import io.slotkeeper.Keeper;
import io.slotkeeper.Trouble;
import java.time.Duration;
import java.util.Collections;
import redis.clients.jedis.JedisCluster;

/**
 * Locks, which have no fallback: a lock that nobody keeps is no lock. What can be had is the answer at once, with the reason, in
 * place of a time-out. Any thread.
 */
public final class Locks {

    private static final String RELEASE =
            "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

    private final Keeper keeper;
    private final JedisCluster redis;

    public Locks(Keeper keeper, JedisCluster redis) {
        this.keeper = keeper;
        this.redis = redis;
    }

    /**
     * Takes a lock for {@code holder}, a text that nobody else uses; false if somebody has it.
     *
     * @throws IllegalStateException if the lock can be neither had nor refused now; the message says why
     */
    public boolean tryLock(String name, String holder, Duration lease) {
        String key = "lock:" + name;
        Trouble trouble = keeper.slotMap().reasonOf(key);
        if (trouble != null) {
            throw new IllegalStateException("no lock " + name + " to be had: " + trouble.sentence());
        }
        return "OK".equals(redis.set(key, holder, "NX", "PX", lease.toMillis()));
    }

    /** Gives a lock back, unless its lease is over and somebody else has it; false if it was lost. */
    public boolean release(String name, String holder) {
        String key = "lock:" + name;
        if (!keeper.slotMap().serves(key)) {
            return false; // The lease ends it.
        }
        return Long.valueOf(1).equals(redis.eval(RELEASE, Collections.singletonList(key), Collections.singletonList(holder)));
    }
}
