package io.slotkeeper.internal;

import io.slotkeeper.KeySlot;
import io.slotkeeper.Node;
import io.slotkeeper.SlotRange;
import io.slotkeeper.Topology;
import io.slotkeeper.Trouble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connection pools of a keeper cluster, one a node, and which of them serves each slot.
 *
 * <p>The only place that makes and closes pools. Readers take no lock: a new map is one volatile write, and a command sees
 * either the old map or the new one, whole. No method does network I/O; a pool connects when something is borrowed from it.
 *
 * @param <P> what the client library calls a pool; equal only to itself
 */
public final class NodePools<P> {

    private final Kind<P> kind;
    private final SlotGate gate;
    private final Map<String, P> pools = new ConcurrentHashMap<>();
    private volatile Routes<P> routes = new Routes<>();
    private volatile boolean closed;
    /** The generation that the routes show; 0 if they are not the keeper's. Guarded by this. */
    private long generation;
    /** The nodes with a pool that the routes do not name. Guarded by this. */
    private Set<String> departed = new HashSet<>();

    /**
     * No pools yet; those to come are of this kind.
     *
     * @param gate told of each topology once its map is in place; says whether connections to failed nodes are closed
     */
    public NodePools(Kind<P> kind, SlotGate gate) {
        this.kind = kind;
        this.gate = gate;
    }

    /** What differs from one client library to the next. Its methods neither block nor throw, but for {@link #afterClose}. */
    public interface Kind<P> {

        /** A new pool for a node, with no connection yet. */
        P open(String host, int port);

        /** Whether a connection of it is borrowed, or waited for. */
        boolean isUsed(P pool);

        /** Whether a connection was ever borrowed from it, or tried to be. */
        boolean wasUsed(P pool);

        /** Closes a pool; what is borrowed is closed when it is returned. */
        void close(P pool);

        /** Closes a pool with all its connections, also those that are borrowed or being made: whoever waits goes on. */
        void rescue(P pool);

        /** What is thrown at who wants a pool after all are closed. */
        RuntimeException afterClose();
    }

    /** Sends commands where this topology says, unless a newer one is in place. A failed owner keeps its slots. */
    public synchronized void adopt(Topology topology) {
        if (closed || topology.generation() <= generation) {
            return;
        }
        List<P> lost = takeLost(topology);
        Routes<P> next = new Routes<>();
        Map<String, P> owners = new HashMap<>();
        for (Node node : topology.nodes()) {
            if (ClusterSlots.canBeReached(node)) {
                String address = address(node.host(), node.port());
                P pool = ofNode(node.host(), node.port());
                next.add(address, pool, isSilent(node, topology));
                for (SlotRange range : node.slots()) {
                    next.assign(range.first(), range.last(), address, pool);
                    owners.put(node.id(), pool);
                }
            }
        }
        for (Node node : topology.nodes()) {
            if (node.masterId() != null && ClusterSlots.canBeReached(node) && !node.isFailed()) {
                next.addReplica(owners.get(node.masterId()), ofNode(node.host(), node.port()));
            }
        }
        publish(next);
        generation = topology.generation();
        gate.adopt(topology);
        // Now, so that whoever goes on finds the new map, and the gate before what is not served.
        lost.forEach(kind::rescue);
    }

    /**
     * Sends commands where this reply to CLUSTER SLOTS says; the keeper's next word replaces it, whatever its generation.
     *
     * @param askedHost the host that replied: what it means where it leaves a host out
     * @return false if the reply names no owner of any slot, and so was not taken
     */
    public synchronized boolean adopt(List<Object> reply, String askedHost) {
        Routes<P> next = new Routes<>();
        if (!closed) {
            ClusterSlots.read(reply, askedHost, (first, last, host, port, owns) -> {
                P pool = ofNode(host, port);
                next.add(address(host, port), pool, false);
                if (owns) {
                    next.assign(first, last, address(host, port), pool);
                } else {
                    next.addReplica(next.ownerOf(first), pool);
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
    public P ofSlot(int slot) {
        return routes.ownerOf(slot);
    }

    /** The pools of the living replicas of the slot's owner. */
    public List<P> ofReplicas(int slot) {
        Routes<P> now = routes;
        return now.replicas.getOrDefault(now.ownerOf(slot), Collections.emptyList());
    }

    /** The pool of a node, made if there is none: a redirection may name a node before any map does. */
    public P ofNode(String host, int port) {
        P pool = pools.get(address(host, port));
        return pool != null ? pool : make(host, port);
    }

    /** All pools in random order, those of failed and suspected nodes at the end. */
    public List<P> livingFirst() {
        Routes<P> now = routes;
        List<P> shuffled = new ArrayList<>(now.living);
        Collections.shuffle(shuffled);
        List<P> silent = new ArrayList<>(now.silent);
        Collections.shuffle(silent);
        shuffled.addAll(silent);
        return shuffled;
    }

    /** All pools by {@code host:port}, as Jedis names them; a copy. */
    public Map<String, P> byAddress() {
        return new HashMap<>(pools);
    }

    /** The pools of all owners of slots by {@code host:port}; not to be changed. */
    public Map<String, P> ownersByAddress() {
        return Collections.unmodifiableMap(routes.owners);
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return closed;
    }

    /** Closes all pools; what is borrowed is closed when it is returned. Any number of times. */
    public synchronized void close() {
        closed = true;
        routes = new Routes<>();
        gate.close();
        pools.values().forEach(kind::close);
        pools.clear();
    }

    private synchronized P make(String host, int port) {
        if (closed) {
            throw kind.afterClose();
        }
        return pools.computeIfAbsent(address(host, port), absent -> kind.open(host, port));
    }

    /**
     * Takes out the pools whose connections lead to failed nodes, or to silent ones whose slots somebody else has got; fresh
     * ones take their places. A node that is merely silent may answer yet, and one that has handed its slots over does.
     */
    private List<P> takeLost(Topology topology) {
        List<P> lost = new ArrayList<>();
        for (Node node : topology.nodes()) {
            P pool = pools.get(node.address());
            boolean isReplaced = node.slots().isEmpty() && routes.owners.containsKey(node.address())
                    && (routes.silent.contains(pool) || node.isSuspected());
            if (pool != null && (node.isFailed() || isReplaced) && kind.wasUsed(pool) && gate.countsRescues()) {
                gate.countRescue();
                if (gate.rescues()) {
                    pools.remove(node.address());
                    lost.add(pool);
                }
            }
        }
        return lost;
    }

    private static boolean isSilent(Node node, Topology topology) {
        Trouble trouble = node.slots().isEmpty() ? null : topology.slotMap().reasonOf(node.slots().get(0).first());
        return node.isFailed() || node.isSuspected() || trouble == Trouble.OWNER_SUSPECTED;
    }

    private void publish(Routes<P> next) {
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
            P pool = pools.get(address);
            boolean unused = departed.contains(address) && !kind.isUsed(pool);
            if (unused) {
                pools.remove(address);
                kind.close(pool);
            }
            return unused;
        });
    }

    /** {@code host:port} without brackets, as Jedis does it. */
    private static String address(String host, int port) {
        return host + ":" + port;
    }

    /** Where commands go. Never changed once it is published. */
    private static final class Routes<P> {

        private final Object[] bySlot = new Object[KeySlot.COUNT];
        final Map<String, P> owners = new HashMap<>();
        final Map<P, List<P>> replicas = new HashMap<>();
        final Set<P> living = new HashSet<>();
        final Set<P> silent = new HashSet<>();
        final Set<String> named = new HashSet<>();

        void add(String address, P pool, boolean isSilent) {
            named.add(address);
            (isSilent ? silent : living).add(pool);
        }

        void assign(int first, int last, String address, P owner) {
            Arrays.fill(bySlot, first, last + 1, owner);
            owners.put(address, owner);
        }

        /** {@code owner} may be null: then its replicas serve nothing. */
        void addReplica(P owner, P replica) {
            List<P> known = replicas.computeIfAbsent(owner, first -> new ArrayList<>());
            if (owner != null && !known.contains(replica)) {
                known.add(replica);
            }
        }

        @SuppressWarnings("unchecked") // Only assign() fills it; an array of a type parameter cannot be made.
        P ownerOf(int slot) {
            return (P) bySlot[slot];
        }
    }
}
