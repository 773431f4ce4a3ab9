package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A rule of the audit that is broken, by whom, and what mends it. Immutable. */
public final class Finding {

    private final String rule;
    private final Severity severity;
    private final String sentence;
    private final String remedy;
    private final List<String> nodes;
    private final List<SlotRange> slots;

    private Finding(Packed packed) {
        rule = packed.nextText();
        severity = Severity.ofNumber(packed.nextByte());
        sentence = packed.nextText();
        remedy = packed.nextText();
        int count = packed.nextCount();
        List<String> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(packed.nextId());
        }
        nodes = Collections.unmodifiableList(ids);
        slots = SlotRange.list(packed);
    }

    /** The findings, behind their number. */
    static List<Finding> list(Packed packed) {
        int count = packed.nextCount();
        List<Finding> findings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            findings.add(new Finding(packed));
        }
        return Collections.unmodifiableList(findings);
    }

    /**
     * The rule's stable id, such as {@code shard-in-one-zone}; the metric {@code slotkeeper_audit_findings} has it as its label. Later
     * versions may add rules.
     */
    public String rule() {
        return rule;
    }

    /** How bad it is. */
    public Severity severity() {
        return severity;
    }

    /** What is the matter, in one sentence. */
    public String sentence() {
        return sentence;
    }

    /** What an operator does about it. */
    public String remedy() {
        return remedy;
    }

    /** The ids of the nodes concerned, the one that it is about first. */
    public List<String> nodes() {
        return nodes;
    }

    /** The slots concerned, in order; empty where it is about no slots. */
    public List<SlotRange> slots() {
        return slots;
    }

    /** Severity, rule and sentence, for messages. */
    @Override
    public String toString() {
        return severity.name().toLowerCase(Locale.ROOT) + " " + rule + ": " + sentence;
    }
}
