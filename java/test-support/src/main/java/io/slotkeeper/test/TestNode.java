package io.slotkeeper.test;

import java.util.Map;

/** One server of a {@link TestCluster}. Immutable: what held when it was asked for. */
public final class TestNode {

    private final Map<String, Object> fields;

    TestNode(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** The name it is called by in commands: m0 and r0 make the first shard; x0 was added. Stays through failovers. */
    public String name() {
        return (String) fields.get("name");
    }

    /** A, B or C. */
    public String zone() {
        return (String) fields.get("zone");
    }

    /** The host, 127.zone.0.x. */
    public String host() {
        return (String) fields.get("host");
    }

    /** The port, the same on all nodes of a cluster. */
    public int port() {
        return ((Long) fields.get("port")).intValue();
    }

    /** {@code host:port}. */
    public String address() {
        return host() + ":" + port();
    }

    /** The node id; null for a server without cluster mode. */
    public String id() {
        return (String) fields.get("id");
    }

    /** Whether it was a replica at the start. */
    public boolean wasReplica() {
        return fields.get("role").equals("replica");
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
