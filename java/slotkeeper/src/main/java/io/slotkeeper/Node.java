package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One node: what a line of CLUSTER NODES says of it, or what a topology believes. Immutable.
 *
 * <p>In a topology address, role, master, failure, config epoch and slots are merged from all views; the rest is as the
 * best-informed node sent it.
 */
public final class Node {

    private final String id;
    private final String host;
    private final int port;
    private final int busPort;
    private final String hostname;
    private final String auxiliary;
    private final String flagsText;
    private final int flags;
    private final String masterId;
    private final long pingSent;
    private final long pongReceived;
    private final long configEpoch;
    private final boolean linked;
    private final List<SlotRange> slots;
    private final List<MovingSlot> moving;

    /** Reads one node of what {@code Native.parseNodes} or {@code Native.keeperTopology} gives. */
    Node(Packed packed) {
        id = packed.nextId();
        host = packed.nextText();
        port = packed.nextShort();
        busPort = packed.nextShort();
        hostname = packed.nextText();
        auxiliary = packed.nextText();
        flagsText = packed.nextText();
        flags = packed.nextShort();
        masterId = packed.nextOptionalId();
        pingSent = packed.nextLong();
        pongReceived = packed.nextLong();
        configEpoch = packed.nextLong();
        linked = packed.nextByte() != 0;
        slots = SlotRange.list(packed);
        moving = MovingSlot.list(packed);
    }

    /** The nodes, behind their number. */
    static List<Node> list(Packed packed) {
        int count = packed.nextCount();
        List<Node> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            nodes.add(new Node(packed));
        }
        return Collections.unmodifiableList(nodes);
    }

    /** The node's name for itself: 40 hex digits. */
    public String id() {
        return id;
    }

    /**
     * Address (or name) that clients reach it by; IPv6 without brackets. Empty if it was sent without one: in a reply
     * that is the node that answered and does not know its own, or one with {@link Flag#NO_ADDRESS}.
     */
    public String host() {
        return host;
    }

    /** The port for clients; 0 if unknown. */
    public int port() {
        return port;
    }

    /** {@code host:port}, as Jedis names its pools: IPv6 without brackets. */
    public String address() {
        return host + ":" + port;
    }

    /** The port of the cluster bus; 0 if it is not told, as before Redis 4. */
    public int busPort() {
        return busPort;
    }

    /** The announced host name (Redis 7 and later); empty if there is none. */
    public String hostname() {
        return hostname;
    }

    /** Auxiliary fields behind the address as sent, {@code key=value} between commas; empty if there are none. */
    public String auxiliary() {
        return auxiliary;
    }

    /** The known flags. */
    public Set<Flag> flags() {
        Set<Flag> set = EnumSet.noneOf(Flag.class);
        for (Flag flag : Flag.values()) {
            if (has(flag)) {
                set.add(flag);
            }
        }
        return set;
    }

    /** All flags as sent, between commas, unknown ones too. In a topology {@link #flags()} is right where the two differ. */
    public String flagsText() {
        return flagsText;
    }

    /** Whether a flag is set. */
    public boolean has(Flag flag) {
        return (flags & flag.bit()) != 0;
    }

    /** Master or replica; null while the node is being met. */
    public Role role() {
        return has(Flag.MASTER) ? Role.MASTER : has(Flag.REPLICA) ? Role.REPLICA : null;
    }

    /** The {@link #id()} of the master that a replica copies; null for masters, and if it is not known. */
    public String masterId() {
        return masterId;
    }

    /** Whether the cluster agrees that the node has failed. */
    public boolean isFailed() {
        return has(Flag.FAILED);
    }

    /** Whether a node suspects it of having failed; in a topology false once that is agreed. */
    public boolean isSuspected() {
        return has(Flag.SUSPECTED);
    }

    /** Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is. */
    public long pingSent() {
        return pingSent;
    }

    /** When the last pong came, in ms of the answering node's clock. */
    public long pongReceived() {
        return pongReceived;
    }

    /** The config epoch of a master's slots: of two claims to a slot the higher one wins. A replica's decides nothing. */
    public long configEpoch() {
        return configEpoch;
    }

    /** Whether the answering node's bus link to this one stands. Says nothing about health. */
    public boolean isLinked() {
        return linked;
    }

    /** The slots that the node owns, in the order they were sent (a topology: from low to high); empty for replicas. */
    public List<SlotRange> slots() {
        return slots;
    }

    /** The slots that the node tells to be on the move; only the node that answered tells of its own. */
    public List<MovingSlot> moving() {
        return moving;
    }

    /** Address, role and failure, for messages. */
    @Override
    public String toString() {
        return address() + (role() == null ? "" : " " + role().name().toLowerCase(Locale.ROOT))
                + (isFailed() ? " fail" : isSuspected() ? " fail?" : "");
    }
}
