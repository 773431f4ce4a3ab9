package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.NativeLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds out which of the configured seeds a client can start from: all at once, dead ones cost next to nothing. */
public final class SeedFilter {

    private SeedFilter() {}

    /**
     * Asks all seeds side by side, and returns as soon as the answer is known (at the latest after the configured
     * deadline). While none is healthy, the nodes that {@code last-good.file} remembers are asked as well. Blocks the calling
     * thread; starts none that stays.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded,
     *     {@link SlotkeeperException#MISSING_PROPERTY} if no seeds are configured. Dead seeds are no exception.
     */
    public static SeedReport check(Config config) {
        Slotkeeper.load();
        try {
            return read(Native.checkSeeds(config.pairs()));
        } finally {
            NativeLog.drain();
        }
    }

    private static SeedReport read(String[] cells) {
        List<SeedResult> seeds = new ArrayList<>();
        for (int i = 1; i < cells.length; i += 5) {
            boolean isFromFile = Boolean.parseBoolean(cells[i + 4]);
            seeds.add(new SeedResult(cells[i], Verdict.of(cells[i + 1]), micros(cells[i + 2]), cells[i + 3], isFromFile));
        }
        return new SeedReport(seeds, micros(cells[0]));
    }

    private static Duration micros(String text) {
        return Duration.ofNanos(Long.parseLong(text) * 1000);
    }
}
