package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.time.Duration;

/** A keeper's latest topology: read without a lock, renewed from the native side, waited for. */
final class LatestTopology {

    private final long keeper;
    private volatile Topology topology = Topology.EMPTY;
    private boolean closed;

    LatestTopology(long keeper) {
        this.keeper = keeper;
    }

    Topology get() {
        return topology;
    }

    /** Takes over what is newer on the native side, and gives what holds then. */
    synchronized Topology renew() {
        byte[] newer = Native.keeperTopology(keeper, topology.generation());
        if (newer != null) {
            topology = TopologyReader.read(new Packed(newer));
            notifyAll();
        }
        return topology;
    }

    /** Waits for the first topology. */
    synchronized Topology await(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (topology.generation() == 0) {
                long left = deadline - System.nanoTime();
                if (closed) {
                    throw new SlotkeeperException(SlotkeeperException.CLOSED, "the keeper is closed");
                }
                if (left <= 0) {
                    throw new SlotkeeperException(SlotkeeperException.TIMEOUT,
                            "no node gave a topology within " + timeout.toMillis() + " ms");
                }
                wait(left / 1_000_000, (int) (left % 1_000_000));
            }
            return topology;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SlotkeeperException(SlotkeeperException.TIMEOUT, "interrupted while waiting for a topology");
        }
    }

    /** Wakes all that wait. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
