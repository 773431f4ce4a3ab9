package io.slotkeeper;

import io.slotkeeper.internal.NativeLog;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener thread and its bounded queue: runs listeners and slf4j, so that neither can hold up a hand-over.
 *
 * <p>When the queue is full its oldest entry is dropped and counted. The count is the next thing that is logged, and told
 * to listeners as an event {@code resynchronise}.
 */
final class Announcer implements Runnable {

    /** Each event holds a topology of about 60 KB and more: a full queue stays within some MB. */
    static final int CAPACITY = 128;

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private final LatestTopology latest;
    private final List<TopologyListener> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> queue = new ArrayDeque<>(CAPACITY);
    private long droppedSinceSaid;
    private long dropped;
    private boolean closed;

    Announcer(LatestTopology latest) {
        this.latest = latest;
    }

    Registration add(TopologyListener listener) {
        // Wrapped, so that a listener added twice is taken off once at a time.
        TopologyListener added = listener::changed;
        listeners.add(added);
        return () -> listeners.remove(added);
    }

    void event(TopologyEvent event) {
        enqueue(() -> tell(event));
    }

    void log(String level, String message) {
        enqueue(() -> NativeLog.log(level, message));
    }

    void warn(String message, Throwable cause) {
        enqueue(() -> LOG.warn(message, cause));
    }

    synchronized long dropped() {
        return dropped;
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
        for (TopologyListener listener : listeners) {
            try {
                listener.changed(event);
            } catch (Throwable e) {
                LOG.error("a topology listener failed at {}", event, e);
            }
        }
    }
}
