package io.slotkeeper;

import io.slotkeeper.internal.Native;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Asks the application for new credentials when a node has refused those at hand.
 *
 * <p>The application may go far for them, so it is asked on a thread of its own, {@code slotkeeper-credentials}, one at a
 * time, which ends with its answer. As long as the answer is what was refused, it is asked less and less often.
 */
final class CredentialsRenewal {

    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 30 * FIRST_PAUSE_NANOS;

    private final long keeper;
    private final Supplier<Credentials> supplier;
    private final Announcer announcer;
    private final AtomicBoolean asking = new AtomicBoolean();
    /** Refusals that the supplier has been asked about. For the hand-over thread alone. */
    private long seen;
    private volatile long notBefore = System.nanoTime();
    private volatile long pause = FIRST_PAUSE_NANOS;

    /** @param supplier null: nobody is asked */
    CredentialsRenewal(long keeper, Supplier<Credentials> supplier, Announcer announcer) {
        this.keeper = keeper;
        this.supplier = supplier;
        this.announcer = announcer;
    }

    /** Looks whether it is time to ask; never waits. For the hand-over thread, each time around. */
    void look() {
        if (supplier == null || asking.get() || System.nanoTime() - notBefore < 0) {
            return;
        }
        long refused = Native.keeperCredentialsRefused(keeper);
        if (refused == seen) {
            return;
        }
        seen = refused;
        asking.set(true);
        try {
            Keeper.daemon("slotkeeper-credentials", this::ask).start();
        } catch (Throwable e) {
            asking.set(false);
            announcer.warn("there is no thread to ask for new credentials", e);
        }
    }

    private void ask() {
        boolean others = false;
        try {
            others = Keeper.set(keeper, supplier.get());
        } catch (Throwable e) {
            announcer.warn("the supplier gave no new credentials; it is asked again when a node refuses", e);
        } finally {
            pause = others ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, pause * 2);
            notBefore = System.nanoTime() + pause;
            asking.set(false);
        }
    }
}
