package io.slotkeeper.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a real cluster of which a shard stands in one zone. */
@Timeout(120)
class LayoutTest {

    @Test
    void the_shard_that_a_zone_takes_with_it_is_named() {
        try (TestCluster cluster = TestCluster.start("A/A B/C C/B");
                Keeper keeper = Keeper.open(Config.empty().with("seeds", cluster.seeds())
                        .with("zone.dc-a", "127.1.").with("zone.dc-b", "127.2.").with("zone.dc-c", "127.3."))) {
            keeper.awaitTopology(Duration.ofSeconds(20));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (keeper.audit().generation() == 0 && System.nanoTime() < deadline) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            List<String> risks = Layout.risks(keeper);
            String master = cluster.node("m0").address();
            assertTrue(risks.get(0).startsWith("critical shard-in-one-zone: master " + master), risks.toString());
            assertTrue(risks.contains("without zone dc-a these slots are lost: [0-5460]"), risks.toString());
        }
    }
}
