package io.slotkeeper.bench;

import io.slotkeeper.Gate;
import io.slotkeeper.KeySlot;
import io.slotkeeper.NodesReply;
import io.slotkeeper.SlotMaps;
import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a slot to its node's pool in a keeper cluster of 1000 nodes, for slots that are served: without a gate, and behind one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class GateBench {

    private int slot;
    /** The slots of the first of these are pending in {@link #troubled}. */
    private int firstServed;
    private SlotGate gate;
    private NodePools<Object> pools;
    private SlotGate troubledGate;
    private NodePools<Object> troubled;

    /** Makes two clusters of the same reply. */
    @Setup
    public void load() throws IOException {
        NodesReply reply = NodesReply.parse(Replies.read(Replies.THOUSAND));
        gate = gate();
        pools = new NodePools<>(new Pools(), gate);
        pools.adopt(SlotMaps.topology(reply, 0));
        troubledGate = gate();
        troubled = new NodePools<>(new Pools(), troubledGate);
        firstServed = 100;
        troubled.adopt(SlotMaps.topology(reply, firstServed));
    }

    /** The lookup alone. */
    @Benchmark
    public Object withoutGate() {
        return pools.ofSlot(nextSlot());
    }

    /** While all is well. */
    @Benchmark
    public Object withGate() {
        int slot = nextSlot();
        return gate.enter(slot) == null ? pools.ofSlot(slot) : null;
    }

    /** While others are pending. */
    @Benchmark
    public Object othersPending() {
        int slot = nextSlot();
        return troubledGate.enter(slot) == null ? troubled.ofSlot(slot) : null;
    }

    private int nextSlot() {
        slot += 4099;
        if (slot >= KeySlot.COUNT) {
            slot = firstServed + slot % (KeySlot.COUNT - firstServed);
        }
        return slot;
    }

    private static SlotGate gate() {
        return new SlotGate(new SwitchableGate(Gate.Mode.ON), Duration.ofSeconds(2), new AllKnowing(), IllegalStateException::new);
    }

    private static final class AllKnowing implements SlotGate.Knowledge {

        @Override
        public boolean isBetter() {
            return true;
        }

        @Override
        public boolean isConfirmedSince(long nanos) {
            return true;
        }

        @Override
        public void reportTrouble(String host, int port) {}
    }

    private static final class Pools implements NodePools.Kind<Object> {

        @Override
        public Object open(String host, int port) {
            return new Object();
        }

        @Override
        public boolean isUsed(Object pool) {
            return false;
        }

        @Override
        public boolean wasUsed(Object pool) {
            return false;
        }

        @Override
        public void close(Object pool) {}

        @Override
        public void rescue(Object pool) {}

        @Override
        public RuntimeException afterClose() {
            return new IllegalStateException();
        }
    }
}
