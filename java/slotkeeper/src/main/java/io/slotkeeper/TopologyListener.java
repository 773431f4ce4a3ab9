package io.slotkeeper;

/** Hears of new topologies, after they were published and handed over, and of what is wrong with their layout. */
@FunctionalInterface
public interface TopologyListener {

    /**
     * Called on the listener thread, one event after another. May take its time: hand-overs do not wait for it, but
     * other listeners and log lines do, and what does not fit into the queue meanwhile is counted and said. What it
     * throws is logged, and so is a listener that has not returned for ten seconds, each once a minute.
     */
    void changed(TopologyEvent event);

    /** The same for audits of the layout: what is found now and was not before, and what is gone. Does nothing, unless it is overridden. */
    default void audited(AuditEvent event) {}
}
