package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import java.util.Objects;
import java.util.function.Supplier;
import redis.clients.jedis.ClientProvider;
import redis.clients.jedis.UnifiedJedis;

/**
 * Gives the slot map of a {@link Keeper} to a client of a cluster that somebody else made: a {@code JedisCluster}, a
 * {@code UnifiedJedis} or a {@code RedisClusterClient}.
 *
 * <p>From then on each topology of the keeper is handed over. The client keeps its connections; the pools of nodes that are
 * no longer in the map are closed, as Jedis does it after each renewal. What Jedis does by itself when a node says
 * MOVED or cannot be reached goes on, since from Jedis 4 on nothing can be put before it: the map is then that of one
 * node, and the keeper's is put in its place after two to three seconds if they still differ. Where the client is made by your own code take {@link KeeperCluster}: it has all that
 * answered by the keeper, and starts without a living seed, which an attached one cannot help.
 *
 * <p>Works on the class path only, with Slotkeeper and Jedis in the same class loader.
 */
public final class JedisAttach {

    private JedisAttach() {}

    /**
     * Attaches a keeper to a client, until the attachment is closed. No network I/O.
     *
     * @throws IllegalArgumentException if it is not a client of a cluster
     * @throws IllegalStateException if a keeper serves the client already, or Jedis is in another class loader
     * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
     */
    public static Attachment attach(Keeper keeper, UnifiedJedis client) {
        Objects.requireNonNull(client, "client");
        return attach(keeper, () -> client);
    }

    /**
     * Attaches a keeper to the client that a factory gives, until the attachment is closed.
     *
     * @param clients asked now and about once a second, so it should not block; null: none yet, ask again later. When it
     *     gives another client, that one is attached and the one before is released.
     * @throws IllegalArgumentException if it is not a client of a cluster
     * @throws IllegalStateException if a keeper serves the client already, or Jedis is in another class loader
     * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
     */
    public static Attachment attach(Keeper keeper, Supplier<? extends UnifiedJedis> clients) {
        requireOneClassLoader();
        Objects.requireNonNull(keeper, "keeper");
        Objects.requireNonNull(clients, "clients");
        return Attachment.start(keeper, clients);
    }

    /** Java gives access to a package's own members only within one class loader. */
    private static void requireOneClassLoader() {
        ClassLoader ours = ClientProvider.class.getClassLoader();
        ClassLoader theirs = UnifiedJedis.class.getClassLoader();
        if (ours != theirs) {
            throw new IllegalStateException("To attach, slotkeeper-jedis4 and jedis must be in one class loader, but "
                    + "slotkeeper-jedis4 is in " + ours + ", and jedis in " + theirs
                    + "; put both jars into the same place, or make a KeeperCluster, which works from anywhere");
        }
    }
}
