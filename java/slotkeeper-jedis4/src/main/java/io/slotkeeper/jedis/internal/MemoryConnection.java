package io.slotkeeper.jedis.internal;

import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.commands.ProtocolCommand;

/**
 * A connection that is none: it answers CLUSTER SLOTS, and is asked nothing else, from memory, and so brings a map into
 * Jedis's cache by Jedis's own public methods. Opens nothing, throws nothing. For one thread.
 */
final class MemoryConnection extends Connection {

    private final List<Object> slots;
    private boolean asked;

    /** Answers with this reply to CLUSTER SLOTS. */
    MemoryConnection(List<Object> slots) {
        super(new HostAndPort("slotkeeper", 0));
        this.slots = slots;
    }

    /** How Jedis 4 and 5 ask. */
    @Override
    public void sendCommand(ProtocolCommand command, String... arguments) {}

    @Override
    public List<Object> getObjectMultiBulkReply() {
        asked = true;
        return slots;
    }

    /** How Jedis 6 and later ask. */
    @Override
    public Object executeCommand(CommandArguments command) {
        return getObjectMultiBulkReply();
    }

    /** Nothing to close. */
    @Override
    public void close() {}

    /** Whether Jedis has asked: if not, it dropped the map because a renewal of its own was running. */
    boolean wasAsked() {
        return asked;
    }
}
