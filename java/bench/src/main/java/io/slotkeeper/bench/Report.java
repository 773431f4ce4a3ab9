package io.slotkeeper.bench;

import io.slotkeeper.test.Floor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The results as a table for people, and as JSON. */
final class Report {

    private static final String[][] READERS = {
        {"rust", "Rust"}, {"crc16", "crate crc16"}, {"slotkeeperNative", "Java: the call"}, {"slotkeeper", "Java"}, {"slotkeeperText", "Java: a text"},
        {"serves", "Java: serves"}, {"withoutGate", "no gate"}, {"withGate", "gate"}, {"othersPending", "others pending"},
        {"array", "an array"}, {"redisson", "Redisson"}, {"lettuce", "Lettuce"}, {"jedis", "Jedis"},
    };

    /** What is measured in ns; all else in µs. */
    private static final List<String> NANOSECONDS = Arrays.asList(Main.KEY_SLOT, Main.OWNER, Main.KEY_OWNER, Main.GATE);

    private Report() {}

    static String table(Results results, List<Floor> floors) {
        StringBuilder table = new StringBuilder();
        results.all().forEach((subject, cases) -> {
            table.append('\n').append(subject)
                    .append(NANOSECONDS.contains(subject) ? ", ns" : ", µs").append('\n');
            row(table, "", reader -> reader[1], cases);
            cases.forEach((of, readers) -> row(table, of, reader -> number(readers.get(reader[0])), cases));
        });
        table.append("\nLonger than Slotkeeper, times\n");
        table.append(String.format("%-32s%16s%16s%16s%16s%n", "",
                "Redisson : Rust", "Lettuce : Rust", "Redisson : Java", "Lettuce : Java"));
        for (String of : Replies.names()) {
            table.append(String.format("%-32s", of));
            for (String own : new String[] {"rust", "slotkeeper"}) {
                for (String other : new String[] {"redisson", "lettuce"}) {
                    table.append(String.format("%16s", number(results.ratio(Main.PARSE, of, other, own))));
                }
            }
            table.append('\n');
        }
        table.append(String.format("%n%-48s%12s%12s%n", "floors", "measured", "floor"));
        for (Floor floor : floors) {
            table.append(String.format("%-48s%12s%12s  %s%n", floor.what(), number(floor.measured()),
                    (floor.isAtLeast() ? ">= " : "<= ") + number(floor.limit()), floor.verdict()));
        }
        return table.toString();
    }

    static String json(Results results, List<Floor> floors) {
        StringJoiner subjects = new StringJoiner(",\n  ", "{\n  ", "\n}\n");
        results.all().forEach((subject, cases) -> {
            StringJoiner lines = new StringJoiner(",\n    ", "{\n    ", "\n  }");
            cases.forEach((of, readers) -> {
                StringJoiner numbers = new StringJoiner(", ", "{", "}");
                readers.forEach((reader, median) -> numbers.add(quote(reader) + ": " + exact(median)));
                lines.add(quote(of) + ": " + numbers);
            });
            subjects.add(quote(subject) + ": " + lines);
        });
        StringJoiner told = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        floors.forEach(floor -> told.add(floor.json()));
        return subjects.add("\"floors\": " + told).toString();
    }

    private interface Cell {
        String of(String[] reader);
    }

    /** Readers that measured nothing of a subject have no column. */
    private static void row(StringBuilder table, String head, Cell cell, Map<String, Map<String, Double>> cases) {
        table.append(String.format("%-32s", head));
        for (String[] reader : READERS) {
            if (cases.values().stream().anyMatch(readers -> readers.containsKey(reader[0]))) {
                table.append(String.format("%16s", cell.of(reader)));
            }
        }
        table.append('\n');
    }

    private static String number(Double value) {
        if (value == null || value.isNaN()) {
            return "-";
        }
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }

    private static String exact(double value) {
        return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.4f", value);
    }

    /** The names have nothing in them that JSON writes otherwise. */
    private static String quote(String name) {
        return '"' + name + '"';
    }
}
