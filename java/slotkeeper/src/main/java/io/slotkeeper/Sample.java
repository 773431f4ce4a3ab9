package io.slotkeeper;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** What was measured of one series of a {@link Metric}, at one moment. Immutable. */
public final class Sample {

    private final Metric metric;
    private final Map<String, String> labels;
    private final double value;
    private final List<Long> counts;

    /** @param labelValues in the order of the metric's labels */
    Sample(Metric metric, List<String> labelValues, double value, List<Long> counts) {
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < labelValues.size(); i++) {
            named.put(metric.labels().get(i), labelValues.get(i));
        }
        this.metric = metric;
        this.labels = Collections.unmodifiableMap(named);
        this.value = value;
        this.counts = Collections.unmodifiableList(counts);
    }

    /** What was measured. */
    public Metric metric() {
        return metric;
    }

    /** The labels by name, in the metric's order. */
    public Map<String, String> labels() {
        return labels;
    }

    /** The number; of a histogram the sum of all values. */
    public double value() {
        return value;
    }

    /**
     * Of a histogram, for each of {@link Metric#bounds} how many values were at most so high and above the bound before; last,
     * how many were above all bounds. Else empty.
     */
    public List<Long> counts() {
        return counts;
    }

    /** How many values a histogram has. */
    public long count() {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    /** The name with its labels, such as {@code redis_node_distribution{zone="none",role="master"}}: unlike that of any other. */
    public String series() {
        if (labels.isEmpty()) {
            return metric.name();
        }
        StringJoiner joined = new StringJoiner(",", metric.name() + "{", "}");
        labels.forEach((name, label) -> joined.add(name + "=\"" + label + '"'));
        return joined.toString();
    }

    /** The series and its value; of a histogram how many values, and their sum. */
    @Override
    public String toString() {
        String number = value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
        return series() + " " + (metric.kind() == Metric.Kind.HISTOGRAM ? count() + " values, sum " + number : number);
    }
}
