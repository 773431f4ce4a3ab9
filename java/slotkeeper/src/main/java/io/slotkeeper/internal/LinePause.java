package io.slotkeeper.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** At most one line a minute about the same. Safe for use by many threads; never waits. */
public final class LinePause {

    private static final long NANOS = TimeUnit.MINUTES.toNanos(1);

    /** When the next line is due, in ns of the clock. */
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /** Whether a line may be written now; one thread alone is told so, and then nobody for a minute. */
    public boolean take() {
        long due = next.get();
        long now = System.nanoTime();
        return now - due >= 0 && next.compareAndSet(due, now + NANOS);
    }
}
