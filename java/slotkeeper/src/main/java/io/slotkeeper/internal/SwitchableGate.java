package io.slotkeeper.internal;

import io.slotkeeper.Gate;
import io.slotkeeper.GateCounters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings and the counters of a gate, and its one line a minute in the log; what is done with each command decides
 * {@link SlotGate}. Safe for use by many threads.
 */
public final class SwitchableGate implements Gate {

    /** What is counted, as {@link GateCounters} has it. */
    enum Count { HELD, RELEASED, REFUSED, TRIED, REOPENED, RESCUED, STEPPED_ASIDE }

    /** All that the application still has, for {@code Slotkeeper.dump()}. Guarded by itself. */
    private static final Set<SwitchableGate> LIVING = Collections.newSetFromMap(new WeakHashMap<>());

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final LongAdder[] observed = adders();
    private final LongAdder[] done = adders();
    private final LinePause pause = new LinePause();
    private volatile Mode mode;
    private volatile Duration hold;
    private volatile boolean failsFast = true;
    private volatile boolean rescues = true;
    private volatile boolean retriesRescued = true;

    /** A gate in this mode, with all measures on. */
    public SwitchableGate(Mode mode) {
        this.mode = Objects.requireNonNull(mode, "mode");
        synchronized (LIVING) {
            LIVING.add(this);
        }
    }

    /** The gates of this class loader that are not forgotten. */
    public static List<SwitchableGate> living() {
        synchronized (LIVING) {
            return new ArrayList<>(LIVING);
        }
    }

    private static LongAdder[] adders() {
        return Stream.of(Count.values()).map(count -> new LongAdder()).toArray(LongAdder[]::new);
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
        return counters(observed, done);
    }

    @Override
    public GateCounters counters(Mode mode) {
        switch (mode) {
            case OBSERVE:
                return counters(observed);
            case ON:
                return counters(done);
            default:
                return counters(new LongAdder[0][]);
        }
    }

    private static GateCounters counters(LongAdder[]... ofModes) {
        long[] sums = new long[Count.values().length];
        for (LongAdder[] ofMode : ofModes) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += ofMode[i].sum();
            }
        }
        return new GateCounters(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]);
    }

    /** What has begun in a mode may end when the gate is off already: then it was on. */
    void count(Count what) {
        (mode == Mode.OBSERVE ? observed : done)[what.ordinal()].increment();
    }

    /** Counts, and says so in the log if no line was written for a minute: on the command's own thread, which may block. */
    void countAndTell(Count what, String occasion) {
        count(what);
        if (pause.take()) {
            LOG.warn("{}{}; since the start: {}", mode == Mode.OBSERVE ? "Would act, since " : "", occasion, counters());
        }
    }
}
