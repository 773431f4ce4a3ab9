package io.slotkeeper.internal;

import io.slotkeeper.HandOver;
import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.Topology;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Gives the keeper's topologies to the client that a factory has now: that one is attached, and the one before released. Until it is
 * closed. Safe for use by many threads.
 *
 * @param <C> the client
 */
public final class Attacher<C> implements HandOver, AutoCloseable {

    private final Supplier<? extends C> clients;
    private final Function<C, Attached<C>> attach;
    /** Null until there is a client. Guarded by this. */
    private Attached<C> attached;
    /** Null until it is started. Guarded by this. */
    private Registration handOver;
    /** Guarded by this. */
    private boolean closed;

    /**
     * Does nothing yet.
     *
     * @param clients asked at the start and about once a second; null: none yet
     * @param attach may throw, and then the client is not attached
     */
    public Attacher(Supplier<? extends C> clients, Function<C, Attached<C>> attach) {
        this.clients = clients;
        this.attach = attach;
    }

    /** A client while it is attached. For one thread at a time. */
    public interface Attached<C> {

        /** Whether this is about {@code other}. */
        boolean isOf(C other);

        /** As {@link HandOver#accept}. */
        boolean handOver(Topology topology);

        /** As {@link HandOver#isInPlace}. */
        default boolean isInPlace(Topology topology) {
            return true;
        }

        /** Leaves the client alone, with the map that it has. */
        void release();
    }

    /** Attaches the client that there is, and gives it this keeper's topologies from now on. Once. */
    public synchronized void start(Keeper keeper) {
        try {
            follow();
            handOver = keeper.addHandOver(this);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** Releases the client, any number of times. It stays open. */
    @Override
    public synchronized void close() {
        closed = true;
        if (handOver != null) {
            handOver.close();
        }
        release();
    }

    @Override
    public synchronized boolean accept(Topology topology) {
        return closed || follow() && attached.handOver(topology);
    }

    @Override
    public synchronized boolean isInPlace(Topology topology) {
        return closed || attached != null && attached.isOf(clients.get()) && attached.isInPlace(topology);
    }

    /** Attaches the client that the factory has now; false if it has none. */
    private boolean follow() {
        C client = clients.get();
        if (attached != null && !attached.isOf(client)) {
            release();
        }
        if (attached == null && client != null) {
            attached = attach.apply(client);
        }
        return attached != null;
    }

    private void release() {
        if (attached != null) {
            attached.release();
            attached = null;
        }
    }
}
