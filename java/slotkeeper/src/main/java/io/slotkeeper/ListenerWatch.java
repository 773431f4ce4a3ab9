package io.slotkeeper;

import io.slotkeeper.internal.LinePause;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of a listener that blocks, which the thread that it blocks cannot do: once a minute, and where it hangs.
 *
 * <p>On a thread of its own, {@code slotkeeper-watch}, one at a time, which ends with the line: the log may block, too.
 */
final class ListenerWatch {

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private final long patienceNanos;
    private final LinePause pause = new LinePause();
    /** Set by the thread that looks, taken back by the one that tells. */
    private volatile boolean telling;
    private volatile Call call;

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
        if (now == null || System.nanoTime() - now.since < patienceNanos || telling || !pause.take()) {
            return;
        }
        telling = true;
        try {
            Keeper.daemon("slotkeeper-watch", () -> tell(now)).start();
        } catch (Throwable e) {
            // No thread is to be had: that cannot be told from here, since the log may block. Tried again in a minute.
            telling = false;
        }
    }

    private void tell(Call blocked) {
        try {
            Throwable where = new Throwable("where it is");
            where.setStackTrace(blocked.thread.getStackTrace());
            LOG.warn("the topology listener {} has not returned for {} s; other listeners and log lines wait for it, the slot map"
                    + " does not", blocked.listener, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - blocked.since), where);
        } finally {
            telling = false;
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
