package io.slotkeeper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A new generation, and what is different in it. Immutable. */
public final class TopologyEvent {

    private final long generation;
    private final String cause;
    private final List<Change> changes;
    private final List<String> sentences;
    private final Topology topology;

    private TopologyEvent(long generation, String cause, List<Change> changes, List<String> sentences, Topology topology) {
        this.generation = generation;
        this.cause = cause;
        this.changes = changes;
        this.sentences = sentences;
        this.topology = topology;
    }

    static TopologyEvent changed(long generation, String cause, List<Change> changes, Topology topology) {
        List<String> sentences = new ArrayList<>(changes.size());
        for (Change change : changes) {
            sentences.add(change.sentence());
        }
        return new TopologyEvent(generation, cause, changes, Collections.unmodifiableList(sentences), topology);
    }

    static TopologyEvent resynchronise(long generation, String sentence, Topology topology) {
        return new TopologyEvent(generation, "resynchronise", Collections.<Change>emptyList(),
                Collections.singletonList(sentence), topology);
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

    /** What is different from the generation before; empty if events were lost. */
    public List<Change> changes() {
        return changes;
    }

    /** The {@link #changes()} as an operator would say them; one sentence that says how many if events were lost. */
    public List<String> sentences() {
        return sentences;
    }

    /** The topology when the event was taken: of this generation or a later one. */
    public Topology topology() {
        return topology;
    }

    /** Generation, cause and sentences, for messages. */
    @Override
    public String toString() {
        return "generation " + generation + " (" + cause + "): " + String.join("; ", sentences);
    }
}
