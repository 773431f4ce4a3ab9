package io.slotkeeper;

import static java.util.stream.Collectors.toList;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the filter found about all configured seeds, in the order of the configuration; and if none of them is healthy, about nodes
 * that {@code last-good.file} remembers. Immutable.
 */
public final class SeedReport {

    private final List<SeedResult> seeds;
    private final List<String> healthy;
    private final Duration elapsed;

    SeedReport(List<SeedResult> seeds, Duration elapsed) {
        this.seeds = Collections.unmodifiableList(new ArrayList<>(seeds));
        this.healthy = Collections.unmodifiableList(healthyOf(seeds));
        this.elapsed = elapsed;
    }

    /**
     * One result for each configured seed. If none of them is healthy, those of the file's nodes that were asked follow; see {@link
     * SeedResult#isFromFile()}.
     */
    public List<SeedResult> seeds() {
        return seeds;
    }

    /**
     * {@code host:port} of the seeds that a client can start from, or of the file's nodes, if no seed is healthy; empty if there is
     * none.
     */
    public List<String> healthy() {
        return healthy;
    }

    /** How long the whole check took. */
    public Duration elapsed() {
        return elapsed;
    }

    /** One line for the log: how many are healthy, and what is wrong with each of the other seeds. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(counted("seeds", false));
        if (seeds.stream().anyMatch(SeedResult::isFromFile)) {
            line.append(", ").append(counted("nodes of the last-known-good file", true)).append(",");
        }
        line.append(" after ").append(elapsed.toMillis()).append(" ms");
        String separator = ": ";
        for (SeedResult seed : seeds) {
            if (!seed.isFromFile() && seed.verdict() != Verdict.HEALTHY) {
                line.append(separator).append(seed);
                separator = ", ";
            }
        }
        return line.toString();
    }

    private String counted(String what, boolean isFromFile) {
        List<SeedResult> results = seeds.stream().filter(seed -> seed.isFromFile() == isFromFile).collect(toList());
        return healthyOf(results).size() + " of " + results.size() + " " + what + " healthy";
    }

    private static List<String> healthyOf(List<SeedResult> seeds) {
        List<String> healthy = new ArrayList<>();
        for (SeedResult seed : seeds) {
            if (seed.verdict() == Verdict.HEALTHY) {
                healthy.add(seed.seed());
            }
        }
        return healthy;
    }
}
