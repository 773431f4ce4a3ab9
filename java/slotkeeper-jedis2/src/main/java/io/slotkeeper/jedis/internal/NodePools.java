package io.slotkeeper.jedis.internal;

import io.slotkeeper.KeySlot;
import io.slotkeeper.Node;
import io.slotkeeper.SlotRange;
import io.slotkeeper.Topology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/**
 * The connection pools of a keeper cluster, one a node, and which of them serves each slot.
 *
 * <p>The only place that makes and closes pools. Readers take no lock: a new map is one volatile write, and a command sees
 * either the old map or the new one, whole. No method does network I/O; a pool connects when something is borrowed from it.
 */
public final class NodePools {

    private final GenericObjectPoolConfig config;
    private final int connectionTimeout;
    private final int soTimeout;
    private final String password;

    private final Map<String, JedisPool> pools = new ConcurrentHashMap<>();
    private volatile Routes routes = new Routes();
    private volatile boolean closed;
    /** The generation that the routes show; 0 if they are not the keeper's. Guarded by this. */
    private long generation;
    /** The nodes with a pool that the routes do not name. Guarded by this. */
    private Set<String> departed = new HashSet<>();

    /** Pools with these settings, none yet. The time-outs are in ms; {@code password} may be null. */
    public NodePools(GenericObjectPoolConfig config, int connectionTimeout, int soTimeout, String password) {
        this.config = config;
        this.connectionTimeout = connectionTimeout;
        this.soTimeout = soTimeout;
        this.password = password;
    }

    /** Sends commands where this topology says, unless a newer one is in place. A failed owner keeps its slots. */
    synchronized void adopt(Topology topology) {
        if (closed || topology.generation() <= generation) {
            return;
        }
        Routes next = new Routes();
        for (Node node : topology.nodes()) {
            if (ClusterSlots.canBeReached(node)) {
                JedisPool pool = ofNode(node.host(), node.port());
                next.add(key(node.host(), node.port()), pool, node.isFailed());
                for (SlotRange range : node.slots()) {
                    next.assign(range.first(), range.last(), pool);
                }
            }
        }
        publish(next);
        generation = topology.generation();
    }

    /**
     * Sends commands where this reply to CLUSTER SLOTS says; the keeper's next word replaces it, whatever its generation.
     *
     * @param askedHost the host that replied: what it means where it leaves a host out
     * @return false if the reply names no owner of any slot, and so was not taken
     */
    synchronized boolean adopt(List<Object> reply, String askedHost) {
        Routes next = new Routes();
        if (!closed) {
            ClusterSlots.read(reply, askedHost, (first, last, host, port, owns) -> {
                JedisPool pool = ofNode(host, port);
                next.add(key(host, port), pool, false);
                if (owns) {
                    next.assign(first, last, pool);
                }
            });
        }
        if (next.living.isEmpty()) {
            return false;
        }
        publish(next);
        generation = 0;
        return true;
    }

    /** The pool of the slot's owner; null if there is none. */
    JedisPool ofSlot(int slot) {
        return routes.bySlot[slot];
    }

    /** The pool of a node, made if there is none: a redirection may name a node before any map does. */
    JedisPool ofNode(String host, int port) {
        JedisPool pool = pools.get(key(host, port));
        return pool != null ? pool : make(host, port);
    }

    /** All pools in random order, those of failed nodes at the end. */
    List<JedisPool> livingFirst() {
        Routes now = routes;
        List<JedisPool> shuffled = new ArrayList<>(now.living);
        Collections.shuffle(shuffled);
        List<JedisPool> failed = new ArrayList<>(now.failed);
        Collections.shuffle(failed);
        shuffled.addAll(failed);
        return shuffled;
    }

    /** All pools by {@code host:port}, as Jedis names them; a copy. */
    Map<String, JedisPool> byAddress() {
        return new HashMap<>(pools);
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes all pools; what is borrowed is closed when it is returned. Any number of times. */
    synchronized void close() {
        closed = true;
        routes = new Routes();
        // No method reference: it would name the superclass, which Jedis 3 has moved to another package.
        pools.values().forEach(pool -> pool.close());
        pools.clear();
    }

    private synchronized JedisPool make(String host, int port) {
        if (closed) {
            throw new JedisNoReachableClusterNodeException("This cluster was closed");
        }
        return pools.computeIfAbsent(key(host, port), absent -> new JedisPool(config, host, port, connectionTimeout,
                soTimeout, password, 0, null, false, null, null, null));
    }

    private void publish(Routes next) {
        routes = next;
        Set<String> unnamed = new HashSet<>(pools.keySet());
        unnamed.removeAll(next.named);
        closeUnused(unnamed);
        departed = unnamed;
    }

    /**
     * Closes what two maps in a row did not name and nobody uses. Not sooner: a command may have looked its pool up just
     * before the map changed, and a node that is missing from one map may be back in the next.
     */
    private void closeUnused(Set<String> unnamed) {
        unnamed.removeIf(address -> {
            JedisPool pool = pools.get(address);
            boolean unused = departed.contains(address) && pool.getNumActive() <= 0 && pool.getNumWaiters() <= 0;
            if (unused) {
                pools.remove(address);
                pool.close();
            }
            return unused;
        });
    }

    /** {@code host:port} without brackets, as Jedis does it. */
    private static String key(String host, int port) {
        return host + ":" + port;
    }

    /** Where commands go. Never changed once it is published. */
    private static final class Routes {

        final JedisPool[] bySlot = new JedisPool[KeySlot.COUNT];
        final Set<JedisPool> living = new HashSet<>();
        final Set<JedisPool> failed = new HashSet<>();
        final Set<String> named = new HashSet<>();

        void add(String address, JedisPool pool, boolean isFailed) {
            named.add(address);
            (isFailed ? failed : living).add(pool);
        }

        void assign(int first, int last, JedisPool owner) {
            Arrays.fill(bySlot, first, last + 1, owner);
        }
    }
}
