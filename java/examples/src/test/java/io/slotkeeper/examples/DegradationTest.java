package io.slotkeeper.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.KeySlot;
import io.slotkeeper.Keeper;
import io.slotkeeper.Trouble;
import io.slotkeeper.jedis.KeeperCluster;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.JedisCluster;

/** Each example on a real cluster that lives on without one of its masters, which is stopped, and has no replica. */
class DegradationTest {

    private static final String PASSWORD = "s3cret";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** What is answered without Redis is answered at once; asking the stopped master would take 2 s and more. */
    private static final Duration AT_ONCE = Duration.ofMillis(500);
    /** The last of the three masters, and the first of its slots. */
    private static final String VICTIM = "m2";
    private static final int FIRST_OF_VICTIM = 10_922;

    private static TestCluster servers;

    private Keeper keeper;
    private JedisCluster redis;

    @BeforeAll
    static void start() {
        servers = TestCluster.start("A/B B/A A", "--password", PASSWORD, "--node-timeout", "1000", "--full-coverage", "no");
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    @BeforeEach
    void open() {
        keeper = Keeper.open(Config.empty().with("seeds", servers.seeds()).with("password", PASSWORD)
                .with("refresh.interval-ms", "100"));
        keeper.awaitTopology(LIMIT);
        redis = KeeperCluster.builder(keeper).password(PASSWORD).build();
    }

    @AfterEach
    void close() throws Exception {
        servers.resume(VICTIM);
        servers.waitWhole(LIMIT);
        redis.close();
        keeper.close();
    }

    @Test
    void prices_that_were_seen_are_known_while_redis_does_not_serve_them() {
        CachedPrices prices = new CachedPrices(keeper, redis);
        String lost = name("price:", true);
        String served = name("price:", false);
        redis.set("price:" + lost, "7.00");
        redis.set("price:" + served, "8.00");
        assertEquals(Optional.of("7.00"), prices.of(lost));

        stop("price:" + lost);
        assertTimeout(AT_ONCE, () -> assertEquals(Optional.of("7.00"), prices.of(lost)));
        assertTimeout(AT_ONCE, () -> assertEquals(Optional.empty(), prices.of("never-seen-" + name("price:never-seen-", true))));
        assertEquals(Optional.of("8.00"), prices.of(served));

        resume("price:" + lost);
        redis.set("price:" + lost, "9.00");
        assertEquals(Optional.of("9.00"), prices.of(lost));
    }

    @Test
    void profiles_are_found_and_saved_in_the_database_while_redis_does_not_serve_them() throws Exception {
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl("jdbc:h2:mem:profiles;DB_CLOSE_DELAY=-1");
        try (Profiles profiles = new Profiles(keeper, redis, database)) {
            String lost = name("profile:", true);
            String served = name("profile:", false);
            profiles.save(lost, "old");
            profiles.save(served, "old");
            assertEquals(Optional.of("old"), profiles.find(lost));
            assertEquals("old", redis.get("profile:" + lost), "a copy");
            assertEquals(0, profiles.outdatedCount());

            stop("profile:" + lost);
            assertTimeout(AT_ONCE, () -> assertEquals(Optional.of("old"), profiles.find(lost)));
            assertTimeout(AT_ONCE, () -> profiles.save(lost, "new"));
            assertTimeout(AT_ONCE, () -> assertEquals(Optional.of("new"), profiles.find(lost)));
            profiles.save(served, "new");
            assertEquals(1, profiles.outdatedCount(), "that of the lost slot");

            resume("profile:" + lost);
            assertEquals(Optional.of("new"), profiles.find(lost), "and never the old copy, which Redis still has");
            await("the outdated copy to be deleted", () -> profiles.outdatedCount() == 0);
            assertEquals(Optional.of("new"), profiles.find(lost));
            assertEquals("new", redis.get("profile:" + lost));
        }
    }

    @Test
    void a_lock_that_nobody_keeps_is_refused_at_once_with_the_reason() {
        Locks locks = new Locks(keeper, redis);
        String lost = name("lock:", true);
        String served = name("lock:", false);
        stop("lock:" + lost);
        await("the masters to agree", () -> keeper.slotMap().reasonOf("lock:" + lost) == Trouble.NO_REPLICA);
        assertTimeout(AT_ONCE, () -> {
            String message = assertThrows(IllegalStateException.class, () -> locks.tryLock(lost, "me", LIMIT)).getMessage();
            assertEquals("no lock " + lost + " to be had: " + Trouble.NO_REPLICA.sentence(), message);
            assertFalse(locks.release(lost, "me"));
        });
        assertTrue(locks.tryLock(served, "me", LIMIT));
        assertFalse(locks.tryLock(served, "somebody else", LIMIT));
        assertFalse(locks.release(served, "somebody else"));
        assertTrue(locks.release(served, "me"));
        resume("lock:" + lost);
        assertTrue(locks.tryLock(lost, "me", LIMIT));
    }

    @Test
    void counters_are_added_up_here_and_brought_to_redis_once_it_serves_them() {
        Counters counters = new Counters(keeper, redis);
        String lost = name("count:", true);
        String served = name("count:", false);
        stop("count:" + lost);
        assertTimeout(AT_ONCE, () -> {
            counters.add(lost, 2);
            counters.add(lost, 3);
        });
        counters.add(served, 1);
        assertEquals(5, counters.waiting());
        assertEquals("1", redis.get("count:" + served));

        resume("count:" + lost);
        counters.flush();
        assertEquals("5", redis.get("count:" + lost));
        assertEquals(0, counters.waiting() + counters.uncertain());
    }

    private void stop(String key) {
        servers.stop(VICTIM);
        await(key + " to be known as not served", () -> !keeper.slotMap().serves(key));
    }

    private void resume(String key) {
        servers.resume(VICTIM);
        servers.waitWhole(LIMIT);
        await(key + " to be served again", () -> keeper.slotMap().serves(key));
    }

    /** What makes a key of the stopped master, or of another, with this before it. */
    private static String name(String prefix, boolean lost) {
        return IntStream.range(0, 100_000).mapToObj(Integer::toString)
                .filter(name -> KeySlot.of(prefix + name) >= FIRST_OF_VICTIM == lost).findFirst().get();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + LIMIT.getSeconds() + " s in vain for " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
