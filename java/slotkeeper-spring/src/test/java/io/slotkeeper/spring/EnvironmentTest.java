package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.LIVING;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.Gate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Nodes that come from variables of the process and from a profile's file, on a real cluster of which one node is dead. */
class EnvironmentTest {
    @Test
    void a_list_with_commas_in_one_variable() {
        assertHealthy(variables("SPRING_REDIS_CLUSTER_NODES", NODES));
    }

    @Test
    void a_variable_for_each_node() {
        assumeTrue(Boot.isAtLeast(2), "Boot 1.5 reads no such list into a property");
        for (String form : new String[] {"SPRING_REDIS_CLUSTER_NODES_%d", "SPRING_REDIS_CLUSTER_NODES_%d_"}) {
            Map<String, Object> variables = variables("BANK_COLOUR", "red");
            for (int index = 0; index < 3; index++) {
                variables.put(String.format(form, index), NODES.split(",")[index]);
            }
            assertHealthy(variables);
        }
    }

    @Test
    void what_only_slotkeeper_has_may_be_a_variable_too() {
        Map<String, Object> variables = variables("BANK_NODES", NODES);
        variables.put("SLOTKEEPER_NODES_PROPERTIES", "bank.nodes");
        variables.put("SLOTKEEPER_TARGET_PROPERTIES", "bank.url");
        variables.put("SLOTKEEPER_GATE_HOLD_MS", "700");
        try (ConfigurableApplicationContext context = Application.start(variables, HealthyNodesTest.Bound.class)) {
            assertEquals(HEALTHY, context.getEnvironment().getProperty("bank.url"));
            assertEquals(700, context.getBean(Gate.class).hold().toMillis());
        }
    }

    @Test
    void the_file_of_a_profile_names_the_nodes(@TempDir Path directory) throws IOException {
        write(directory, "application.yml", "spring:\n  redis:\n    password: ${bank.secret}\n    cluster:\n      nodes: localhost:1\n");
        write(directory, "application-prod.yml", "bank:\n  secret: secret\nspring:\n  redis:\n    cluster:\n      nodes: \"" + NODES + "\"\n");
        try (ConfigurableApplicationContext context =
                Application.start("spring.config.location=" + directory.toUri(), "spring.profiles.active=prod")) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
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
            assertEquals(LIVING, context.getBean(HealthyNodesTest.Nodes.class).getNodes(), variables.toString());
            assertEquals(HEALTHY, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertEquals(HEALTHY, context.getEnvironment().getProperty("athena.redis.url"));
        }
    }

    private static void write(Path directory, String name, String text) throws IOException {
        Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
