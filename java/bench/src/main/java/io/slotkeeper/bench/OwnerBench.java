package io.slotkeeper.bench;

import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.slotkeeper.KeySlot;
import io.slotkeeper.Node;
import io.slotkeeper.NodesReply;
import io.slotkeeper.SlotMap;
import io.slotkeeper.SlotMaps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Slot to owner among 1000 nodes, beside the read of an array of nodes. Another slot at each call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class OwnerBench {

    private int slot;
    private Node[] array;
    private SlotMap map;
    private Partitions partitions;

    /** Makes the three of the same reply. */
    @Setup
    public void load() throws IOException {
        byte[] reply = Replies.read(Replies.THOUSAND);
        map = SlotMaps.of(NodesReply.parse(reply));
        partitions = ClusterPartitionParser.parse(new String(reply, StandardCharsets.UTF_8));
        array = new Node[KeySlot.COUNT];
        for (int i = 0; i < array.length; i++) {
            array[i] = map.ownerOf(i);
        }
    }

    /** What everything else is measured against. */
    @Benchmark
    public Node array() {
        return array[nextSlot()];
    }

    /** The slot map. */
    @Benchmark
    public Node slotkeeper() {
        return map.ownerOf(nextSlot());
    }

    /** Its partitions. */
    @Benchmark
    public RedisClusterNode lettuce() {
        return partitions.getPartitionBySlot(nextSlot());
    }

    private int nextSlot() {
        slot = (slot + 4099) % KeySlot.COUNT;
        return slot;
    }
}
