package io.slotkeeper.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Topology;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a keeper cluster does when a command found its map wrong: it asks the keeper, and only where that cannot help the
 * nodes, as plain Jedis would. Safe for use by many threads.
 */
public final class Renewals<P> {

    /** After this long no further node is asked for its map; the next command that fails goes on, with others first. */
    private static final long ASKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What is configured, and may be an address. */
    private static final Pattern SEED = Pattern.compile("\\[?(?<host>[^\\[\\]:]+|(?<=\\[)[^\\[\\]]+)]?(:(?<port>[0-9]{1,5}))?");
    private static final int DEFAULT_PORT = 6379;

    private final Keeper keeper;
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
        this.keeper = keeper;
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

    /** All that are known; while none is, and none will be since the keeper cannot work, what it was to start from. */
    private List<P> toAsk() {
        List<P> known = pools.livingFirst();
        if (known.isEmpty() && views.areImpossible()) {
            for (String text : keeper.seeds()) {
                Matcher seed = SEED.matcher(text);
                if (seed.matches()) {
                    String port = seed.group("port");
                    known.add(pools.ofNode(seed.group("host"), port == null ? DEFAULT_PORT : Integer.parseInt(port)));
                }
            }
        }
        return known;
    }

    /** As Jedis would: takes the map of the first node that gives one. One thread does it, the others go on meanwhile. */
    private void askAround() {
        if (!askingAround.compareAndSet(false, true)) {
            return;
        }
        try {
            long deadline = System.nanoTime() + ASKING_NANOS;
            Iterator<P> left = toAsk().iterator();
            boolean done = false;
            while (!done && left.hasNext() && System.nanoTime() - deadline < 0) {
                done = adoptFrom.test(left.next());
            }
        } finally {
            askingAround.set(false);
        }
    }
}
