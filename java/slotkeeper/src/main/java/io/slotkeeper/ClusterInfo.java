package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.nio.charset.StandardCharsets;

/**
 * A CLUSTER INFO reply, read: what one node says about the state of the cluster. What a server does not send is 0, or -1
 * where this is said. Immutable.
 */
public final class ClusterInfo {

    private final boolean ok;
    private final int slotsAssigned;
    private final int slotsOk;
    private final int slotsSuspected;
    private final int slotsFailed;
    private final int knownNodes;
    private final int size;
    private final long currentEpoch;
    private final long myEpoch;
    private final long messagesSent;
    private final long messagesReceived;
    private final long linksCut;
    private final long nodesSuspected;
    private final long nodesFailed;
    private final long votingNodesSuspected;
    private final long votingNodesFailed;

    private ClusterInfo(Packed packed) {
        ok = packed.nextByte() != 0;
        slotsAssigned = packed.nextCount();
        slotsOk = packed.nextCount();
        slotsSuspected = packed.nextCount();
        slotsFailed = packed.nextCount();
        knownNodes = packed.nextCount();
        size = packed.nextCount();
        currentEpoch = packed.nextLong();
        myEpoch = packed.nextLong();
        messagesSent = packed.nextLong();
        messagesReceived = packed.nextLong();
        linksCut = packed.nextLong();
        nodesSuspected = packed.nextLong();
        nodesFailed = packed.nextLong();
        votingNodesSuspected = packed.nextLong();
        votingNodesFailed = packed.nextLong();
    }

    /**
     * Reads a CLUSTER INFO reply of any server version, without RESP framing. Any thread.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#BAD_REPLY} if the text is none,
     *     {@link SlotkeeperException#TOO_LARGE} above 64 KB, {@link SlotkeeperException#LIBRARY} if the library cannot be
     *     loaded
     */
    public static ClusterInfo parse(byte[] reply) {
        Slotkeeper.load();
        return new ClusterInfo(new Packed(Native.parseInfo(reply)));
    }

    /**
     * As {@link #parse(byte[])}, of a text as Jedis gives it.
     *
     * @throws SlotkeeperException as {@link #parse(byte[])}
     */
    public static ClusterInfo parse(String reply) {
        return parse(reply.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code cluster_state:ok}: the node takes requests. A node says {@code fail} for about 2 s after its own start as well. */
    public boolean isOk() {
        return ok;
    }

    /** Slots that have an owner. */
    public int slotsAssigned() {
        return slotsAssigned;
    }

    /** Slots whose owner is neither {@code fail} nor {@code fail?}. */
    public int slotsOk() {
        return slotsOk;
    }

    /** Slots whose owner is {@code fail?}. */
    public int slotsSuspected() {
        return slotsSuspected;
    }

    /** Slots whose owner is {@code fail}. */
    public int slotsFailed() {
        return slotsFailed;
    }

    /** All nodes that the node knows, itself included. */
    public int knownNodes() {
        return knownNodes;
    }

    /** Masters that own at least one slot. */
    public int size() {
        return size;
    }

    /** The highest epoch that the node has seen. */
    public long currentEpoch() {
        return currentEpoch;
    }

    /** The node's own config epoch, or its master's. */
    public long myEpoch() {
        return myEpoch;
    }

    /** Messages sent over the cluster bus since the node's start. */
    public long messagesSent() {
        return messagesSent;
    }

    /** Messages received over the cluster bus since the node's start. */
    public long messagesReceived() {
        return messagesReceived;
    }

    /** Links of the bus that were cut since their buffers were too full (Redis 7.0 and later); else -1. */
    public long linksCut() {
        return linksCut;
    }

    /** Nodes that are {@code fail?} (Valkey 9.0 and later, as the three that follow); else -1. */
    public long nodesSuspected() {
        return nodesSuspected;
    }

    /** Nodes that are {@code fail}; else -1. */
    public long nodesFailed() {
        return nodesFailed;
    }

    /** Masters that own slots and are {@code fail?}; else -1. */
    public long votingNodesSuspected() {
        return votingNodesSuspected;
    }

    /** Masters that own slots and are {@code fail}; else -1. */
    public long votingNodesFailed() {
        return votingNodesFailed;
    }

    /** State, slots and nodes, for messages. */
    @Override
    public String toString() {
        return "ClusterInfo(" + (ok ? "ok" : "fail") + ", " + slotsAssigned + " slots assigned, " + slotsOk + " ok, "
                + knownNodes + " nodes)";
    }
}
