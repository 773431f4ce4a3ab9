package io.slotkeeper.internal;

import io.slotkeeper.Keeper;
import io.slotkeeper.SlotkeeperException;
import io.slotkeeper.Topology;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the keeper on behalf of a command that found the map wrong. Safe for use by many threads; those that ask at the
 * same time share one round.
 */
public final class KeeperViews {

    /** How long a command waits for a newer map. Jedis would wait for a whole socket timeout, and all others with it. */
    public static final Duration DEADLINE = Duration.ofMillis(200);

    /** After so many questions in a row without an answer, Jedis no longer relies on the keeper alone. */
    private static final int PATIENCE = 5;

    private static final Logger LOG = LoggerFactory.getLogger(KeeperViews.class);

    private final Keeper keeper;
    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile boolean broken;

    /** Asks this keeper. */
    public KeeperViews(Keeper keeper) {
        this.keeper = keeper;
    }

    /**
     * A topology with views in it that were asked for after this call; null if the keeper has none within
     * {@link #DEADLINE}, for whatever reason.
     *
     * @param host the node that said MOVED, which is asked first; null: no node in particular
     */
    public Topology ask(String host, int port) {
        try {
            Topology topology = keeper.refreshFrom(host, port, DEADLINE);
            broken = false;
            if (unanswered.getAndSet(0) > 0) {
                LOG.info("The keeper answers again");
            }
            return topology;
        } catch (SlotkeeperException e) {
            note(e);
            return null;
        }
    }

    /**
     * Whether the next hand-over may be waited for, although the last question had no answer: the keeper has a map and
     * goes on asking all nodes side by side, where Jedis would go from one dead node to the next.
     */
    public boolean areTrusted() {
        return unanswered.get() < PATIENCE && keeper.topology().generation() > 0;
    }

    /** Whether the keeper cannot answer at all: it is closed, or the native library has a fault. */
    public boolean areImpossible() {
        return broken;
    }

    private void note(SlotkeeperException e) {
        boolean slow = e.code() == SlotkeeperException.TIMEOUT;
        broken = !slow;
        int before = unanswered.getAndUpdate(count -> slow ? Math.min(count + 1, PATIENCE) : PATIENCE);
        if (before == 0) {
            LOG.warn("The keeper did not answer ({}); Jedis asks the nodes itself where that helps", e.getMessage());
        }
    }
}
