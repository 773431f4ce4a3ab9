package io.slotkeeper;

import io.slotkeeper.internal.LinePause;
import io.slotkeeper.internal.NativeLog;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener thread and its bounded queue: runs listeners and slf4j, so that neither can hold up a hand-over.
 *
 * <p>When the queue is full its oldest entry is dropped and counted. The count is the next thing that is logged, and told
 * to listeners as an event {@code resynchronise}. A listener that throws, or blocks ({@link ListenerWatch}), is told of once a minute.
 */
final class Announcer implements Runnable {

    /** Each event holds a topology of about 60 KB and more: a full queue stays within some MB. */
    static final int CAPACITY = 128;

    /** Events that {@link Slotkeeper#dump} shows. */
    private static final int RECENT = 20;

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private final LatestTopology latest;
    private final ListenerWatch watch = new ListenerWatch();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> queue = new ArrayDeque<>(CAPACITY);
    /** Guarded by itself. */
    private final Queue<String> recent = new ArrayDeque<>(RECENT);
    private final AtomicLong listenerFailures = new AtomicLong();
    private long droppedSinceSaid;
    private long dropped;
    private boolean closed;

    Announcer(LatestTopology latest) {
        this.latest = latest;
    }

    Registration add(TopologyListener listener) {
        // An object of its own, so that a listener added twice is taken off once at a time.
        Listener added = new Listener(listener);
        listeners.add(added);
        return () -> listeners.remove(added);
    }

    void event(TopologyEvent event) {
        remember(Instant.now() + " " + event);
        enqueue(() -> tell(event));
    }

    void event(AuditEvent event) {
        remember(Instant.now() + " " + event);
        enqueue(() -> tell(event, listener -> listener.audited(event)));
    }

    /** The last events, with the time when each came here. */
    List<String> recentEvents() {
        synchronized (recent) {
            return new ArrayList<>(recent);
        }
    }

    private void remember(String event) {
        String kept = Shown.cut(event);
        synchronized (recent) {
            if (recent.size() == RECENT) {
                recent.remove();
            }
            recent.add(kept);
        }
    }

    void log(String level, String message) {
        enqueue(() -> NativeLog.log(level, message));
    }

    void warn(String message, Throwable cause) {
        enqueue(() -> LOG.warn(message, cause));
    }

    /** Tells of a listener that blocks; never waits. For the hand-over thread, each time around. */
    void look() {
        watch.look();
    }

    synchronized long dropped() {
        return dropped;
    }

    /** Adds what was not told, and whom it could not be told. */
    void addSamples(List<Sample> samples) {
        samples.add(Samples.of("slotkeeper_listener_failures_total", listenerFailures.get()));
        samples.add(Samples.of("slotkeeper_announcements_dropped_total", dropped()));
    }

    /** Ends the thread, once it has run what is queued. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    @Override
    public void run() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (Throwable e) {
                // Only slf4j's own failures come here, and there is no other place to tell of them.
                countDropped();
            }
        }
    }

    private synchronized void enqueue(Runnable task) {
        if (queue.size() == CAPACITY) {
            queue.remove();
            countDropped();
        }
        queue.add(task);
        notifyAll();
    }

    private synchronized void countDropped() {
        dropped++;
        droppedSinceSaid++;
    }

    /** The next task; null once closed and empty. */
    private synchronized Runnable next() {
        while (queue.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                // A listener may have interrupted this thread; only closing ends it.
            }
        }
        if (droppedSinceSaid > 0) {
            long lost = droppedSinceSaid;
            droppedSinceSaid = 0;
            return () -> tellDropped(lost);
        }
        return queue.poll();
    }

    private void tellDropped(long lost) {
        String sentence = lost + " events and log lines were dropped: a listener or the log was too slow";
        LOG.warn(sentence);
        Topology topology = latest.get();
        tell(TopologyEvent.resynchronise(topology.generation(), sentence, topology));
    }

    private void tell(TopologyEvent event) {
        tell(event, listener -> listener.changed(event));
    }

    private void tell(Object event, Consumer<TopologyListener> call) {
        for (Listener listener : listeners) {
            listener.tell(event, call);
        }
    }

    /** One listener, and how often its failures are told. For the listener thread alone. */
    private final class Listener {

        private final TopologyListener listener;
        private final LinePause pause = new LinePause();
        private long untold;

        Listener(TopologyListener listener) {
            this.listener = listener;
        }

        void tell(Object event, Consumer<TopologyListener> call) {
            watch.begin(listener);
            try {
                call.accept(listener);
            } catch (Throwable e) {
                listenerFailures.incrementAndGet();
                complain(event, e);
            } finally {
                watch.end();
            }
        }

        private void complain(Object event, Throwable cause) {
            if (!pause.take()) {
                untold++;
                return;
            }
            LOG.error("a topology listener failed at {}{}", event,
                    untold == 0 ? "" : ", and " + untold + " times since this was told last", cause);
            untold = 0;
        }
    }
}
