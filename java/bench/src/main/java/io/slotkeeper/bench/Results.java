package io.slotkeeper.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was measured: a median for each subject (such as {@code parse_nodes}), case and reader. */
final class Results {

    private static final Pattern MEDIAN = Pattern.compile("\"median\":\\{.*?\"point_estimate\":([-+.eE0-9]+)");

    private final Map<String, Map<String, Map<String, Double>>> subjects = new LinkedHashMap<>();

    /** Enters a median. */
    void put(String subject, String of, String reader, double median) {
        medians(subject, of).put(reader, median);
    }

    /**
     * Enters what criterion has measured; nothing if it has not. Its numbers are ns. Other readers than {@code rust} stand there under
     * the name of the case and their own.
     */
    void putCriterion(Path target, String subject, String of, String reader, double nanosecondsPerUnit) throws IOException {
        // Also without a median: cases stand in the order in which they were named.
        medians(subject, of);
        String name = reader.equals("rust") ? of : of + ", " + reader;
        Path file = target.resolve("criterion").resolve(subject).resolve(name).resolve("new").resolve("estimates.json");
        if (!Files.exists(file)) {
            return;
        }
        Matcher median = MEDIAN.matcher(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        if (!median.find()) {
            throw new IOException(file + " has no median: criterion writes another form than this program reads");
        }
        put(subject, of, reader, Double.parseDouble(median.group(1)) / nanosecondsPerUnit);
    }

    /** The median; NaN if it was not measured. */
    double get(String subject, String of, String reader) {
        return medians(subject, of).getOrDefault(reader, Double.NaN);
    }

    /** How many times as long one reader takes as another; NaN if either was not measured. */
    double ratio(String subject, String of, String slower, String faster) {
        return get(subject, of, slower) / get(subject, of, faster);
    }

    /** All of it, as it is kept: subject, case, reader. */
    Map<String, Map<String, Map<String, Double>>> all() {
        return subjects;
    }

    private Map<String, Double> medians(String subject, String of) {
        return subjects.computeIfAbsent(subject, s -> new LinkedHashMap<>()).computeIfAbsent(of, c -> new LinkedHashMap<>());
    }
}
