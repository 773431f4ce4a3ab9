package io.slotkeeper;

import java.util.List;

/** One node of a topology. Immutable. */
public final class Node {

    private final String id;
    private final String host;
    private final int port;
    private final Role role;
    private final String masterId;
    private final String failure;
    private final long configEpoch;
    private final String hostname;
    private final List<SlotRange> slots;

    Node(String id, String host, int port, Role role, String masterId, String failure, long configEpoch,
            String hostname, List<SlotRange> slots) {
        this.id = id;
        this.host = host;
        this.port = port;
        this.role = role;
        this.masterId = masterId;
        this.failure = failure;
        this.configEpoch = configEpoch;
        this.hostname = hostname;
        this.slots = slots;
    }

    /** The node's name for itself: 40 hex digits. */
    public String id() {
        return id;
    }

    /** Address (or name) that clients reach it by; IPv6 without brackets. */
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

    /** Master or replica; null while the node is being met. */
    public Role role() {
        return role;
    }

    /** The {@link #id()} of the master that a replica copies; null for masters, and if it is not known. */
    public String masterId() {
        return masterId;
    }

    /** Whether the cluster agrees that the node has failed. */
    public boolean isFailed() {
        return failure.equals("fail");
    }

    /** Whether a node suspects it of having failed; false once that is agreed. */
    public boolean isSuspected() {
        return failure.equals("fail?");
    }

    /** The config epoch of a master's slots: of two claims to a slot the higher one wins. */
    public long configEpoch() {
        return configEpoch;
    }

    /** The announced host name (Redis 7 and later); empty if there is none. */
    public String hostname() {
        return hostname;
    }

    /** The slots that the node owns, in order; empty for replicas. */
    public List<SlotRange> slots() {
        return slots;
    }

    /** Address, role and failure, for messages. */
    @Override
    public String toString() {
        return address() + (role == null ? "" : " " + role.name().toLowerCase(java.util.Locale.ROOT))
                + (failure.isEmpty() ? "" : " " + failure);
    }
}
