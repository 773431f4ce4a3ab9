package io.slotkeeper.internal;

import io.slotkeeper.Health;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeeperStatus;
import io.slotkeeper.SlotkeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a gate has of a keeper beside its topologies. The keeper knows better than a client as long as some node answers it, and one
 * has confirmed the topology within three pulses; the library is asked for that once a pulse at most. Safe for use by many threads.
 */
public final class KeeperKnowledge implements SlotGate.Knowledge {

    private static final int PULSES = 3;

    private static final Logger LOG = LoggerFactory.getLogger(KeeperKnowledge.class);

    private final Keeper keeper;
    private final long pulseNanos;
    /** Never changed once it is published. */
    private volatile Look look = new Look(false, System.nanoTime() - Long.MAX_VALUE / 2);

    /** That of this keeper. */
    public KeeperKnowledge(Keeper keeper) {
        this.keeper = keeper;
        this.pulseNanos = keeper.pulseInterval().toNanos();
    }

    @Override
    public boolean isBetter() {
        if (keeper.isClosed()) {
            return false;
        }
        Look last = look;
        if (System.nanoTime() - last.at > pulseNanos) {
            last = lookAgain(last);
        }
        return last.isTrusted;
    }

    @Override
    public void reportTrouble(String host, int port) {
        try {
            keeper.notifyFailure(host, port);
        } catch (SlotkeeperException e) {
            LOG.debug("The keeper was not told that a client has trouble with {}:{}", host, port, e);
        }
    }

    /** One thread looks, the others have the result. */
    private synchronized Look lookAgain(Look last) {
        if (look == last) {
            look = new Look(isFresh(), System.nanoTime());
        }
        return look;
    }

    private boolean isFresh() {
        try {
            KeeperStatus status = keeper.status();
            return status.health() != Health.UNKNOWN && status.age() != null
                    && status.age().toNanos() <= PULSES * pulseNanos;
        } catch (SlotkeeperException | LinkageError e) {
            LOG.debug("The keeper does not tell its status: it was closed, or the library is gone", e);
            return false;
        }
    }

    private static final class Look {

        final boolean isTrusted;
        final long at;

        Look(boolean isTrusted, long at) {
            this.isTrusted = isTrusted;
            this.at = at;
        }
    }
}
