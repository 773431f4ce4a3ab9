package io.slotkeeper;

import java.time.Duration;

/** What the filter found about one seed, or about one node of the last-known-good file. Immutable. */
public final class SeedResult {

    private final String seed;
    private final Verdict verdict;
    private final Duration took;
    private final String detail;
    private final boolean isFromFile;

    SeedResult(String seed, Verdict verdict, Duration took, String detail, boolean isFromFile) {
        this.seed = seed;
        this.verdict = verdict;
        this.took = took;
        this.detail = detail;
        this.isFromFile = isFromFile;
    }

    /** {@code host:port}, or the configured text if it is not an address. */
    public String seed() {
        return seed;
    }

    /** Whether a client can start from it, or why not. */
    public Verdict verdict() {
        return verdict;
    }

    /** How long this seed was asked. */
    public Duration took() {
        return took;
    }

    /** The server's or the system's own words; empty if there are none. */
    public String detail() {
        return detail;
    }

    /** Whether this is no configured seed, but a node that {@code last-good.file} remembers. */
    public boolean isFromFile() {
        return isFromFile;
    }

    @Override
    public String toString() {
        return seed + " " + verdict.text() + " (" + took.toMillis() + " ms" + (detail.isEmpty() ? "" : ", " + detail)
                + ")";
    }
}
