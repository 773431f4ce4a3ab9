package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says of listeners that fail or block. */
@Timeout(30)
class ListenerWatchTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final PrintStream usual = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(printed, true));
    }

    @AfterEach
    void restore() {
        System.setErr(usual);
    }

    @Test
    void a_listener_that_has_not_returned_is_told_once_with_where_it_hangs() throws Exception {
        ListenerWatch watch = new ListenerWatch(TimeUnit.MILLISECONDS.toNanos(1));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        TopologyListener blocked = event -> {
            begun.countDown();
            awaitQuietly(release);
        };
        Thread thread = new Thread(() -> {
            watch.begin(blocked);
            blocked.changed(null);
            watch.end();
        });
        thread.start();
        begun.await();
        Await.until("a line", LIMIT, () -> {
            watch.look();
            return printed.toString().contains("awaitQuietly");
        });
        watch.look();
        release.countDown();
        thread.join(LIMIT.toMillis());
        assertEquals(1, count("has not returned for 0 s"), printed.toString());
    }

    @Test
    void a_listener_that_is_quick_is_not_told_of() {
        ListenerWatch watch = new ListenerWatch(TimeUnit.MINUTES.toNanos(1));
        watch.begin(event -> { });
        watch.look();
        watch.end();
        watch.look();
        assertEquals("", printed.toString());
    }

    @Test
    void a_listener_that_fails_each_time_is_one_line_a_minute() throws Exception {
        Announcer announcer = new Announcer(new LatestTopology(0));
        Thread thread = new Thread(announcer);
        thread.start();
        int[] called = {0};
        announcer.add(event -> {
            called[0]++;
            throw new IllegalStateException("a broken listener");
        });
        for (int generation = 1; generation <= 50; generation++) {
            announcer.event(TopologyEvent.changed(generation, "asked", Collections.<Change>emptyList(), Topology.EMPTY));
        }
        announcer.close();
        thread.join(LIMIT.toMillis());
        assertEquals(50, called[0]);
        assertEquals(1, count("a topology listener failed at generation 1 "), printed.toString());
        assertEquals(1, count("a topology listener failed"), printed.toString());
        assertTrue(printed.toString().contains("a broken listener"), printed.toString());
    }

    private int count(String text) {
        return printed.toString().split(text, -1).length - 1;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
