package io.slotkeeper;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of a listener that blocks, which the thread that it blocks cannot do: once a minute, and where it hangs.
 *
 * <p>On a thread of its own, {@code slotkeeper-watch}, one at a time, which ends with the line: the log may block, too.
 */
final class ListenerWatch {

    /** Between two lines about the same. */
    static final long LINE_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private final long patienceNanos;
    private final AtomicBoolean telling = new AtomicBoolean();
    private volatile Call call;
    /** For the thread that looks alone. */
    private long nextLine = System.nanoTime();

    ListenerWatch() {
        this(TimeUnit.SECONDS.toNanos(10));
    }

    /** @param patienceNanos how long a listener may take without a line about it */
    ListenerWatch(long patienceNanos) {
        this.patienceNanos = patienceNanos;
    }

    /** This thread calls the listener now. */
    void begin(TopologyListener listener) {
        call = new Call(listener);
    }

    /** It has returned. */
    void end() {
        call = null;
    }

    /** Looks whether there is something to tell; never waits. For one thread. */
    void look() {
        Call now = call;
        long time = System.nanoTime();
        if (now == null || time - now.since < patienceNanos || time - nextLine < 0 || !telling.compareAndSet(false, true)) {
            return;
        }
        nextLine = time + LINE_PAUSE_NANOS;
        try {
            Keeper.daemon("slotkeeper-watch", () -> tell(now)).start();
        } catch (Throwable e) {
            // No thread is to be had: that cannot be told from here, since the log may block. Tried again in a minute.
            telling.set(false);
        }
    }

    private void tell(Call blocked) {
        try {
            Throwable where = new Throwable("where it is");
            where.setStackTrace(blocked.thread.getStackTrace());
            LOG.warn("the topology listener {} has not returned for {} s; other listeners and log lines wait for it, the slot map"
                    + " does not", blocked.listener, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - blocked.since), where);
        } finally {
            telling.set(false);
        }
    }

    private static final class Call {

        private final TopologyListener listener;
        private final Thread thread = Thread.currentThread();
        private final long since = System.nanoTime();

        Call(TopologyListener listener) {
            this.listener = listener;
        }
    }
}
