package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Listeners of the application that hear of a real cluster's changes, and what bad ones do to the keeper: nothing. */
@ExtendWith(Output.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EventsTest {
    private static TestCluster cluster;
    private static String[] properties;

    @BeforeAll
    static void a_whole_cluster() {
        cluster = TestCluster.start("A/B B A", "--password", "secret", "--node-timeout", "1000");
        properties = new String[] {"spring.redis.cluster.nodes=" + cluster.seeds(), "spring.redis.password=secret"};
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void listeners_hear_of_changes_until_the_context_closes() {
        Listening listening;
        try (ConfigurableApplicationContext context = started(Hearing.class)) {
            listening = context.getBean(Listening.class);
            loseAndRegainTheReplica(listening.heard::size);
            TopologyChangedEvent first = listening.heard.get(0);
            assertSame(context.getBean(Keeper.class), first.keeper());
            assertEquals(first.event().generation(), first.event().topology().generation());
            assertTrue(first.toString().contains(cluster.node("r0").address()), first.toString());
        }
        int before = listening.heard.size();
        try (ConfigurableApplicationContext context = started(Hearing.class)) {
            Listening other = context.getBean(Listening.class);
            loseAndRegainTheReplica(other.heard::size);
        }
        assertEquals(before, listening.heard.size());
    }

    @Test
    void each_change_is_heard_once_with_a_child_context_beside() {
        try (ConfigurableApplicationContext context = started(Hearing.class);
                AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
            child.setParent(context);
            child.register(SlotkeeperConfiguration.class);
            child.refresh();
            Listening listening = context.getBean(Listening.class);
            loseAndRegainTheReplica(listening.heard::size);
            long distinct = listening.heard.stream().map(heard -> heard.event().generation()).distinct().count();
            assertEquals(distinct, listening.heard.size());
        }
    }

    @Test
    void a_listener_that_throws_costs_one_line_in_the_log_and_nothing_else(Output output) {
        try (ConfigurableApplicationContext context = started(Throwing.class)) {
            Keeper keeper = context.getBean(Keeper.class);
            Listening listening = context.getBean(Listening.class);
            RedisNodeContext nodes = context.getBean(RedisNodeContext.class);
            String replica = cluster.node("r0").address();
            cluster.kill("r0");
            await("the replica is unhealthy", () -> nodes.isNodeUnhealthy(replica));
            cluster.restart("r0");
            await("the replica is healthy again", () -> !nodes.isNodeUnhealthy(replica));
            await("it was called twice", () -> listening.heard.size() >= 2);
            assertFalse(keeper.isClosed());
        }
        assertEquals(1, output.toString().split("a topology listener failed at generation", -1).length - 1, output.toString());
        assertTrue(output.toString().contains("a listener of the application"), output.toString());
    }

    @Test
    void a_listener_that_blocks_holds_up_neither_hand_over_nor_closing() {
        CountDownLatch entered = Blocking.entered = new CountDownLatch(1);
        CountDownLatch release = Blocking.release = new CountDownLatch(1);
        ConfigurableApplicationContext context = started(Blocking.class);
        Keeper keeper = context.getBean(Keeper.class);
        try {
            cluster.kill("r0");
            await("it was called", () -> entered.getCount() == 0);
            long generation = keeper.topology().generation();
            cluster.restart("r0");
            await("there is a newer topology", () -> keeper.topology().generation() > generation
                    && keeper.topology().nodes().stream().noneMatch(node -> node.isFailed()));
        } finally {
            long start = System.nanoTime();
            context.close();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(keeper.isClosed());
            assertTrue(millis < 10_000, "closing waits a second for a blocked listener, not " + millis + " ms");
            release.countDown();
        }
        cluster.waitWhole(Duration.ofSeconds(30));
    }

    private static ConfigurableApplicationContext started(Class<?> beans) {
        ConfigurableApplicationContext context = Application.start(beans, properties);
        context.getBean(Keeper.class).awaitTopology(Duration.ofSeconds(20));
        return context;
    }

    private static void loseAndRegainTheReplica(IntSupplier heard) {
        cluster.kill("r0");
        await("a failure was heard", () -> heard.getAsInt() >= 1);
        cluster.restart("r0");
        await("a recovery was heard", () -> heard.getAsInt() >= 2);
        cluster.waitWhole(Duration.ofSeconds(30));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "after 30 s: not yet that " + what + "\n" + cluster.describe());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Spring 4.3 has no lambda for it that knows its event. */
    static class Listening implements ApplicationListener<TopologyChangedEvent> {
        final List<TopologyChangedEvent> heard = new CopyOnWriteArrayList<>();

        @Override
        public void onApplicationEvent(TopologyChangedEvent event) {
            heard.add(event);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Hearing {
        @Bean
        Listening listening() {
            return new Listening();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Throwing {
        @Bean
        Listening listening() {
            return new Listening() {
                @Override
                public void onApplicationEvent(TopologyChangedEvent event) {
                    super.onApplicationEvent(event);
                    throw new IllegalStateException("a listener of the application");
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Blocking {
        private static CountDownLatch entered;
        private static CountDownLatch release;

        @Bean
        Listening listening() {
            return new Listening() {
                @Override
                public void onApplicationEvent(TopologyChangedEvent event) {
                    entered.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException end) {
                        Thread.currentThread().interrupt();
                    }
                }
            };
        }
    }
}
