package io.slotkeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the filter found about all configured seeds, in the order of the configuration. Immutable. */
public final class SeedReport {

    private final List<SeedResult> seeds;
    private final List<String> healthy;
    private final Duration elapsed;

    SeedReport(List<SeedResult> seeds, Duration elapsed) {
        this.seeds = Collections.unmodifiableList(new ArrayList<>(seeds));
        this.healthy = Collections.unmodifiableList(healthyOf(seeds));
        this.elapsed = elapsed;
    }

    /** One result for each configured seed. */
    public List<SeedResult> seeds() {
        return seeds;
    }

    /** {@code host:port} of the seeds that a client can start from; empty if there is none. */
    public List<String> healthy() {
        return healthy;
    }

    /** How long the whole check took. */
    public Duration elapsed() {
        return elapsed;
    }

    /** One line for the log: how many are healthy, and what is wrong with each of the others. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        line.append(healthy.size()).append(" of ").append(seeds.size()).append(" seeds healthy after ");
        line.append(elapsed.toMillis()).append(" ms");
        String separator = ": ";
        for (SeedResult seed : seeds) {
            if (seed.verdict() != Verdict.HEALTHY) {
                line.append(separator).append(seed);
                separator = ", ";
            }
        }
        return line.toString();
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
