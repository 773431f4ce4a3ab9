package io.slotkeeper;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a state with a deadline, asking every few milliseconds. */
final class Await {

    private Await() {}

    static void until(String what, Duration limit, Callable<Boolean> holds) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!holds.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit.toMillis() + " ms: " + what);
            }
            Thread.sleep(5);
        }
    }
}
