package io.slotkeeper;

import io.slotkeeper.internal.LinePause;
import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The hand-over thread: the only one that waits on the native side. It publishes each new topology, hands it over, and
 * passes event and log lines on to the {@link Announcer}.
 */
final class HandOvers implements Runnable {

    /** How long one wait on the native side lasts at most. */
    private static final long WAIT_MS = 1000;
    /** When a hand-over that was dropped is tried again; doubles up to {@link #WAIT_MS}. */
    private static final long FIRST_RETRY_MS = 20;

    /** Kinds of {@code Native.keeperNextEvent}. */
    private static final int NOTHING = 0;
    private static final int CHANGED = 1;
    private static final int RESYNCHRONISE = 2;
    private static final int LOG = 3;
    private static final int AUDITED = 4;

    private final long keeper;
    private final LatestTopology latest;
    private final Announcer announcer;
    private final CredentialsRenewal renewal;
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final LongAdder takenCount = new LongAdder();
    private final LongAdder droppedCount = new LongAdder();
    private final LongAdder failedCount = new LongAdder();
    private long waitMs = WAIT_MS;
    /** The fault that was told last, and when it may be told again. */
    private String told;
    private LinePause pause = new LinePause();
    private volatile boolean ended;

    HandOvers(long keeper, LatestTopology latest, Announcer announcer, CredentialsRenewal renewal) {
        this.keeper = keeper;
        this.latest = latest;
        this.announcer = announcer;
        this.renewal = renewal;
    }

    /** Adds a hand-over, and gives it the present topology at once, on the calling thread. */
    Registration add(HandOver handOver) {
        Entry entry = new Entry(handOver);
        entries.add(entry);
        entry.offer(latest.get());
        return entry;
    }

    /** Ends the thread after its present wait: for a native side that does not say that the keeper is closed. */
    void end() {
        ended = true;
    }

    /** Adds what has come of the hand-overs. */
    void addSamples(List<Sample> samples) {
        samples.add(Samples.of("slotkeeper_hand_overs_total", takenCount.sum(), "taken"));
        samples.add(Samples.of("slotkeeper_hand_overs_total", droppedCount.sum(), "dropped"));
        samples.add(Samples.of("slotkeeper_hand_overs_total", failedCount.sum(), "failed"));
    }

    /** Until the keeper is closed. A fault costs a second, not the hand-overs. */
    @Override
    public void run() {
        while (!ended) {
            try {
                step();
            } catch (SlotkeeperException e) {
                if (e.code() == SlotkeeperException.CLOSED) {
                    return;
                }
                pause(e);
            } catch (Throwable e) {
                pause(e);
            }
        }
    }

    /** Tells of the same fault once a minute. */
    private void pause(Throwable cause) {
        if (!cause.toString().equals(told)) {
            told = cause.toString();
            pause = new LinePause();
        }
        if (pause.take()) {
            announcer.warn("the hand-over thread met a fault, and tries again each second", cause);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(WAIT_MS));
    }

    private void step() {
        byte[] next = Native.keeperNextEvent(keeper, waitMs);
        renewal.look();
        announcer.look();
        Packed notice = next == null ? null : new Packed(next);
        int kind = notice == null ? NOTHING : notice.nextByte();
        if (kind == LOG) {
            announcer.log(notice.nextText(), notice.nextText());
            return;
        }
        Topology topology = latest.renew();
        waitMs = handOver(topology) ? WAIT_MS : Math.min(WAIT_MS, waitMs == WAIT_MS ? FIRST_RETRY_MS : waitMs * 2);
        if (kind == CHANGED) {
            announcer.event(TopologyEvent.changed(notice.nextLong(), notice.nextText(), Change.list(notice), topology));
        } else if (kind == RESYNCHRONISE) {
            long generation = notice.nextLong();
            announcer.event(TopologyEvent.resynchronise(generation, notice.nextLong() + " events were lost", topology));
        } else if (kind == AUDITED) {
            announcer.event(new AuditEvent(notice));
        }
    }

    /** Whether all have taken it. */
    private boolean handOver(Topology topology) {
        boolean taken = true;
        for (Entry entry : entries) {
            taken &= entry.offer(topology);
        }
        return taken;
    }

    /** One hand-over, and what it has taken so far. */
    private final class Entry implements Registration {

        private final HandOver handOver;
        private long taken;
        private boolean failing;

        Entry(HandOver handOver) {
            this.handOver = handOver;
        }

        /** Whether the hand-over has this topology, or a later one, now. */
        synchronized boolean offer(Topology topology) {
            try {
                if (topology.generation() <= taken && (taken == 0 || handOver.isInPlace(topology))) {
                    return true;
                }
                if (handOver.accept(topology)) {
                    taken = topology.generation();
                    failing = false;
                    takenCount.increment();
                    return true;
                }
                droppedCount.increment();
                failed("a hand-over was dropped by its client; it is repeated until it is taken", null);
            } catch (Throwable e) {
                failedCount.increment();
                failed("a hand-over failed; it is repeated until it is taken", e);
            }
            return false;
        }

        /** Says so once in a row of failures. */
        private void failed(String message, Throwable cause) {
            if (!failing) {
                failing = true;
                announcer.warn(message, cause);
            }
        }

        @Override
        public void close() {
            entries.remove(this);
        }
    }
}
