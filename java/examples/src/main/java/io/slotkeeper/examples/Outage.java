package io.slotkeeper.examples;

import redis.clients.jedis.exceptions.JedisClusterException;
import redis.clients.jedis.exceptions.JedisClusterMaxRedirectionsException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** Tells exceptions that a failure of nodes brings from those that a fault of the program brings. */
final class Outage {

    private Outage() {}

    /**
     * Gives back for what the failure of nodes brings: between the question and the command a node may die. Throws everything
     * else again: a command on a value of the wrong type fails whoever lives.
     */
    static void expected(JedisException e) {
        if (!isRefusal(e) && !(e instanceof JedisConnectionException)) {
            throw e;
        }
    }

    /** Whether the command was surely not carried out: the cluster refused it. After a lost connection nobody knows. */
    static boolean isRefusal(JedisException e) {
        return e instanceof JedisClusterException || e instanceof JedisClusterMaxRedirectionsException;
    }
}
