package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.DEAD;
import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.LIVING;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.ClassPathXmlApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/** What an application sees of a real cluster of which one node is dead. */
@ExtendWith(Output.class)
class HealthyNodesTest {
    @Test
    void values_and_factory_beans_see_only_healthy_nodes(Output output) {
        try (ConfigurableApplicationContext context =
                Application.start("spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret", "athena.redis.url=" + NODES)) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(HEALTHY, context.getBean(StringBuilder.class).toString());
            assertEquals(HEALTHY, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertEquals(RedisHealthChecker.SOURCE, firstOwn(context));
        }
        assertEquals(Arrays.asList("Only 2 of 3 nodes are healthy; left out are " + DEAD + " (refused)"), Warnings.in(output));
    }

    @Test
    void bean_definitions_in_xml_see_only_healthy_nodes_without_boot() {
        try (ClassPathXmlApplicationContext context = new ClassPathXmlApplicationContext(new String[] {"legacy-beans.xml"}, false)) {
            context.getEnvironment().getPropertySources().addLast(new MapPropertySource("test", map(NODES)));
            context.refresh();
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(HEALTHY, context.getBean("made").toString());
            assertTrue(context.containsBean("slotkeeper"));
        }
    }

    @Test
    void a_yaml_list_is_read_and_seen_as_text_and_as_list(@TempDir Path directory) throws IOException {
        String list = "";
        for (String node : NODES.split(",")) {
            list += "        - \"" + node + "\"\n";
        }
        Path file = directory.resolve("application.yml");
        Files.write(file, ("spring:\n  redis:\n    password: secret\n    cluster:\n      nodes:\n" + list).getBytes(StandardCharsets.UTF_8));
        try (ConfigurableApplicationContext context = Application.start(Bound.class, "spring.config.location=" + file.toUri())) {
            Environment environment = context.getEnvironment();
            assertEquals(HEALTHY, environment.getProperty("spring.redis.cluster.nodes"));
            assertEquals(LIVING.get(0), environment.getProperty("spring.redis.cluster.nodes[0]"));
            assertEquals(LIVING, context.getBean(Nodes.class).getNodes());
        }
    }

    @Test
    void placeholders_in_the_nodes_are_resolved() {
        try (ConfigurableApplicationContext context = Application.start(
                "spring.redis.cluster.nodes=${first},${others}", "first=" + DEAD, "others=" + HEALTHY, "spring.redis.password=secret")) {
            assertEquals(HEALTHY, context.getBean("url"));
        }
    }

    @Test
    void the_newer_names_of_boot_3_are_known_too() {
        try (ConfigurableApplicationContext context =
                Application.start("spring.data.redis.cluster.nodes=" + NODES, "spring.data.redis.password=secret")) {
            assertEquals(HEALTHY, context.getEnvironment().getProperty("spring.data.redis.cluster.nodes"));
            assertEquals(HEALTHY, context.getBean("url"));
        }
    }

    @Test
    void names_of_properties_are_a_matter_of_configuration() {
        try (ConfigurableApplicationContext context = Application.start(
                "slotkeeper.nodes-properties=bank.nodes",
                "slotkeeper.password-properties=bank.refresher.password, bank.password",
                "slotkeeper.target-properties=bank.url, athena.redis.url",
                "bank.nodes=" + NODES,
                "bank.password=secret")) {
            assertEquals(HEALTHY, context.getEnvironment().getProperty("bank.nodes"));
            assertEquals(HEALTHY, context.getEnvironment().getProperty("bank.url"));
            assertEquals(HEALTHY, context.getBean("url"));
        }
    }

    @Test
    void malformed_nodes_are_reported_and_not_fatal(Output output) {
        try (ConfigurableApplicationContext context =
                Application.start("spring.redis.cluster.nodes=" + HEALTHY + ",no:port:here", "spring.redis.password=secret")) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertTrue(context.containsBean("slotkeeper"));
        }
        assertEquals(Arrays.asList("Only 2 of 3 nodes are healthy; left out are no:port:here (invalid)"), Warnings.in(output));
    }

    @Test
    void with_every_node_dead_those_of_the_last_known_good_file_stand_in(@TempDir Path directory, Output output) {
        Path file = directory.resolve("last-good");
        Config config = Config.empty().with("seeds", NODES).with("password", "secret").with("last-good.file", file.toString());
        try (Keeper before = Keeper.open(config)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!Files.exists(file)) {
                assertTrue(System.nanoTime() < deadline, "no file after 10 s: " + before.status());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
        try (ConfigurableApplicationContext context = Application.start(
                "spring.redis.cluster.nodes=" + DEAD, "spring.redis.password=secret", "slotkeeper.last-good.file=" + file)) {
            String found = context.getBean("url").toString();
            assertEquals(new HashSet<>(LIVING), new HashSet<>(Arrays.asList(found.split(","))));
            assertEquals(found, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertEquals(Arrays.asList(DEAD), RedisHealthChecker.getAllNodes());
            assertEquals(Arrays.asList(DEAD), RedisHealthChecker.getUnhealthyNodes());
            assertTrue(context.getBean(RedisClusterTopologyRefresher.class).refreshNow(), "the keeper asks the file as well");
            assertEquals(
                    Arrays.asList("No configured node is healthy, and the application starts from " + found.replace(",", ", ")
                            + " of the last-known-good file; left out are " + DEAD + " (refused)"),
                    Warnings.in(output));
        }
    }

    @Test
    void the_static_questions_are_answered() {
        try (ConfigurableApplicationContext context =
                Application.start("spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret")) {
            assertTrue(context.containsBean("redisHealthChecker"));
            assertTrue(RedisHealthChecker.isHealthCheckCompleted());
            assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
            assertEquals(Arrays.asList(DEAD), RedisHealthChecker.getUnhealthyNodes());
        }
    }

    @Test
    void a_second_refresh_of_a_context_checks_all_nodes_again() {
        try (ClassPathXmlApplicationContext context = new ClassPathXmlApplicationContext(new String[] {"legacy-beans.xml"}, false)) {
            context.getEnvironment().getPropertySources().addLast(new MapPropertySource("test", map(NODES)));
            for (int round = 0; round < 2; round++) {
                context.refresh();
                assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
                assertEquals(HEALTHY, context.getBean("url"));
            }
        }
    }

    @Test
    void a_child_context_shares_check_and_keeper_of_its_parent() {
        try (ConfigurableApplicationContext parent =
                Application.start("spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret")) {
            try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
                child.setParent(parent);
                child.register(SlotkeeperConfiguration.class);
                child.refresh();
                assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
                assertEquals(HEALTHY, child.getEnvironment().getProperty("athena.redis.url"));
                assertFalse(child.containsLocalBean("slotkeeper"));
                assertTrue(child.getBean(RedisClusterTopologyRefresher.class).refreshNow());
            }
            assertFalse(parent.getBean(Keeper.class).isClosed());
        }
    }

    @Test
    void switched_off_nothing_is_touched(Output output) {
        for (String flag : new String[] {"slotkeeper.enabled=false", "slotkeeper.enabled-property=athena.cluster.enabled"}) {
            try (ConfigurableApplicationContext context =
                    Application.start("spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret", flag)) {
                assertEquals("none", context.getBean("url"));
                assertFalse(context.getEnvironment().getPropertySources().contains(RedisHealthChecker.SOURCE));
                assertFalse(context.containsBean("slotkeeper"));
                assertTrue(context.containsBean("redisNodeContext") && context.containsBean("redisClusterTopologyRefresher"));
            }
        }
        assertEquals(Arrays.asList(), Warnings.in(output));
    }

    @Test
    void the_flag_of_the_application_switches_on() {
        try (ConfigurableApplicationContext context = Application.start(
                "slotkeeper.enabled-property=athena.cluster.enabled",
                "athena.cluster.enabled=true",
                "spring.redis.cluster.nodes=" + NODES,
                "spring.redis.password=secret")) {
            assertEquals(HEALTHY, context.getBean("url"));
        }
    }

    private static Map<String, Object> map(String nodes) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("spring.redis.cluster.nodes", nodes);
        properties.put("spring.redis.password", "secret");
        return properties;
    }

    /** The first property source that is not Boot's view of all others. */
    private static String firstOwn(ConfigurableApplicationContext context) {
        return StreamSupport.stream(context.getEnvironment().getPropertySources().spliterator(), false)
                .map(source -> source.getName())
                .filter(name -> !name.equals("configurationProperties"))
                .findFirst()
                .get();
    }

    /** What Boot's own {@code RedisProperties} is made of. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Nodes.class)
    static class Bound {}

    @ConfigurationProperties(prefix = "spring.redis.cluster")
    static class Nodes {
        private List<String> nodes = new ArrayList<>();

        public List<String> getNodes() {
            return nodes;
        }

        public void setNodes(List<String> nodes) {
            this.nodes = nodes;
        }
    }
}
