package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class ReshardingTest {

    private static final int THREADS = 16;
    /** {@code make test-jedis} moves more. */
    private static final int SLOTS = Integer.getInteger("slotkeeper.test.moved-slots", 300);

    @Test
    void resharding_fails_no_more_commands_than_in_plain_jedis() throws IOException {
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 5000);
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster plain = Fixture.plain(servers, 5, "m0");
                KeeperCluster keeperCluster = Fixture.keeperCluster(keeper, 5);
                JedisCluster attached = Fixture.plain(servers, 5, "m0");
                Attachment attachment = JedisAttach.attach(keeper, attached)) {
            List<String> keys = Fixture.keys(0, SLOTS - 1, 3000);
            keys.forEach(key -> plain.set(key, "value"));
            Load[] loads = {Load.start(plain, THREADS, keys), Load.start(keeperCluster, THREADS, keys),
                Load.start(attached, THREADS, keys)};
            long start = System.nanoTime();
            try (Load first = loads[0]; Load second = loads[1]; Load third = loads[2]) {
                first.awaitMore(1000);
                servers.moveSlots("m0", "m1", 0, SLOTS - 1);
                first.awaitMore(1000);
            }
            System.out.println(SLOTS + " slots moved in " + (System.nanoTime() - start) / 1_000_000 + " ms under "
                    + THREADS + " threads each, generation " + keeper.topology().generation());
            System.out.println("  plain Jedis:    " + loads[0]);
            System.out.println("  keeper cluster: " + loads[1]);
            System.out.println("  attached:       " + loads[2]);
            assertTrue(loads[1].failed() <= loads[0].failed(), "keeper cluster: " + loads[1]);
            assertTrue(loads[2].failed() <= loads[0].failed(), "attached: " + loads[2]);
        }
    }
}
