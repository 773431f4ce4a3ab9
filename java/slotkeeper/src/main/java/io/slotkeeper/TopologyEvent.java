package io.slotkeeper;

import java.util.List;

/** A new generation, and what is different in it. Immutable. */
public final class TopologyEvent {

    private final long generation;
    private final String cause;
    private final List<String> changes;
    private final Topology topology;

    TopologyEvent(long generation, String cause, List<String> changes, Topology topology) {
        this.generation = generation;
        this.cause = cause;
        this.changes = changes;
        this.topology = topology;
    }

    /** The generation that the event tells of. */
    public long generation() {
        return generation;
    }

    /**
     * What made Slotkeeper look: {@code start}, {@code interval}, {@code asked}, {@code moved} or {@code failure}; or
     * {@code resynchronise} if events were lost before this one: only {@link #topology()} tells what holds.
     */
    public String cause() {
        return cause;
    }

    /** What is different from the generation before, a sentence each. */
    public List<String> changes() {
        return changes;
    }

    /** The topology when the event was taken: of this generation or a later one. */
    public Topology topology() {
        return topology;
    }

    /** Generation, cause and changes, for messages. */
    @Override
    public String toString() {
        return "generation " + generation + " (" + cause + "): " + String.join("; ", changes);
    }
}
