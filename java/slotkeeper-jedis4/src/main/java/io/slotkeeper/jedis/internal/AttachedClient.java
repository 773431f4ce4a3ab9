package io.slotkeeper.jedis.internal;

import io.slotkeeper.Node;
import io.slotkeeper.SlotRange;
import io.slotkeeper.Topology;
import io.slotkeeper.internal.Attacher;
import io.slotkeeper.internal.ClusterSlots;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.ClientProvider;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.ProviderCache;

/**
 * One client that somebody else made, while the keeper's maps are given to it. Its pools stay its own.
 *
 * <p>A map goes in through Jedis's own renewal, with a {@link MemoryConnection} in the place of a node: under its write lock
 * all at once, and without network I/O. Jedis drops it while another renewal runs; then it is given again. So it is when a
 * renewal of Jedis's own has put the map of one node in its place, perhaps of one that is cut off from the others. For one
 * thread at a time.
 */
public final class AttachedClient implements Attacher.Attached<UnifiedJedis> {

    /** The providers that are attached now. */
    private static final Set<ConnectionProvider> ATTACHED =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /**
     * How long the map in place may be another than the keeper's: that of a node that said MOVED is the newer one, until the
     * keeper's next pulse.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final UnifiedJedis client;
    private final ClusterConnectionProvider provider;
    /** Whether it has had nodes: if so and there are none, it was closed. */
    private boolean hadNodes;
    /** Since when another map is in place, as {@link System#nanoTime}; null: it is the keeper's. */
    private Long otherSince;

    /**
     * Attaches this client.
     *
     * @throws IllegalArgumentException if it is not a client of a cluster
     * @throws IllegalStateException if a keeper serves the client already
     */
    public AttachedClient(UnifiedJedis client) {
        ConnectionProvider present = ClientProvider.of(client);
        if (!(present instanceof ClusterConnectionProvider)) {
            throw new IllegalArgumentException("To attach, a client of a cluster is needed, such as a JedisCluster or a "
                    + "RedisClusterClient, not a " + client.getClass().getName());
        }
        if (present instanceof KeeperProvider || !ATTACHED.add(present)) {
            throw new IllegalStateException("This client has its slot map from a keeper already");
        }
        this.client = client;
        this.provider = (ClusterConnectionProvider) present;
    }

    @Override
    public boolean isOf(UnifiedJedis other) {
        return client == other;
    }

    /** Gives Jedis this topology; false if it dropped it. Where nobody owns a slot it keeps what it has. */
    @Override
    public boolean handOver(Topology topology) {
        boolean isEmpty = provider.getNodes().isEmpty();
        List<Object> slots = WholeMap.of(topology);
        if (slots.isEmpty() || isEmpty && hadNodes) {
            return true;
        }
        MemoryConnection memory = new MemoryConnection(slots);
        if (isEmpty) {
            ProviderCache.fill(provider, memory);
        } else {
            provider.renewSlotCache(memory);
        }
        hadNodes = true;
        otherSince = null;
        return memory.wasAsked();
    }

    /** Whether Jedis still has this topology, or has had another one for no longer than may be. */
    @Override
    public boolean isInPlace(Topology topology) {
        if (provider.getNodes().isEmpty() || has(topology)) {
            otherSince = null;
            return true;
        }
        otherSince = otherSince == null ? System.nanoTime() : otherSince;
        return System.nanoTime() - otherSince < PATIENCE_NANOS;
    }

    @Override
    public void release() {
        ATTACHED.remove(provider);
    }

    private boolean has(Topology topology) {
        for (Node node : topology.nodes()) {
            for (SlotRange range : node.slots()) {
                for (int slot = range.first(); ClusterSlots.canBeReached(node) && slot <= range.last(); slot++) {
                    HostAndPort owner = provider.getNode(slot);
                    if (owner == null || owner.getPort() != node.port() || !owner.getHost().equals(node.host())) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
