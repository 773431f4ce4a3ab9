package io.slotkeeper.internal;

import io.slotkeeper.Gate;
import io.slotkeeper.GateCounters;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings and the counters of a gate, and its one line a minute in the log; what is done with each command decides
 * {@link SlotGate}. Safe for use by many threads.
 */
public final class SwitchableGate implements Gate {

    /** What is counted, as {@link GateCounters} has it. */
    enum Count { HELD, RELEASED, REFUSED, TRIED, REOPENED, RESCUED, STEPPED_ASIDE }

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final long LOG_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongAdder[] counts = new LongAdder[Count.values().length];
    /** When the next line is due, in ns of the clock. */
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());
    private volatile Mode mode;
    private volatile Duration hold;
    private volatile boolean failsFast = true;
    private volatile boolean rescues = true;
    private volatile boolean retriesRescued = true;

    /** A gate in this mode, with all measures on. */
    public SwitchableGate(Mode mode) {
        this.mode = Objects.requireNonNull(mode, "mode");
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    @Override
    public Mode mode() {
        return mode;
    }

    @Override
    public void setMode(Mode mode) {
        this.mode = Objects.requireNonNull(mode, "mode");
    }

    @Override
    public Duration hold() {
        return hold;
    }

    @Override
    public void setHold(Duration hold) {
        if (hold != null && hold.isNegative()) {
            throw new IllegalArgumentException("hold is null, zero or longer, not " + hold);
        }
        this.hold = hold;
    }

    @Override
    public boolean failsFast() {
        return failsFast;
    }

    @Override
    public void setFailFast(boolean on) {
        failsFast = on;
    }

    @Override
    public boolean rescues() {
        return rescues;
    }

    @Override
    public void setRescue(boolean on) {
        rescues = on;
    }

    @Override
    public boolean retriesRescued() {
        return retriesRescued;
    }

    @Override
    public void setRescueRetry(boolean on) {
        retriesRescued = on;
    }

    @Override
    public GateCounters counters() {
        return new GateCounters(sum(Count.HELD), sum(Count.RELEASED), sum(Count.REFUSED), sum(Count.TRIED),
                sum(Count.REOPENED), sum(Count.RESCUED), sum(Count.STEPPED_ASIDE));
    }

    void count(Count what) {
        counts[what.ordinal()].increment();
    }

    /** Counts, and says so in the log if no line was written for a minute: on the command's own thread, which may block. */
    void countAndTell(Count what, String occasion) {
        count(what);
        long due = nextLine.get();
        long now = System.nanoTime();
        if (now - due >= 0 && nextLine.compareAndSet(due, now + LOG_PAUSE_NANOS)) {
            LOG.warn("{}{}; since the start: {}", mode == Mode.OBSERVE ? "Would act, since " : "", occasion, counters());
        }
    }

    private long sum(Count what) {
        return counts[what.ordinal()].sum();
    }
}
