package io.slotkeeper.jedis;

import java.util.concurrent.atomic.AtomicLongArray;

/** How long commands took, to the microsecond, up to a tenth of a second. Safe for use by many threads. */
final class Latencies {

    private static final int LIMIT_MICROS = 100_000;

    private final AtomicLongArray counts = new AtomicLongArray(LIMIT_MICROS + 1);

    void add(long nanos) {
        counts.incrementAndGet((int) Math.min(nanos / 1000, LIMIT_MICROS));
    }

    /** Within how many µs this share of the commands was done. */
    int micros(double share) {
        long all = 0;
        for (int i = 0; i <= LIMIT_MICROS; i++) {
            all += counts.get(i);
        }
        int micros = -1;
        for (double left = all * share; left > 0; left -= counts.get(micros)) {
            micros++;
        }
        return micros;
    }
}
