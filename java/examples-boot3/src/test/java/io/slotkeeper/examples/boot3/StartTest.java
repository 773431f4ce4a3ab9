package io.slotkeeper.examples.boot3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.slotkeeper.jedis.KeeperCluster;
import io.slotkeeper.test.TestCluster;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import redis.clients.jedis.JedisCluster;

/** The examples of {@code docs/java.md} on a real cluster of which one node, the first in the configuration, is dead. */
class StartTest {

    private static final String PASSWORD = "secret";

    private static TestCluster servers;
    private static String nodes;

    @BeforeAll
    static void start() {
        servers = TestCluster.start("A/B B/A B/A", "--password", PASSWORD, "--node-timeout", "1000");
        servers.kill("r1");
        String dead = servers.node("r1").address();
        nodes = dead + "," + servers.seeds().replace("," + dead, "");
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    @Test
    void a_boot_application_starts_and_writes() {
        try (ConfigurableApplicationContext context = boot()) {
            JedisCluster redis = context.getBean(JedisCluster.class);
            assertInstanceOf(KeeperCluster.class, redis);
            redis.set("greeting", "hello");
            assertEquals("hello", redis.get("greeting"));
        }
    }

    @Test
    void a_template_writes_by_way_of_a_keeper_cluster() {
        try (ConfigurableApplicationContext context = boot()) {
            assertEquals("hello", context.getBean(Greetings.class).greet());
            Object client = context.getBean(RedisConnectionFactory.class).getClusterConnection().getNativeConnection();
            assertInstanceOf(KeeperCluster.class, client);
        }
    }

    @Test
    void switched_off_it_is_plain_jedis() {
        try (ConfigurableApplicationContext context = boot("--slotkeeper.enabled=false")) {
            assertFalse(context.getBean(JedisCluster.class) instanceof KeeperCluster);
            assertEquals("hello", context.getBean(Greetings.class).greet());
        }
    }

    private static ConfigurableApplicationContext boot(String... more) {
        Stream<String> properties =
                Stream.of("--spring.data.redis.cluster.nodes=" + nodes, "--spring.data.redis.password=" + PASSWORD);
        return SpringApplication.run(BootApplication.class, Stream.concat(properties, Stream.of(more)).toArray(String[]::new));
    }
}
