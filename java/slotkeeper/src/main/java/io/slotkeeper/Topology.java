package io.slotkeeper;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The cluster as merged from what its nodes said: nodes, owners, states. Immutable; the generation only grows. */
public final class Topology {

    /** What holds before any node has answered: generation 0, no nodes, every slot unserved, health unknown. */
    static final Topology EMPTY = empty();

    private final long generation;
    private final Health health;
    private final long currentEpoch;
    private final List<Node> nodes;
    private final SlotMap slotMap;
    private final List<SlotRange> lostSlots;

    Topology(long generation, Health health, long currentEpoch, List<Node> nodes, SlotMap slotMap,
            List<SlotRange> lostSlots) {
        this.generation = generation;
        this.health = health;
        this.currentEpoch = currentEpoch;
        this.nodes = nodes;
        this.slotMap = slotMap;
        this.lostSlots = lostSlots;
    }

    /** The number of this topology; each change makes a higher one. 0: no node has answered yet. */
    public long generation() {
        return generation;
    }

    /** How the cluster is. */
    public Health health() {
        return health;
    }

    /** The highest epoch that the cluster has seen. */
    public long currentEpoch() {
        return currentEpoch;
    }

    /** All nodes, ordered by id. */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * Each master with its replicas, in order of the masters' ids. A replica whose master is not known is in none. Made
     * at each call.
     */
    public List<Shard> shards() {
        return Shard.of(nodes);
    }

    /** Who serves each slot. */
    public SlotMap slotMap() {
        return slotMap;
    }

    /** The slots that nobody owns, or whose owner has failed, in order; which of them are about to be taken over tells the map. */
    public List<SlotRange> lostSlots() {
        return lostSlots;
    }

    /** Generation, health and counts, for messages. */
    @Override
    public String toString() {
        return "Topology(generation " + generation + ", " + health + ", " + nodes.size() + " nodes"
                + (lostSlots.isEmpty() ? "" : ", lost slots " + lostSlots) + ")";
    }

    private static Topology empty() {
        short[] owners = new short[KeySlot.COUNT];
        Arrays.fill(owners, (short) -1);
        byte[] states = new byte[KeySlot.COUNT];
        Arrays.fill(states, (byte) SlotState.UNSERVED.ordinal());
        return new Topology(0, Health.UNKNOWN, 0, Collections.<Node>emptyList(),
                new SlotMap(0, new Node[0], owners, states, new byte[0]), Collections.<SlotRange>emptyList());
    }
}
