package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.Topology;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.MapPropertySource;

/** The keeper, and the beans under the names that others depend on, on a real cluster. */
class KeptBeansTest {
    private static TestCluster cluster;
    private static String[] properties;

    @BeforeAll
    static void a_whole_cluster() {
        cluster = TestCluster.start("A/B B/A B", "--password", "secret");
        properties = new String[] {
            "spring.redis.cluster.nodes=" + cluster.seeds(), "spring.redis.password=secret", "slotkeeper.refresh.interval-ms=500"
        };
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void the_beans_have_the_names_that_others_depend_on() {
        try (ConfigurableApplicationContext context = Application.start(properties)) {
            assertTrue(context.getBean("redisHealthChecker") instanceof RedisHealthChecker);
            assertTrue(context.getBean("redisNodeContext") instanceof RedisNodeContext);
            assertTrue(context.getBean("redisClusterTopologyRefresher") instanceof RedisClusterTopologyRefresher);
            assertTrue(context.getBean("slotkeeper") instanceof Keeper);
        }
    }

    @Test
    void the_keeper_is_closed_with_the_context_and_after_the_beans_that_use_it() {
        ConfigurableApplicationContext context = Application.start(UsesKeeper.class, properties);
        Keeper keeper = context.getBean(Keeper.class);
        UsesKeeper.Client client = context.getBean(UsesKeeper.Client.class);
        assertFalse(keeper.isClosed());
        context.close();
        assertTrue(keeper.isClosed());
        assertTrue(client.sawOpenKeeperAtItsEnd);
    }

    @Test
    void a_start_that_fails_later_closes_the_keeper() {
        List<Keeper> opened = new ArrayList<>();
        try {
            FailsLate.opened = opened;
            Application.start(FailsLate.class, properties);
        } catch (RuntimeException expected) {
            // What the test is about.
        }
        assertEquals(1, opened.size());
        assertTrue(opened.get(0).isClosed());
    }

    @Test
    void core_properties_are_taken_from_the_environment() {
        try (ConfigurableApplicationContext context = Application.start(properties)) {
            assertEquals(Duration.ofMillis(500), context.getBean(Keeper.class).status().refreshInterval());
        }
    }

    @Test
    void a_keeper_of_the_application_is_not_doubled() {
        try (ConfigurableApplicationContext context = Application.start(OwnKeeper.class, properties)) {
            assertEquals(Collections.singleton("own"), context.getBeansOfType(Keeper.class).keySet());
            assertTrue(context.getBean(RedisClusterTopologyRefresher.class).refreshNow());
        }
    }

    @Test
    void the_configuration_can_be_imported_without_boot_and_is_not_doubled_with_boot() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            Map<String, Object> values = new HashMap<>();
            Arrays.asList(properties).forEach(property -> values.put(property.split("=")[0], property.split("=")[1]));
            context.getEnvironment().getPropertySources().addLast(new MapPropertySource("test", values));
            context.register(ImportsByHand.class);
            context.refresh();
            assertTrue(context.containsBean("slotkeeper"));
        }
        try (ConfigurableApplicationContext context = Application.start(ImportsByHand.class, properties)) {
            assertEquals(1, context.getBeansOfType(RedisHealthChecker.class).size());
        }
    }

    @Test
    void an_old_health_checker_of_the_application_stays_alone() {
        try (ConfigurableApplicationContext context = Application.start(OldChecker.class, properties)) {
            assertEquals("the old one", context.getBean("redisHealthChecker"));
            assertFalse(context.containsBean("slotkeeper"));
        }
    }

    @Test
    void the_node_context_takes_the_word_of_application_and_cluster_alike() {
        try (ConfigurableApplicationContext context = Application.start(properties)) {
            RedisNodeContext nodes = context.getBean(RedisNodeContext.class);
            assertEquals(Arrays.asList(cluster.seeds().split(",")), nodes.getAllNodes());
            assertEquals(5, nodes.getAllNodeCount());
            nodes.addUnhealthyNode("127.0.0.1:1");
            assertTrue(nodes.isNodeUnhealthy("127.0.0.1:1"));
            nodes.setUnhealthyNodes(Arrays.asList("127.0.0.1:2", "127.0.0.1:3"));
            assertEquals(Arrays.asList("127.0.0.1:2", "127.0.0.1:3"), nodes.getUnhealthyNodes());
            assertEquals(2, nodes.getUnhealthyNodeCount());
            nodes.removeUnhealthyNode("127.0.0.1:2");
            nodes.removeUnhealthyNode("127.0.0.1:3");
            assertEquals(0, nodes.getUnhealthyNodeCount());

            String replica = cluster.node("r1").address();
            cluster.kill("r1");
            await("the cluster calls the replica failed", () -> nodes.isNodeUnhealthy(replica));
            cluster.restart("r1");
            await("the replica is healthy again", () -> !nodes.isNodeUnhealthy(replica));
        }
    }

    @Test
    void the_refresher_refreshes_now_and_has_a_status_of_five_entries() {
        try (ConfigurableApplicationContext context = Application.start(properties)) {
            RedisClusterTopologyRefresher refresher = context.getBean(RedisClusterTopologyRefresher.class);
            long before = System.currentTimeMillis();
            assertTrue(refresher.refreshNow());
            Topology topology = context.getBean(Keeper.class).topology();
            assertEquals(5, topology.nodes().size());
            assertSame(topology.slotMap(), context.getBean(Keeper.class).topology().slotMap());
            Map<String, Object> status = refresher.getStatus();
            assertEquals(
                    Arrays.asList("unhealthyNodes", "unhealthyNodeCount", "isRefreshing", "lastRefreshTime", "refreshInterval"),
                    new ArrayList<>(status.keySet()));
            assertEquals(Collections.emptyList(), status.get("unhealthyNodes"));
            assertEquals(0, status.get("unhealthyNodeCount"));
            assertEquals(500L, status.get("refreshInterval"));
            assertTrue((long) status.get("lastRefreshTime") >= before);
            assertTrue(status.get("isRefreshing") instanceof Boolean);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "after 20 s: not yet that " + what + "\n" + cluster.describe());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class UsesKeeper {
        @Bean
        Client client(Keeper keeper) {
            return new Client(keeper);
        }

        static final class Client implements DisposableBean {
            private final Keeper keeper;
            private boolean sawOpenKeeperAtItsEnd;

            Client(Keeper keeper) {
                this.keeper = keeper;
            }

            @Override
            public void destroy() {
                sawOpenKeeperAtItsEnd = !keeper.isClosed();
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class FailsLate {
        private static List<Keeper> opened;

        @Bean
        String fails(Keeper keeper) {
            opened.add(keeper);
            throw new IllegalStateException("a bean of the application fails");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnKeeper {
        @Bean
        Keeper own() {
            return Keeper.open(Config.empty().with("seeds", cluster.seeds()).with("password", "secret"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(SlotkeeperConfiguration.class)
    static class ImportsByHand {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OldChecker {
        @Bean
        String redisHealthChecker() {
            return "the old one";
        }
    }
}
