package io.slotkeeper.demo.director;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the audience sees: what happens, as it happens, and a table of it at the end. */
final class Programme {
    private static final int[] WIDTHS = {2, 44, 44, 38, 4};

    private final PrintStream out;
    private final long start = System.nanoTime();
    private final List<String[]> rows = new ArrayList<>();
    private boolean allHeld = true;

    Programme(PrintStream out) {
        this.out = out;
    }

    /** A new step begins. */
    void announce(String title) {
        out.printf(Locale.ROOT, "%n[%5.1f s] %s%n", seconds(), title);
    }

    /** Something happened. */
    void tell(String format, Object... arguments) {
        out.printf(Locale.ROOT, "[%5.1f s]   %s%n", seconds(), String.format(Locale.ROOT, format, arguments));
    }

    /** A line that somebody else printed. */
    void quote(String line) {
        wrap(line, 125).forEach(part -> out.println("             | " + part));
    }

    /** A row of the table. */
    void note(int step, String happened, String measured, String expected, boolean held) {
        rows.add(new String[] {Integer.toString(step), happened, measured, expected, held ? "yes" : "NO"});
        tell("%s: %s", held ? "As expected" : "NOT AS EXPECTED (" + expected + ")", measured);
        allHeld &= held;
    }

    /** Whether every expectation held so far. */
    boolean allHeld() {
        return allHeld;
    }

    /** Prints the table, in the order of the steps. */
    void printTable() {
        out.println();
        line("", "What happened", "Measured", "Expected", "Held");
        out.println(String.join("", Collections.nCopies(Arrays.stream(WIDTHS).sum() + 2 * (WIDTHS.length - 1), "-")));
        rows.sort(Comparator.comparing(row -> row[0]));
        rows.forEach(this::line);
        out.println();
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private void line(String... cells) {
        List<List<String>> wrapped = new ArrayList<>();
        for (int column = 0; column < cells.length; column++) {
            wrapped.add(wrap(cells[column], WIDTHS[column]));
        }
        int height = wrapped.stream().mapToInt(List::size).max().orElse(0);
        for (int row = 0; row < height; row++) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < cells.length; column++) {
                String cell = row < wrapped.get(column).size() ? wrapped.get(column).get(row) : "";
                text.append(String.format("%-" + WIDTHS[column] + "s  ", cell));
            }
            out.println(text.toString().replaceAll(" +$", ""));
        }
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
