package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.Topology;
import io.slotkeeper.jedis.internal.AttachedCluster;
import java.util.function.Supplier;
import redis.clients.jedis.JedisCluster;

/** A keeper attached to a {@link JedisCluster}, until it is closed. Safe for use by many threads. */
public final class Attachment implements AutoCloseable {

    private final Keeper keeper;
    private final Supplier<? extends JedisCluster> clusters;
    /** Null until there is a cluster. Guarded by this. */
    private AttachedCluster attached;
    /** Null until it is started. Guarded by this. */
    private Registration handOver;
    /** Guarded by this. */
    private boolean closed;

    private Attachment(Keeper keeper, Supplier<? extends JedisCluster> clusters) {
        this.keeper = keeper;
        this.clusters = clusters;
    }

    static Attachment start(Keeper keeper, Supplier<? extends JedisCluster> clusters) {
        Attachment attachment = new Attachment(keeper, clusters);
        attachment.start();
        return attachment;
    }

    /** Puts the cluster's own handler back, any number of times. The cluster stays open, with the map that it has. */
    @Override
    public synchronized void close() {
        closed = true;
        if (handOver != null) {
            handOver.close();
        }
        release();
    }

    private synchronized void start() {
        try {
            follow();
            handOver = keeper.addHandOver(this::accept);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    private synchronized boolean accept(Topology topology) {
        return closed || follow() && attached.handOver(topology);
    }

    /** Attaches the cluster that the factory has now; false if it has none. */
    private boolean follow() {
        JedisCluster cluster = clusters.get();
        if (attached != null && !attached.isOf(cluster)) {
            release();
        }
        if (attached == null && cluster != null) {
            attached = new AttachedCluster(keeper, cluster);
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
