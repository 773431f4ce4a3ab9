package io.slotkeeper.bench;

import io.slotkeeper.test.Floor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the Java benchmarks, sets what criterion measured just before beside them, and tells which floors are held.
 * Arguments: the directory of the test data, and cargo's target directory.
 */
public final class Main {

    static final String PARSE = "parse_nodes";
    static final String PARSE_AND_OWNERS = "parse_nodes_and_owners";
    static final String KEY_SLOT = "key_slot";
    static final String MERGE = "merge of 3 views of 1000 nodes";
    static final String DIFF = "diff of two equal topologies of 1000 nodes";
    static final String[] LAYOUTS = {"contiguous", "each slot a range"};
    static final String OWNER = "slot_owner";
    static final String KEY_OWNER = "key_owner";
    static final String GATE = "slot_pool";
    static final String THOUSAND = "1000 nodes";

    private Main() {}

    /** Measures for about four minutes, and prints. */
    public static void main(String[] arguments) throws IOException, RunnerException {
        Path target = Paths.get(arguments[1]);
        Path log = target.resolve("bench-jmh.log");
        System.out.println("measuring for about four minutes; JMH's own words: " + log);
        Options options = new OptionsBuilder()
                .include("io\\.slotkeeper\\.bench\\.")
                .jvmArgsAppend("-D" + Replies.DIRECTORY + "=" + arguments[0])
                .forks(1)
                .threads(1)
                .measurementIterations(10)
                .measurementTime(TimeValue.milliseconds(200))
                .shouldFailOnError(true)
                .output(log.toString())
                .build();
        Results results = results(new Runner(options).run(), target);
        List<Floor> floors = Floors.of(results);
        System.out.print(Report.table(results, floors));

        Path json = target.resolve("bench.json");
        Files.write(json, Report.json(results, floors).getBytes(StandardCharsets.UTF_8));
        System.out.println("\nthe same as JSON: " + json);
    }

    private static Results results(Collection<RunResult> measured, Path target) throws IOException {
        Results results = new Results();
        for (String name : Replies.names()) {
            results.putCriterion(target, PARSE, name, "rust", 1000);
            results.putCriterion(target, PARSE_AND_OWNERS, name, "rust", 1000);
        }
        for (String name : new String[] {"8 bytes", "24 bytes", "40 bytes", "256 bytes"}) {
            results.putCriterion(target, KEY_SLOT, name, "rust", 1);
            results.putCriterion(target, KEY_SLOT, name, "crc16", 1);
        }
        for (String layout : LAYOUTS) {
            results.putCriterion(target, MERGE, layout, "rust", 1000);
            results.putCriterion(target, DIFF, layout, "rust", 1000);
        }
        for (RunResult result : measured) {
            String reader = result.getPrimaryResult().getLabel();
            double median = result.getPrimaryResult().getStatistics().getPercentile(50);
            String benchmark = result.getParams().getBenchmark();
            if (benchmark.contains(ParseBench.class.getSimpleName())) {
                results.put(PARSE, result.getParams().getParam("reply"), reader, median);
            } else if (benchmark.contains(KeySlotBench.class.getSimpleName())) {
                results.put(KEY_SLOT, result.getParams().getParam("bytes") + " bytes", reader, median);
            } else if (benchmark.contains("." + KeyOwnerBench.class.getSimpleName())) {
                results.put(KEY_OWNER, result.getParams().getParam("bytes") + " bytes", reader, median);
            } else if (benchmark.contains(GateBench.class.getSimpleName())) {
                results.put(GATE, THOUSAND, reader, median);
            } else {
                results.put(OWNER, THOUSAND, reader, median);
            }
        }
        return results;
    }
}
