package io.slotkeeper.bench;

import io.lettuce.core.cluster.SlotHash;
import io.slotkeeper.KeySlot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
import redis.clients.util.JedisClusterCRC16;

/** The slot of a key without a hash tag, as most are. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class KeySlotBench {

    /** The key's length. */
    @Param({"8", "24", "40", "256"})
    public int bytes;

    private byte[] key;
    private String text;

    /** Makes the key. */
    @Setup
    public void make() {
        key = new byte[bytes];
        Arrays.fill(key, (byte) 'k');
        text = new String(key, StandardCharsets.US_ASCII);
    }

    /** Of bytes. */
    @Benchmark
    public int slotkeeper() {
        return KeySlot.of(key);
    }

    /** Of a text. */
    @Benchmark
    public int slotkeeperText() {
        return KeySlot.of(text);
    }

    /** Of bytes. */
    @Benchmark
    public int lettuce() {
        return SlotHash.getSlot(key);
    }

    /** Of bytes. */
    @Benchmark
    public int jedis() {
        return JedisClusterCRC16.getSlot(key);
    }
}
