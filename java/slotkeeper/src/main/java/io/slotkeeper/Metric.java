package io.slotkeeper;

import java.util.List;

/** One thing that is measured, as the native library's table defines it: names are the same in Prometheus's text and in Micrometer. */
public final class Metric {

    /** What the values of a metric are. */
    public enum Kind {
        /** What holds now; may rise and fall. */
        GAUGE,
        /** How often something has happened; only grows. */
        COUNTER,
        /** How many values were at most so high, for each of {@link Metric#bounds}. */
        HISTOGRAM
    }

    private final String name;
    private final Kind kind;
    private final String unit;
    private final List<String> labels;
    private final List<Double> bounds;
    private final String sentence;

    Metric(String name, Kind kind, String unit, List<String> labels, List<Double> bounds, String sentence) {
        this.name = name;
        this.kind = kind;
        this.unit = unit;
        this.labels = labels;
        this.bounds = bounds;
        this.sentence = sentence;
    }

    /** The name, such as {@code redis_slot_coverage}. */
    public String name() {
        return name;
    }

    /** What its values are. */
    public Kind kind() {
        return kind;
    }

    /** What its values count, such as {@code seconds} or {@code nodes}; empty where a number stands for a state. */
    public String unit() {
        return unit;
    }

    /** The names of its labels, such as {@code zone} and {@code role}. */
    public List<String> labels() {
        return labels;
    }

    /** Of a histogram the upper bounds of its buckets but the last, which has none; else empty. */
    public List<Double> bounds() {
        return bounds;
    }

    /** What it tells, and what its values mean. */
    public String sentence() {
        return sentence;
    }

    /** Name, kind and sentence, for messages. */
    @Override
    public String toString() {
        return name + " (" + kind + "): " + sentence;
    }
}
