package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The audit of the layout finds something else than was told before. What comes and goes is told less and less often, as the difference to what
 * was told last. Immutable.
 */
public final class AuditEvent {

    private final long generation;
    private final List<Finding> appeared;
    private final List<Finding> vanished;

    /** As {@code Native.keeperNextEvent} gives it. */
    AuditEvent(Packed packed) {
        generation = packed.nextLong();
        appeared = Finding.list(packed);
        vanished = Finding.list(packed);
    }

    /** The generation that was audited. */
    public long generation() {
        return generation;
    }

    /** Findings that were not there before, the worst first; of the first audit all. */
    public List<Finding> appeared() {
        return appeared;
    }

    /** Findings that are not there any more, as they were told. */
    public List<Finding> vanished() {
        return vanished;
    }

    /** What has appeared, and what is gone, as an operator would say it. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        appeared.forEach(finding -> sentences.add(finding.toString()));
        vanished.forEach(finding -> sentences.add("no longer " + finding));
        return Collections.unmodifiableList(sentences);
    }

    /** Generation and sentences, for messages. */
    @Override
    public String toString() {
        return "generation " + generation + " (audit): " + String.join("; ", sentences());
    }
}
