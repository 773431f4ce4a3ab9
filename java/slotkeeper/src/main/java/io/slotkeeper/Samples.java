package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of metrics, and samples of it: those that the native library has packed, and those that only Java knows. */
final class Samples {

    /** By name and in the table's order; null before it was asked for. Not made as the class is: that could fail only once. */
    private static volatile Map<String, Metric> table;

    private Samples() {}

    private static Map<String, Metric> table() {
        Map<String, Metric> known = table;
        if (known == null) {
            known = read(Native.metrics());
            table = known;
        }
        return known;
    }

    private static Map<String, Metric> read(String[] cells) {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i += 6) {
            List<Double> bounds = new ArrayList<>();
            for (String bound : list(cells[i + 4])) {
                bounds.add(Double.valueOf(bound));
            }
            Metric.Kind kind = Metric.Kind.valueOf(cells[i + 1].toUpperCase(Locale.ROOT));
            metrics.put(cells[i], new Metric(cells[i], kind, cells[i + 2], list(cells[i + 3]),
                    Collections.unmodifiableList(bounds), cells[i + 5]));
        }
        return metrics;
    }

    private static List<String> list(String joined) {
        return joined.isEmpty() ? Collections.<String>emptyList()
                : Collections.unmodifiableList(Arrays.asList(joined.split(",")));
    }

    static List<Metric> metrics() {
        Slotkeeper.load();
        return Collections.unmodifiableList(new ArrayList<>(table().values()));
    }

    /** As {@code Native.keeperMetrics} packs them; the caller may add to the list. */
    static List<Sample> read(Packed packed) {
        int count = packed.nextCount();
        List<Sample> samples = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Metric metric = named(packed.nextText());
            List<String> labels = new ArrayList<>(metric.labels().size());
            for (int label = 0; label < metric.labels().size(); label++) {
                labels.add(packed.nextText());
            }
            double value = packed.nextDouble();
            List<Long> counts = new ArrayList<>();
            for (int bucket = 0; metric.kind() == Metric.Kind.HISTOGRAM && bucket <= metric.bounds().size(); bucket++) {
                counts.add(packed.nextLong());
            }
            samples.add(new Sample(metric, labels, value, counts));
        }
        return samples;
    }

    /** A sample of a metric that only Java knows; the library is loaded. */
    static Sample of(String metric, double value, String... labels) {
        return new Sample(named(metric), Arrays.asList(labels), value, Collections.<Long>emptyList());
    }

    /** What a gate has done. */
    static List<Sample> of(Gate gate) {
        Slotkeeper.load();
        List<Sample> samples = new ArrayList<>();
        samples.add(of("slotkeeper_gate_mode", gate.mode().ordinal()));
        for (Gate.Mode mode : new Gate.Mode[] {Gate.Mode.OBSERVE, Gate.Mode.ON}) {
            gate.counters(mode).byName().forEach((action, count) -> samples.add(of("slotkeeper_gate_actions_total", count,
                    mode.name().toLowerCase(Locale.ROOT), action)));
        }
        return samples;
    }

    private static Metric named(String name) {
        Metric metric = table().get(name);
        if (metric == null) {
            throw new SlotkeeperException(SlotkeeperException.PANIC, "the native library has no metric " + name);
        }
        return metric;
    }
}
