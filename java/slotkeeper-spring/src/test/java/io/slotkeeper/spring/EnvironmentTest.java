package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Nodes that come from variables of the process and from a profile's file, on a real cluster of which one node is dead. */
class EnvironmentTest {
    private static TestCluster cluster;
    private static String nodes;
    private static List<String> living;

    @BeforeAll
    static void a_cluster_of_which_one_node_is_dead() {
        cluster = TestCluster.start("A B B", "--password", "secret");
        cluster.kill("m0");
        living = Arrays.asList(cluster.node("m1").address(), cluster.node("m2").address());
        nodes = cluster.node("m0").address() + "," + String.join(",", living);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void a_list_with_commas_in_one_variable() {
        assertHealthy(variables("SPRING_REDIS_CLUSTER_NODES", nodes));
    }

    @Test
    void a_variable_for_each_node() {
        assumeTrue(Boot.isAtLeast(2), "Boot 1.5 reads no such list into a property");
        for (String form : new String[] {"SPRING_REDIS_CLUSTER_NODES_%d", "SPRING_REDIS_CLUSTER_NODES_%d_"}) {
            Map<String, Object> variables = variables("BANK_COLOUR", "red");
            for (int index = 0; index < 3; index++) {
                variables.put(String.format(form, index), nodes.split(",")[index]);
            }
            assertHealthy(variables);
        }
    }

    @Test
    void what_only_slotkeeper_has_may_be_a_variable_too() {
        Map<String, Object> variables = variables("BANK_NODES", nodes);
        variables.put("SLOTKEEPER_NODES_PROPERTIES", "bank.nodes");
        variables.put("SLOTKEEPER_TARGET_PROPERTIES", "bank.url");
        variables.put("SLOTKEEPER_GATE_HOLD_MS", "700");
        try (ConfigurableApplicationContext context = Application.start(variables, HealthyNodesTest.Bound.class)) {
            assertEquals(String.join(",", living), context.getEnvironment().getProperty("bank.url"));
            assertEquals(700, context.getBean(Gate.class).hold().toMillis());
        }
    }

    @Test
    void the_file_of_a_profile_names_the_nodes(@TempDir Path directory) throws IOException {
        write(directory, "application.yml", "spring:\n  redis:\n    password: ${bank.secret}\n    cluster:\n      nodes: localhost:1\n");
        write(directory, "application-prod.yml", "bank:\n  secret: secret\nspring:\n  redis:\n    cluster:\n      nodes: \"" + nodes + "\"\n");
        try (ConfigurableApplicationContext context =
                Application.start("spring.config.location=" + directory.toUri(), "spring.profiles.active=prod")) {
            assertEquals(String.join(",", living), context.getBean("url"));
            assertEquals(Arrays.asList(nodes.split(",")), RedisHealthChecker.getAllNodes());
            assertTrue(context.containsBean("slotkeeper"));
        }
    }

    private static Map<String, Object> variables(String name, String value) {
        Map<String, Object> variables = new HashMap<>();
        variables.put(name, value);
        variables.put("SPRING_REDIS_PASSWORD", "secret");
        return variables;
    }

    private static void assertHealthy(Map<String, Object> variables) {
        try (ConfigurableApplicationContext context = Application.start(variables, HealthyNodesTest.Bound.class)) {
            assertEquals(living, context.getBean(HealthyNodesTest.Nodes.class).getNodes(), variables.toString());
            assertEquals(String.join(",", living), context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertEquals(String.join(",", living), context.getEnvironment().getProperty("athena.redis.url"));
        }
    }

    private static void write(Path directory, String name, String text) throws IOException {
        Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
