package io.slotkeeper.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Topology;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * What a keeper cluster does when a command found its map wrong: it asks the keeper, and only where that cannot help the
 * nodes, as plain Jedis would. Safe for use by many threads.
 */
public final class Renewals<P> {

    /** After this long no further node is asked for its map; the next command that fails goes on, with others first. */
    private static final long ASKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KeeperViews views;
    private final NodePools<P> pools;
    private final Predicate<P> adoptFrom;
    private final AtomicBoolean askingAround = new AtomicBoolean();

    /**
     * Brings new maps into these pools.
     *
     * @param adoptFrom asks a node of this pool for its map, and has the pools adopt it; false if that failed
     */
    public Renewals(Keeper keeper, NodePools<P> pools, Predicate<P> adoptFrom) {
        this.views = new KeeperViews(keeper);
        this.pools = pools;
        this.adoptFrom = adoptFrom;
    }

    /** After a command that could not reach its node, and for a slot without an owner. */
    public void renew() {
        if (!pools.isClosed() && !adoptFromKeeper(null, 0) && !views.areTrusted()) {
            askAround();
        }
    }

    /**
     * After a MOVED.
     *
     * @param host the node that said so
     * @param adoptFromIt asks that node for its map, and has the pools adopt it; false if that failed
     */
    public void renewAfterMoved(String host, int port, BooleanSupplier adoptFromIt) {
        if (!pools.isClosed() && !adoptFromKeeper(host, port) && !adoptFromIt.getAsBoolean()) {
            askAround();
        }
    }

    private boolean adoptFromKeeper(String host, int port) {
        Topology topology = views.ask(host, port);
        if (topology != null) {
            pools.adopt(topology);
        }
        return topology != null;
    }

    /** As Jedis would: takes the map of the first node that gives one. One thread does it, the others go on meanwhile. */
    private void askAround() {
        if (!askingAround.compareAndSet(false, true)) {
            return;
        }
        try {
            long deadline = System.nanoTime() + ASKING_NANOS;
            Iterator<P> left = pools.livingFirst().iterator();
            boolean done = false;
            while (!done && left.hasNext() && System.nanoTime() - deadline < 0) {
                done = adoptFrom.test(left.next());
            }
        } finally {
            askingAround.set(false);
        }
    }
}
