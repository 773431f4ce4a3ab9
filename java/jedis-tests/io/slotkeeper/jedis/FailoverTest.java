package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;

/** A master is killed under load: plain Jedis beside ours, in the same seconds. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class FailoverTest {

    private static final int THREADS = 4;

    @Test
    void no_command_fails_that_begins_once_the_new_map_is_handed_over() throws IOException {
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 1000);
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster plain = Fixture.plain(servers, 5, "m1");
                KeeperCluster keeperCluster = Fixture.keeperCluster(keeper, 5);
                JedisCluster attached = Fixture.plain(servers, 5, "m1");
                Attachment attachment = JedisAttach.attach(keeper, attached)) {
            AtomicLong handedOver = new AtomicLong();
            keeper.addListener(event -> handedOver.set(event.generation()));
            List<String> keys = Fixture.keys(0, KeySlot.COUNT - 1, 2000);
            Load[] loads = {Load.start(plain, THREADS, keys), Load.start(keeperCluster, THREADS, keys),
                Load.start(attached, THREADS, keys)};
            long whole;
            try (Load first = loads[0]; Load second = loads[1]; Load third = loads[2]) {
                awaitMore(loads);
                servers.kill("m0");
                servers.waitFailover("m0", Fixture.LIMIT);
                servers.waitWhole(Fixture.LIMIT);
                long generation = keeper.refresh(Fixture.LIMIT).generation();
                Fixture.await("listeners are told, which comes after the hand-over", () -> handedOver.get() >= generation);
                whole = System.nanoTime();
                awaitMore(loads);
            }
            System.out.println("failover under " + THREADS + " threads each");
            System.out.println("  plain Jedis:    " + loads[0]);
            System.out.println("  keeper cluster: " + loads[1]);
            System.out.println("  attached:       " + loads[2]);
            assertEquals(0, loads[1].failedSince(whole), "keeper cluster: " + loads[1]);
            assertEquals(0, loads[2].failedSince(whole), "attached: " + loads[2]);
        }
    }

    private static void awaitMore(Load[] loads) {
        for (Load load : loads) {
            load.awaitMore(1000);
        }
    }
}
