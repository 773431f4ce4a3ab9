package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.JedisCluster;

/** Runs the example that README.md shows. */
class ReadmeExampleTest {

    @Test
    void the_example_of_the_readme_works() throws Exception {
        Queue<String> changes = new ConcurrentLinkedQueue<>();
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 1000)) {
            String seeds = servers.seeds();
            String password = Fixture.PASSWORD;

            Config config = Config.empty().with("seeds", seeds).with("password", password);
            try (Keeper keeper = Keeper.open(config);
                    JedisCluster cluster = KeeperCluster.builder(keeper).password(password).build()) {
                keeper.awaitTopology(Duration.ofSeconds(5));
                keeper.addListener(event -> changes.addAll(event.sentences()));
                if (keeper.slotMap().serves("user:1")) {
                    cluster.set("user:1", "Ada");
                }
            }
            try (JedisCluster plain = Fixture.plain(servers, 5, "m0", "m1")) {
                assertEquals("Ada", plain.get("user:1"));
            }
        }
    }
}
