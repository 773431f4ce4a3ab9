package io.slotkeeper.bench;

import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.slotkeeper.NodesReply;
import io.slotkeeper.Slotkeeper;
import io.slotkeeper.internal.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.redisson.client.protocol.decoder.ClusterNodesDecoder;
import org.redisson.cluster.ClusterNodeInfo;

/** CLUSTER NODES, as each client reads it: of what it gets from its connection, to what it works with. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ParseBench {

    /** The reply. */
    @Param({Replies.SIX, Replies.HUNDRED, Replies.THOUSAND, Replies.FRAGMENTED})
    public String reply;

    private final ClusterNodesDecoder redissonDecoder = new ClusterNodesDecoder("redis");
    private byte[] bytes;
    private String text;
    private ByteBuf buffer;

    /** Reads the file, and loads the library. */
    @Setup
    public void load() throws IOException {
        Slotkeeper.load();
        bytes = Replies.read(reply);
        text = new String(bytes, StandardCharsets.UTF_8);
        buffer = Unpooled.wrappedBuffer(bytes);
    }

    /** All nodes as objects, with every field. */
    @Benchmark
    public NodesReply slotkeeper() {
        return NodesReply.parse(bytes);
    }

    /** The native call alone: the reply goes in, and is read, and what Java makes objects of comes out. */
    @Benchmark
    public byte[] slotkeeperNative() {
        return Native.parseNodes(bytes);
    }

    /** Its nodes and its slot table. */
    @Benchmark
    public Partitions lettuce() {
        return ClusterPartitionParser.parse(text);
    }

    /** Its nodes; no slot table. */
    @Benchmark
    public List<ClusterNodeInfo> redisson() throws IOException {
        return redissonDecoder.decode(buffer.readerIndex(0), null);
    }
}
