package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AnnouncerTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Announcer announcer = new Announcer(new LatestTopology(0));
    private final Thread thread = new Thread(announcer, "announcer of a test");
    private final List<TopologyEvent> heard = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void close() throws Exception {
        announcer.close();
        thread.join(LIMIT.toMillis());
        assertTrue(!thread.isAlive(), "the thread ends when it is closed");
    }

    @Test
    void listeners_hear_events_in_order_although_another_one_throws() throws Exception {
        announcer.add(event -> {
            throw new IllegalStateException("a broken listener");
        });
        announcer.add(heard::add);
        for (int generation = 1; generation <= 5; generation++) {
            announcer.event(event(generation));
        }
        Await.until("five events", LIMIT, () -> heard.size() == 5);
        assertEquals(5, heard.get(4).generation());
    }

    @Test
    void when_the_queue_is_full_the_oldest_are_dropped_counted_and_told() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        announcer.add(event -> {
            heard.add(event);
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        announcer.event(event(1));
        entered.await();
        for (int generation = 2; generation <= Announcer.CAPACITY + 4; generation++) {
            announcer.event(event(generation));
        }
        assertEquals(3, announcer.dropped());

        release.countDown();
        Await.until("all that was kept, and one more", LIMIT, () -> heard.size() == Announcer.CAPACITY + 2);
        assertEquals("resynchronise", heard.get(1).cause());
        assertTrue(heard.get(1).sentences().get(0).startsWith("3 events and log lines were dropped"), heard.get(1).toString());
        assertEquals(5, heard.get(2).generation(), "2 to 4 were the oldest");
    }

    @Test
    void a_listener_that_interrupts_its_thread_does_not_end_it() throws Exception {
        announcer.add(event -> {
            heard.add(event);
            Thread.currentThread().interrupt();
        });
        announcer.event(event(1));
        announcer.event(event(2));
        Await.until("two events", LIMIT, () -> heard.size() == 2);
    }

    @Test
    void a_listener_that_was_taken_off_hears_nothing_more() throws Exception {
        Registration registration = announcer.add(event -> heard.add(event));
        announcer.add(heard::add);
        registration.close();
        registration.close();
        announcer.event(event(1));
        announcer.event(event(2));
        Await.until("two events", LIMIT, () -> heard.size() == 2);
        assertEquals(2, heard.get(1).generation());
    }

    private static TopologyEvent event(long generation) {
        return TopologyEvent.changed(generation, "asked", Collections.<Change>emptyList(), Topology.EMPTY);
    }
}
