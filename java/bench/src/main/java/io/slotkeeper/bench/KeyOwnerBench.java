package io.slotkeeper.bench;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.slotkeeper.Node;
import io.slotkeeper.NodesReply;
import io.slotkeeper.SlotMap;
import io.slotkeeper.SlotMaps;
import io.slotkeeper.SlotRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClusterInfoCache;
import redis.clients.jedis.JedisPool;
import redis.clients.util.JedisClusterCRC16;

/** Key to owner among 1000 nodes, as each client does it before a command. Another key at each call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class KeyOwnerBench {

    /** Length of the keys. */
    @Param({"8", "24", "40"})
    public int bytes;

    private final String[] keys = new String[1024];
    private int key;
    private SlotMap map;
    private Partitions partitions;
    private JedisClusterInfoCache cache;

    /** Makes the three of the same reply. */
    @Setup
    public void load() throws IOException {
        byte[] reply = Replies.read(Replies.THOUSAND);
        NodesReply parsed = NodesReply.parse(reply);
        map = SlotMaps.of(parsed);
        partitions = ClusterPartitionParser.parse(new String(reply, StandardCharsets.UTF_8));
        GenericObjectPoolConfig withoutJmx = new GenericObjectPoolConfig();
        withoutJmx.setJmxEnabled(false);
        cache = new JedisClusterInfoCache(withoutJmx, 2000);
        for (Node node : parsed.nodes()) {
            for (SlotRange range : node.slots()) {
                List<Integer> slots = new ArrayList<>();
                for (int slot = range.first(); slot <= range.last(); slot++) {
                    slots.add(slot);
                }
                cache.assignSlotsToNode(slots, new HostAndPort(node.host(), node.port()));
            }
        }
        for (int i = 0; i < keys.length; i++) {
            String end = Integer.toString(i);
            keys[i] = String.join("", Collections.nCopies(bytes - end.length(), "k")) + end;
        }
    }

    /** The slot map's owner. */
    @Benchmark
    public Node slotkeeper() {
        return map.ownerOf(nextKey());
    }

    /** Whether it is served, by the slot map. */
    @Benchmark
    public boolean serves() {
        return map.serves(nextKey());
    }

    /** Slot and owner, by Lettuce's own. */
    @Benchmark
    public RedisClusterNode lettuce() {
        return partitions.getPartitionBySlot(SlotHash.getSlot(nextKey()));
    }

    /** Slot and pool, by those of Jedis 2.9. */
    @Benchmark
    public JedisPool jedis() {
        return cache.getSlotPool(JedisClusterCRC16.getSlot(nextKey()));
    }

    private String nextKey() {
        key = (key + 1) % keys.length;
        return keys[key];
    }
}
