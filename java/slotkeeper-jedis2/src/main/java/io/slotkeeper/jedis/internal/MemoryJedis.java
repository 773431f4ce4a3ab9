package io.slotkeeper.jedis.internal;

import java.util.List;
import redis.clients.jedis.Jedis;

/**
 * A connection that is none: it answers CLUSTER SLOTS from memory, and so brings a map into Jedis's cache by Jedis's own
 * public methods. Opens nothing, throws nothing. For one thread.
 */
final class MemoryJedis extends Jedis {

    private final List<Object> slots;
    private boolean asked;

    /** Answers with this reply to CLUSTER SLOTS. */
    MemoryJedis(List<Object> slots) {
        super("slotkeeper", 0);
        this.slots = slots;
    }

    @Override
    public List<Object> clusterSlots() {
        asked = true;
        return slots;
    }

    /** Nothing to close. */
    @Override
    public void close() {}

    /** Whether Jedis has asked: if not, it dropped the map because a renewal of its own was running. */
    boolean wasAsked() {
        return asked;
    }
}
