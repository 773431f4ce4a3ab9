package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;

/** Which keepers and gates of a context JMX shows, and for how long. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class JmxTest {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private static TestCluster cluster;
    private static String nodes;

    @BeforeAll
    static void a_whole_cluster() {
        cluster = TestCluster.start("A B A");
        nodes = "spring.redis.cluster.nodes=" + cluster.seeds();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @AfterEach
    void nothing_outlives_its_context() throws JMException {
        assertEquals(names(), shown());
    }

    @Test
    void keeper_and_gate_are_shown_also_where_all_beans_are_lazy_and_the_gate_can_be_switched() throws Exception {
        try (ConfigurableApplicationContext context = Application.start(nodes, "spring.main.lazy-initialization=true")) {
            assertEquals(names("Gate slotkeeper", "Keeper slotkeeper"), shown());
            context.getBean(Keeper.class).awaitTopology(Duration.ofSeconds(30));
            assertEquals("OK", SERVER.getAttribute(new ObjectName("io.slotkeeper:type=Keeper,name=slotkeeper"), "Health"));
            SERVER.setAttribute(new ObjectName("io.slotkeeper:type=Gate,name=slotkeeper"), new Attribute("Mode", "OBSERVE"));
            assertEquals(Gate.Mode.OBSERVE, context.getBean(Gate.class).mode());
        }
    }

    @Test
    void a_second_context_has_names_of_its_own_and_a_child_shows_nothing_twice() throws Exception {
        try (ConfigurableApplicationContext first = Application.start(nodes)) {
            try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext();
                    ConfigurableApplicationContext second = withoutBoot()) {
                child.setParent(first);
                child.register(SlotkeeperConfiguration.class);
                child.refresh();
                assertTrue(second.isActive());
                assertEquals(names("Gate slotkeeper", "Gate slotkeeper-2", "Keeper slotkeeper", "Keeper slotkeeper-2"), shown());
            }
            assertEquals(names("Gate slotkeeper", "Keeper slotkeeper"), shown());
        }
    }

    @Test
    void spring_without_boot_shows_them_likewise() throws Exception {
        try (ConfigurableApplicationContext context = withoutBoot()) {
            assertTrue(context.isActive());
            assertEquals(names("Gate slotkeeper", "Keeper slotkeeper"), shown());
        }
    }

    @Test
    void an_application_that_wants_none_has_none() throws Exception {
        for (String none : new String[] {"slotkeeper.jmx.enabled=false", "spring.jmx.enabled=false"}) {
            try (ConfigurableApplicationContext context = Application.start(nodes, none)) {
                assertFalse(context.getBean(Keeper.class).isClosed());
                assertEquals(names(), shown(), none);
            }
        }
        try (ConfigurableApplicationContext context = Application.start(nodes, "spring.jmx.enabled=true")) {
            assertTrue(context.isActive());
            assertEquals(names("Gate slotkeeper", "Keeper slotkeeper"), shown());
        }
    }

    @Test
    void keepers_and_gates_of_the_application_have_the_names_of_their_beans() throws Exception {
        try (ConfigurableApplicationContext context = Application.start(Two.class)) {
            assertEquals(2, context.getBeansOfType(Keeper.class).size());
            assertEquals(names("Gate slotkeeperGate", "Keeper bills", "Keeper orders"), shown());
        }
        try (ConfigurableApplicationContext context = Application.start(TwoWithGates.class)) {
            assertEquals(names("Gate billsGate", "Gate ordersGate", "Keeper bills", "Keeper orders"), shown());
            SERVER.setAttribute(new ObjectName("io.slotkeeper:type=Gate,name=billsGate"), new Attribute("Mode", "OFF"));
            assertEquals(Gate.Mode.OFF, context.getBean("billsGate", Gate.class).mode());
            assertEquals(Gate.Mode.ON, context.getBean("ordersGate", Gate.class).mode());
        }
        try (ConfigurableApplicationContext context = Application.start(Two.class, "slotkeeper.enabled=false")) {
            assertEquals(2, context.getBeansOfType(Keeper.class).size());
            assertEquals(names(), shown());
        }
    }

    /** Also the second context of a test: two of Boot 1.5 or 2.1 in one JVM clash over MBeans of their own. */
    private static ConfigurableApplicationContext withoutBoot() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(
                new MapPropertySource("test", Collections.singletonMap("slotkeeper.seeds", cluster.seeds())));
        context.register(SlotkeeperConfiguration.class);
        context.refresh();
        return context;
    }

    private static Set<String> names(String... names) {
        return new TreeSet<>(Arrays.asList(names));
    }

    private static Set<String> shown() throws JMException {
        Set<String> shown = new TreeSet<>();
        for (ObjectName name : SERVER.queryNames(new ObjectName("io.slotkeeper:*"), null)) {
            shown.add(name.getKeyProperty("type") + " " + name.getKeyProperty("name"));
        }
        return shown;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Two {
        @Bean(destroyMethod = "close")
        Keeper orders() {
            return Keeper.open(Config.empty().with("seeds", cluster.seeds()));
        }

        @Bean(destroyMethod = "close")
        Keeper bills() {
            return Keeper.open(Config.empty().with("seeds", cluster.seeds()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoWithGates extends Two {
        @Bean
        Gate ordersGate() {
            return Gate.of(Gate.Mode.ON);
        }

        @Bean
        Gate billsGate() {
            return Gate.of(Gate.Mode.ON);
        }
    }
}
