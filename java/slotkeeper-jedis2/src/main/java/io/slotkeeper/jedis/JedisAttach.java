package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import java.util.Objects;
import java.util.function.Supplier;
import redis.clients.jedis.AttachedHandler;
import redis.clients.jedis.JedisCluster;

/**
 * Gives the slot map of a {@link Keeper} to a {@link JedisCluster} that somebody else made.
 *
 * <p>From then on each topology of the keeper is handed over, and what Jedis does by itself when a node says MOVED or cannot
 * be reached is answered by the keeper. The cluster keeps its pools and connections. Where the cluster is made by
 * your own code take {@link KeeperCluster}: it starts without a living seed, which an attached one cannot help.
 *
 * <p>Works on the class path only, with Slotkeeper and Jedis in the same class loader.
 */
public final class JedisAttach {

    private JedisAttach() {}

    /**
     * Attaches a keeper to a cluster, until the attachment is closed. No network I/O.
     *
     * @throws IllegalStateException if a keeper serves the cluster already, or Jedis is in another class loader
     * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
     */
    public static Attachment attach(Keeper keeper, JedisCluster cluster) {
        Objects.requireNonNull(cluster, "cluster");
        return attach(keeper, () -> cluster);
    }

    /**
     * Attaches a keeper to the cluster that a factory gives, until the attachment is closed.
     *
     * @param clusters asked now and about once a second, so it should not block; null: none yet, ask again later. When it
     *     gives another cluster, that one is attached and the one before is released.
     * @throws IllegalStateException if a keeper serves the cluster already, or Jedis is in another class loader
     * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
     */
    public static Attachment attach(Keeper keeper, Supplier<? extends JedisCluster> clusters) {
        requireOneClassLoader();
        Objects.requireNonNull(keeper, "keeper");
        Objects.requireNonNull(clusters, "clusters");
        return Attachment.start(keeper, clusters);
    }

    /** Java gives access to a package's own members only within one class loader. */
    private static void requireOneClassLoader() {
        ClassLoader ours = AttachedHandler.class.getClassLoader();
        ClassLoader theirs = JedisCluster.class.getClassLoader();
        if (ours != theirs) {
            throw new IllegalStateException("To attach, slotkeeper-jedis2 and jedis must be in one class loader, but "
                    + "slotkeeper-jedis2 is in " + ours + ", and jedis in " + theirs
                    + "; put both jars into the same place, or make a KeeperCluster, which works from anywhere");
        }
    }
}
