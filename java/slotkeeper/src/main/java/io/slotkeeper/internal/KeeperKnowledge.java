package io.slotkeeper.internal;

import io.slotkeeper.Health;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeeperStatus;
import io.slotkeeper.SlotkeeperException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a gate has of a keeper beside its topologies. The keeper knows better than a client as long as some node answers it, and one
 * has confirmed the topology within three pulses; the library is asked for that once a pulse at most. Safe for use by many threads.
 */
public final class KeeperKnowledge implements SlotGate.Knowledge {

    private static final int PULSES = 3;
    /** How often the library is asked whether a node has confirmed what there is, while it is important. */
    private static final long CONFIRMATION_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final Logger LOG = LoggerFactory.getLogger(KeeperKnowledge.class);

    private final Keeper keeper;
    private final long pulseNanos;
    /** Never changed once it is published. */
    private volatile Look look;

    /** That of this keeper. */
    public KeeperKnowledge(Keeper keeper) {
        this.keeper = keeper;
        this.pulseNanos = keeper.pulseInterval().toNanos();
        long longAgo = System.nanoTime() - Long.MAX_VALUE / 2;
        this.look = new Look(longAgo, longAgo, false);
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
    public boolean isConfirmedSince(long nanos) {
        Look last = look;
        if (last.confirmed - nanos < 0 && System.nanoTime() - last.at > CONFIRMATION_PAUSE_NANOS) {
            last = lookAgain(last);
        }
        return last.confirmed - nanos >= 0;
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
            look = newLook(last);
        }
        return look;
    }

    private Look newLook(Look last) {
        long now = System.nanoTime();
        try {
            KeeperStatus status = keeper.status();
            if (status.age() == null) {
                return new Look(now, last.confirmed, false);
            }
            long age = status.age().toNanos();
            return new Look(now, now - age, status.health() != Health.UNKNOWN && age <= PULSES * pulseNanos);
        } catch (SlotkeeperException | LinkageError e) {
            LOG.debug("The keeper does not tell its status: it was closed, or the library is gone", e);
            return new Look(now, last.confirmed, false);
        }
    }

    private static final class Look {

        final long at;
        /** When a node has confirmed what the keeper knows, to a millisecond. */
        final long confirmed;
        final boolean isTrusted;

        Look(long at, long confirmed, boolean isTrusted) {
            this.at = at;
            this.confirmed = confirmed;
            this.isTrusted = isTrusted;
        }
    }
}
