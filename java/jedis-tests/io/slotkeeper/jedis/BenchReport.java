package io.slotkeeper.jedis;

import io.slotkeeper.test.Floor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** What a benchmark on real clusters has measured, as Markdown and as JSON; and which floors are held. For one thread. */
final class BenchReport {

    /** Table, case, client, measure: a value each run. */
    private final Map<String, Map<String, Map<String, Map<String, List<Double>>>>> tables = new LinkedHashMap<>();
    private final List<Floor> floors = new ArrayList<>();

    /** Enters what one run has come to. */
    void add(String table, String of, String client, String measure, double value) {
        tables.computeIfAbsent(table, name -> new LinkedHashMap<>()).computeIfAbsent(of, name -> new LinkedHashMap<>())
                .computeIfAbsent(client, name -> new LinkedHashMap<>()).computeIfAbsent(measure, name -> new ArrayList<>())
                .add(value);
    }

    /** Before floors are judged anew, of more runs. */
    void forgetFloors() {
        floors.clear();
    }

    /** A floor for the worst of all runs; for none, if it was not measured. */
    void atMost(double limit, String table, String of, String client, String measure) {
        List<Double> values = values(table, of, client, measure);
        if (!values.isEmpty()) {
            floors.add(Floor.atMost(of + ", " + client + ": " + measure, Collections.max(values), limit));
        }
    }

    /** A floor for the median of all runs. */
    void medianAtLeast(double limit, String table, String of, String client, String measure) {
        List<Double> values = values(table, of, client, measure);
        if (!values.isEmpty()) {
            floors.add(Floor.atLeast(of + ", " + client + ": " + measure + " (median)", median(values), limit));
        }
    }

    /** A floor that the worst run of another client sets. */
    void noMore(String table, String of, String client, String other, String measure) {
        values(table, of, other, measure).stream().max(Double::compare)
                .ifPresent(limit -> atMost(limit, table, of, client, measure));
    }

    /** A table each, a row a case and client; median, and the worst in brackets where runs differ. Then the floors. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        tables.forEach((table, cases) -> {
            List<String> measures = new ArrayList<>(cases.values().iterator().next().values().iterator().next().keySet());
            text.append("\n### ").append(table).append("\n\n| | client | runs | ").append(String.join(" | ", measures))
                    .append(" |\n|---|---|---|").append(String.join("", Collections.nCopies(measures.size(), "---|"))).append('\n');
            cases.forEach((of, clients) -> clients.forEach((client, values) -> {
                text.append("| ").append(of).append(" | ").append(client).append(" | ")
                        .append(values.values().iterator().next().size());
                measures.forEach(measure -> text.append(" | ").append(cell(values.get(measure))));
                text.append(" |\n");
            }));
        });
        text.append("\n### Floors\n\n| | measured | floor | |\n|---|---|---|---|\n");
        floors.forEach(floor -> text.append("| ").append(floor.what()).append(" | ").append(number(floor.measured())).append(" | ")
                .append(floor.isAtLeast() ? "≥ " : "≤ ").append(number(floor.limit())).append(" | ").append(floor.verdict()).append(" |\n"));
        return text.toString();
    }

    /** All values of all runs, and the floors. */
    String json(String version) {
        StringJoiner all = new StringJoiner(",\n  ", "{\n  \"jedis\": \"" + version + "\",\n  ", "\n}\n");
        tables.forEach((table, cases) -> {
            StringJoiner rows = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
            cases.forEach((of, clients) -> clients.forEach((client, values) -> {
                StringJoiner row = new StringJoiner(", ", "{", "}");
                row.add("\"case\": \"" + of + "\"").add("\"client\": \"" + client + "\"");
                values.forEach((measure, runs) -> row.add("\"" + measure + "\": " + runs));
                rows.add(row.toString());
            }));
            all.add("\"" + table + "\": " + rows);
        });
        StringJoiner told = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        floors.forEach(floor -> told.add(floor.json()));
        return all.add("\"floors\": " + told).toString();
    }

    private List<Double> values(String table, String of, String client, String measure) {
        return tables.getOrDefault(table, Collections.emptyMap()).getOrDefault(of, Collections.emptyMap())
                .getOrDefault(client, Collections.emptyMap()).getOrDefault(measure, Collections.emptyList());
    }

    private static String cell(List<Double> values) {
        if (values == null) {
            return "-";
        }
        double worst = Collections.max(values);
        double median = median(values);
        return number(median) + (worst == median ? "" : " (" + number(worst) + ")");
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.2f", value);
    }
}
