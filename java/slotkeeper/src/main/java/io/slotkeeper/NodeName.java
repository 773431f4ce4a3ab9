package io.slotkeeper;

import io.slotkeeper.internal.Packed;

/** A node as a change names it: what it is called, and where it stood when it happened. Immutable. */
public final class NodeName {

    private final String id;
    private final String host;
    private final int port;

    private NodeName(String id, String host, int port) {
        this.id = id;
        this.host = host;
        this.port = port;
    }

    /** A name; null if there is none. */
    static NodeName read(Packed packed) {
        String id = packed.nextOptionalId();
        return id == null ? null : new NodeName(id, packed.nextText(), packed.nextShort());
    }

    /** The {@link Node#id()}: 40 hex digits. */
    public String id() {
        return id;
    }

    /** Name or address of its host, IPv6 without brackets; empty if it is not known. */
    public String host() {
        return host;
    }

    /** Its port for clients; 0 if it is not known. */
    public int port() {
        return port;
    }

    /** {@code host:port}, or the id if the address is not known. */
    @Override
    public String toString() {
        return host.isEmpty() ? id : host + ":" + port;
    }
}
