package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The bean of the gate; nobody listens at the one node there is. */
@ExtendWith(Output.class)
class GateByConfigurationTest {
    private static final String[] DEAD = {"spring.redis.cluster.nodes=127.0.0.1:1", "slotkeeper.seeds.deadline-ms=100"};

    @Test
    void the_gate_is_off_and_has_its_defaults_if_nothing_is_said() {
        try (ConfigurableApplicationContext context = start()) {
            Gate gate = context.getBean(RedisHealthChecker.GATE, Gate.class);
            assertEquals(Gate.Mode.OFF, gate.mode());
            assertNull(gate.hold());
            assertTrue(gate.failsFast() && gate.rescues() && gate.retriesRescued());
        }
    }

    @Test
    void each_measure_is_a_matter_of_configuration() {
        try (ConfigurableApplicationContext context = start(
                "slotkeeper.gate=on",
                "slotkeeper.gate.hold-ms=0",
                "slotkeeper.gate.fail-fast=false",
                "slotkeeper.gate.rescue=false",
                "slotkeeper.gate.rescue.retry=false")) {
            Gate gate = context.getBean(Gate.class);
            assertEquals(Gate.Mode.ON, gate.mode());
            assertEquals(Duration.ZERO, gate.hold());
            assertFalse(gate.failsFast() || gate.rescues() || gate.retriesRescued());
        }
    }

    @Test
    void on_and_off_of_yaml_are_understood_without_quotes(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("application.yml");
        String yaml = "slotkeeper:\n  gate: on\n  gate.hold-ms: 500\n  seeds.deadline-ms: 100\n  tls: off\n"
                + "spring.redis.cluster.nodes: 127.0.0.1:1\n";
        Files.write(file, yaml.getBytes(StandardCharsets.UTF_8));
        try (ConfigurableApplicationContext context = Application.start("spring.config.location=" + file.toUri())) {
            assertEquals(Gate.Mode.ON, context.getBean(Gate.class).mode());
            assertEquals(Duration.ofMillis(500), context.getBean(Gate.class).hold());
            assertTrue(context.containsBean("slotkeeper"), "tls is taken for off, not for a word that is not allowed");
        }
    }

    @Test
    void a_gate_of_the_application_is_not_doubled() {
        try (ConfigurableApplicationContext context = Application.start(OwnGate.class, DEAD)) {
            assertEquals(Collections.singleton("own"), context.getBeansOfType(Gate.class).keySet());
        }
    }

    @Test
    void a_value_that_is_not_allowed_is_one_warning_and_no_gate(Output output) {
        for (String[] wrong : new String[][] {
            {"slotkeeper.gate", "open", "off or observe or on"},
            {"slotkeeper.gate.hold-ms", "2s", "0 to 600000 ms"},
            {"slotkeeper.gate.rescue", "maybe", "true or false"},
            {"slotkeeper.jmx.enabled", "maybe", "true or false"}
        }) {
            try (ConfigurableApplicationContext context = start(wrong[0] + "=" + wrong[1])) {
                assertFalse(context.containsBean(RedisHealthChecker.GATE) || context.getBeansOfType(Keeper.class).size() > 0);
            }
            String warning = Warnings.in(output).get(Warnings.in(output).size() - 1);
            assertTrue(warning.endsWith(wrong[0] + " is \"" + wrong[1] + "\", and allowed is " + wrong[2]), warning);
        }
        assertEquals(8, Warnings.in(output).size(), "four of them that no node is healthy: " + output);
    }

    private static ConfigurableApplicationContext start(String... more) {
        String[] properties = Arrays.copyOf(DEAD, DEAD.length + more.length);
        System.arraycopy(more, 0, properties, DEAD.length, more.length);
        return Application.start(properties);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnGate {
        @Bean
        Gate own() {
            return Gate.of(Gate.Mode.OBSERVE);
        }
    }
}
