package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import io.slotkeeper.test.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import redis.clients.jedis.JedisPoolConfig;

/** Spring Data Redis on a real cluster, as Boot configures it; in Boot 1.5 with a factory that is declared. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class DataRedisTest {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    @Test
    void a_template_works_and_goes_on_after_a_failover() {
        try (TestCluster cluster = TestCluster.start("A/B B/A A/B", "--password", "secret", "--node-timeout", "1000");
                ConfigurableApplicationContext context = start(cluster.seeds(), "slotkeeper.gate=on")) {
            StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
            Keeper keeper = context.getBean(Keeper.class);
            keeper.awaitTopology(LIMIT);
            assertEquals(KeeperCluster.class, client(context).getClass());

            String[] keys = IntStream.range(0, 300).mapToObj(i -> "key-" + i).toArray(String[]::new);
            Arrays.stream(keys).forEach(key -> template.opsForValue().set(key, key));
            Arrays.stream(keys).forEach(key -> assertEquals(key, template.opsForValue().get(key)));
            assertEquals(300, template.keys("key-*").size(), "a command to all masters");

            String lost = cluster.node("m0").address();
            cluster.kill("m0");
            String successor = cluster.waitFailover("m0", LIMIT);
            cluster.waitWhole(LIMIT);
            keeper.refresh(LIMIT);
            String there = Arrays.stream(keys)
                    .filter(key -> keeper.slotMap().ownerOf(key).address().equals(cluster.node(successor).address()))
                    .findFirst()
                    .get();
            await("a command works where " + lost + " was", () -> works(template, there));
            for (String key : keys) {
                template.opsForValue().set(key, "after");
            }
            Arrays.stream(keys).forEach(key -> assertEquals("after", template.opsForValue().get(key)));
        }
    }

    @Test
    void an_application_starts_with_every_node_dead_and_works_when_they_are_back() {
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret", "--node-timeout", "1000")) {
            cluster.kill("all");
            try (ConfigurableApplicationContext context = start(cluster.seeds(), "slotkeeper.seeds.deadline-ms=300")) {
                StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
                assertFalse(works(template, "key"));
                cluster.restart("all");
                cluster.waitWhole(LIMIT);
                await("a command works", () -> works(template, "key"));
            }
        }
    }

    @Test
    void the_client_is_closed_with_the_context_and_each_context_has_its_own() {
        assumeTrue(Boot.isAtLeast(2), "the factory is declared in 1.5");
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret")) {
            Object before = null;
            for (int round = 0; round < 2; round++) {
                ConfigurableApplicationContext context = start(cluster.seeds());
                RedisConnectionFactory factory = context.getBean(RedisConnectionFactory.class);
                Keeper keeper = context.getBean(Keeper.class);
                StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
                assertEquals(KeeperJedisConnectionFactory.class, factory.getClass());
                assertNotSame(before, factory);
                before = factory;
                await("a command works", () -> works(template, "key"));
                context.close();
                assertTrue(keeper.isClosed());
                assertFalse(works(template, "key"), "its pools are closed");
            }
        }
    }

    @Test
    void factories_for_other_nodes_stay_as_they_are_and_so_do_all_if_that_is_wanted() {
        assumeTrue(Boot.isAtLeast(2), "the factory is declared in 1.5");
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret")) {
            for (String why : new String[] {
                "slotkeeper.seeds=" + cluster.node("m1").address(), "slotkeeper.connection-factories=false"
            }) {
                try (ConfigurableApplicationContext context = start(cluster.node("m0").address(), why, "slotkeeper.password=secret")) {
                    assertFalse(client(context) instanceof KeeperCluster);
                    assertTrue(works(context.getBean(StringRedisTemplate.class), "key"));
                    assertFalse(context.getBean(Keeper.class).isClosed());
                }
            }
        }
    }

    @Test
    void a_user_and_a_client_name_are_taken_over_where_the_client_can_have_them() {
        assumeTrue(Boot.isAtLeast(3), "Jedis 2 and 3");
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret");
                ConfigurableApplicationContext context =
                        start(cluster.seeds(), Boot.redis() + "username=default", Boot.redis() + "client-name=bank")) {
            assertEquals(KeeperCluster.class, client(context).getClass());
            StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
            await("a command works", () -> works(template, "key"));
            String clients = (String) cluster.command("m0", "CLIENT", "LIST") + cluster.command("m1", "CLIENT", "LIST")
                    + cluster.command("m2", "CLIENT", "LIST");
            assertTrue(clients.contains("name=bank"), clients);
        }
    }

    /** Boot then gives its factory an executor for commands to several nodes, which the one in its place does without. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void with_the_virtual_threads_of_boot_commands_to_all_masters_work_as_well() {
        assumeTrue(Boot.isAtLeast(4), "the executor came with Boot 3.2");
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret");
                ConfigurableApplicationContext context = start(cluster.seeds(), "spring.threads.virtual.enabled=true")) {
            assertEquals(KeeperCluster.class, client(context).getClass());
            StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
            await("a command works", () -> works(template, "key"));
            IntStream.range(0, 30).forEach(i -> template.opsForValue().set("key-" + i, "value"));
            assertEquals(30, template.keys("key-*").size());
        }
    }

    @Test
    void without_the_library_the_factory_of_boot_works_as_it_is(@TempDir Path directory) throws Exception {
        assumeTrue(Boot.isAtLeast(2), "the factory is declared in 1.5");
        Path output = directory.resolve("output");
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret")) {
            int status = Child.whole()
                    .with("slotkeeper.library.path", "/nonexistent/libslotkeeper.so")
                    .run(output, OfBoot.class, "--" + Application.WITH_DATA_REDIS, "--" + Boot.redis() + "cluster.nodes=" + cluster.seeds(),
                            "--" + Boot.redis() + "password=secret");
            String text = Child.read(output);
            assertEquals(0, status, text);
            assertTrue(text.contains("works=true of JedisConnectionFactory"), text);
            assertEquals(1, Warnings.in(text).size(), text);
        }
    }

    private static ConfigurableApplicationContext start(String nodes, String... more) {
        String[] properties = Arrays.copyOf(more, more.length + 3);
        properties[more.length] = Application.WITH_DATA_REDIS;
        properties[more.length + 1] = Boot.redis() + "cluster.nodes=" + nodes;
        properties[more.length + 2] = Boot.redis() + "password=secret";
        return Application.start(Boot.isAtLeast(2) ? OfBoot.class : Declared.class, properties);
    }

    private static Object client(ConfigurableApplicationContext context) {
        return context.getBean(RedisConnectionFactory.class).getClusterConnection().getNativeConnection();
    }

    private static boolean works(StringRedisTemplate template, String key) {
        try {
            template.opsForValue().set(key, "value");
            return true;
        } catch (RuntimeException failure) {
            return false;
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited 40 s in vain: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OfBoot {
        /** For a JVM of its own. */
        public static void main(String[] arguments) {
            try (ConfigurableApplicationContext context = Application.builder(OfBoot.class).run(arguments)) {
                System.out.println("works=" + works(context.getBean(StringRedisTemplate.class), "key") + " of "
                        + context.getBean(RedisConnectionFactory.class).getClass().getSimpleName());
            }
        }
    }

    /** What Boot 1.5 needs. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Declared {
        @Bean
        @SuppressWarnings("deprecation") // Not yet in 1.8.
        RedisConnectionFactory redisConnectionFactory(Keeper keeper, Gate gate) {
            LegacyKeeperJedisConnectionFactory factory =
                    new LegacyKeeperJedisConnectionFactory(keeper, gate, new RedisClusterConfiguration(), new JedisPoolConfig());
            factory.setPassword("secret");
            return factory;
        }
    }
}
