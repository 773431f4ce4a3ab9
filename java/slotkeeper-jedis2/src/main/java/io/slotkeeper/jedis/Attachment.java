package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import io.slotkeeper.internal.Attacher;
import io.slotkeeper.jedis.internal.AttachedCluster;
import java.util.function.Supplier;
import redis.clients.jedis.JedisCluster;

/** A keeper attached to a {@link JedisCluster}, until it is closed. Safe for use by many threads. */
public final class Attachment implements AutoCloseable {

    private final Attacher<JedisCluster> attacher;

    private Attachment(Attacher<JedisCluster> attacher) {
        this.attacher = attacher;
    }

    static Attachment start(Keeper keeper, Supplier<? extends JedisCluster> clusters) {
        Attacher<JedisCluster> attacher = new Attacher<>(clusters, cluster -> new AttachedCluster(keeper, cluster));
        attacher.start(keeper);
        return new Attachment(attacher);
    }

    /** Puts the cluster's own handler back, any number of times. The cluster stays open, with the map that it has. */
    @Override
    public void close() {
        attacher.close();
    }
}
