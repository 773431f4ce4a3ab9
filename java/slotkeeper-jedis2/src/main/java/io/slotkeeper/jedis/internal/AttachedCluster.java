package io.slotkeeper.jedis.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.Topology;
import io.slotkeeper.internal.Attacher;
import io.slotkeeper.internal.ClusterSlots;
import io.slotkeeper.internal.KeeperViews;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.AttachedHandler;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisClusterConnectionHandler;

/**
 * One {@code JedisCluster} that somebody else made, while the keeper's maps are given to it. Its pools stay its own.
 *
 * <p>A map goes in through Jedis's own renewal, with a {@link MemoryJedis} in the place of a node: under its write lock all
 * at once, and without network I/O. Jedis drops it while another renewal runs, one that a command began before we came;
 * then it is given again. Safe for use by many threads.
 */
public final class AttachedCluster implements Attacher.Attached<JedisCluster> {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final JedisCluster cluster;
    private final KeeperViews views;
    private final AttachedHandler handler;
    /** What was handed over last; null before the first. Guarded by this. */
    private Topology latest;
    /** How often something was handed over. Guarded by this. */
    private long handOvers;

    /**
     * Puts our handler into the cluster.
     *
     * @throws IllegalStateException if a keeper serves the cluster already
     */
    public AttachedCluster(Keeper keeper, JedisCluster cluster) {
        JedisClusterConnectionHandler present = AttachedHandler.of(cluster);
        if (present instanceof KeeperHandler || present instanceof AttachedHandler) {
            throw new IllegalStateException("This JedisCluster has its slot map from a keeper already");
        }
        this.cluster = cluster;
        this.views = new KeeperViews(keeper);
        this.handler = AttachedHandler.putInto(cluster, this::renew);
    }

    @Override
    public boolean isOf(JedisCluster other) {
        return cluster == other;
    }

    /** Gives Jedis this topology, or a newer one that it has had before; false if Jedis dropped it. */
    @Override
    public synchronized boolean handOver(Topology topology) {
        if (handler.isClosed()) {
            return true;
        }
        Topology newest = latest == null || topology.generation() >= latest.generation() ? topology : latest;
        MemoryJedis memory = new MemoryJedis(ClusterSlots.of(newest));
        handler.replaced().renewSlotCache(memory);
        if (memory.wasAsked()) {
            latest = newest;
            handOvers++;
        }
        return memory.wasAsked();
    }

    /** Puts the cluster's own handler back. Its pools and its map stay as they are. */
    @Override
    public void release() {
        handler.takeOutOf(cluster);
    }

    /**
     * What Jedis does when a node said MOVED ({@code movedBy}) or could not be reached (null): answered by the keeper, or as
     * plain Jedis would if the keeper cannot.
     */
    private void renew(Jedis movedBy) {
        long before = handOvers();
        long deadline = System.nanoTime() + KeeperViews.DEADLINE.toNanos();
        Topology topology = movedBy == null ? views.ask(null, 0)
                : views.ask(movedBy.getClient().getHost(), movedBy.getClient().getPort());
        if (topology != null) {
            while (!handOverSince(before, topology) && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } else if (movedBy != null) {
            handler.replaced().renewSlotCache(movedBy);
        } else if (!views.areTrusted()) {
            handler.replaced().renewSlotCache();
        }
    }

    /**
     * Hands over once more even what was handed over before, for a renewal of plain Jedis may have overwritten it; but once
     * for all threads that ask meanwhile.
     */
    private synchronized boolean handOverSince(long before, Topology topology) {
        boolean done = handOvers != before && latest.generation() >= topology.generation();
        return done || handOver(topology);
    }

    private synchronized long handOvers() {
        return handOvers;
    }
}
