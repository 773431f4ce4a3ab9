package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Audit;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Zones and the audit by configuration, on a real cluster with two masters of five in zone A, one of them with its replica. */
@ExtendWith(Output.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AuditByConfigurationTest {
    private static final String[] ZONES = {"slotkeeper.zone.A=127.1.", "slotkeeper.zone.dc-b=127.2.0.0/16", "slotkeeper.zone.C=127.3."};

    private static TestCluster cluster;
    private static String[] nodes;

    @BeforeAll
    static void a_cluster_after_a_drill() {
        cluster = TestCluster.start("A/A A/B B/C B/A C/B", "--password", "secret");
        nodes = new String[] {"spring.redis.cluster.nodes=" + cluster.seeds(), "spring.redis.password=secret"};
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void fail_start_refuses_the_start_and_names_the_shard_and_the_zone(Output output) {
        String strict = "slotkeeper.audit.fail-start=true";
        Exception refused = assertThrows(Exception.class, () -> start(Application.Beans.class, ZONES, strict).close());
        for (String part : Arrays.asList("does not start", "shard-in-one-zone", cluster.node("m0").address(), "zone A")) {
            assertTrue(refused.getMessage().contains(part), refused.toString());
        }
        // Without zones nobody knows that the shard stands in one: the start is not forbidden for what is not known.
        try (ConfigurableApplicationContext context = start(Application.Beans.class, strict)) {
            assertEquals(Arrays.asList("node-without-zone"), rules(audit(context)));
        }
        assertFalse(output.toString().contains("There is no property"), output.toString());
    }

    @Test
    void a_sound_layout_starts() {
        try (TestCluster sound = TestCluster.start("A/B B/C C/A");
                ConfigurableApplicationContext context = Application.start(Application.Beans.class, Stream.concat(Stream.of(ZONES),
                        Stream.of("spring.redis.cluster.nodes=" + sound.seeds(), "slotkeeper.audit.fail-start=true")).toArray(String[]::new))) {
            assertEquals(Arrays.asList(), rules(audit(context)));
            assertEquals(1, audit(context).compliance());
        }
    }

    @Test
    void actuator_shows_compliance_and_findings() {
        try (ConfigurableApplicationContext context = start(Application.Beans.class, ZONES)) {
            audit(context);
            KeeperReport report = new KeeperReport(context.getBean(Keeper.class), null, context.getEnvironment());
            Map<String, Object> details = report.health().getValue();
            assertEquals("UP", report.health().getKey());
            assertEquals(0.8, (double) details.get("compliance"), 0.001);
            assertEquals(1L, details.get("criticalFindings"));
            Map<?, ?> audit = (Map<?, ?>) report.all().get("audit");
            Map<?, ?> worst = (Map<?, ?>) ((List<?>) audit.get("findings")).get(0);
            assertEquals("shard-in-one-zone", worst.get("rule"));
            assertEquals("critical", worst.get("severity"));
            assertTrue(worst.get("remedy").toString().contains("CLUSTER REPLICATE"), worst.toString());
        }
    }

    @Test
    void listeners_hear_of_new_findings() {
        try (ConfigurableApplicationContext context = start(Hearing.class, ZONES, "slotkeeper.pulse.interval-ms=100")) {
            audit(context);
            List<AuditChangedEvent> heard = context.getBean(Hearer.class).heard;
            // Then three masters of five stand in zone dc-b.
            cluster.failover("r1");
            await("the finding is heard", () -> heard.stream().anyMatch(event -> event.toString().contains("quorum-lost-with-zone: zone dc-b")));
            assertSame(context.getBean(Keeper.class), heard.get(0).keeper());
            cluster.failover("m1");
            await("that it is gone", () -> heard.stream().anyMatch(event -> event.event().vanished().stream()
                    .anyMatch(finding -> finding.rule().equals("quorum-lost-with-zone"))));
        }
    }

    @Test
    void zones_of_yaml_are_a_map_of_texts_or_lists(@TempDir Path directory) throws IOException {
        String yaml = "slotkeeper:\n  zone:\n    A: 127.1.\n    dc-b:\n      - 127.2.0.0/17\n      - 127.2.128.0/17\n    \"[dc.c]\": \"127.3.\"\n"
                + "  audit:\n    fail-start: false\n";
        Files.write(directory.resolve("application.yml"), yaml.getBytes(StandardCharsets.UTF_8));
        try (ConfigurableApplicationContext context = start(Application.Beans.class, "spring.config.location=" + directory.toUri())) {
            assertZones(audit(context), "A", "dc-b", "dc.c");
        }
    }

    @Test
    void zones_may_be_variables_and_those_stand_in_for_properties_of_the_same_zone() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("SPRING_REDIS_CLUSTER_NODES", cluster.seeds());
        variables.put("SPRING_REDIS_PASSWORD", "secret");
        variables.put("SLOTKEEPER_ZONE_A", "127.1.");
        variables.put("SLOTKEEPER_ZONE_DC_B", "127.2.");
        variables.put("SLOTKEEPER_ZONE_C", "127.3.");
        try (ConfigurableApplicationContext context = Application.start(variables, Application.Beans.class)) {
            assertZones(audit(context), "a", "dc-b", "c");
        }
    }

    private static void assertZones(Audit audit, String a, String b, String c) {
        for (String[] expected : new String[][] {{"m0", a}, {"m2", b}, {"m4", c}}) {
            assertEquals(expected[1], audit.zoneOf(cluster.node(expected[0]).id()), audit.toString());
        }
    }

    private static ConfigurableApplicationContext start(Class<?> beans, String[] properties, String... more) {
        return start(beans, Stream.concat(Stream.of(properties), Stream.of(more)).toArray(String[]::new));
    }

    private static ConfigurableApplicationContext start(Class<?> beans, String... properties) {
        return Application.start(beans, Stream.concat(Stream.of(nodes), Stream.of(properties)).toArray(String[]::new));
    }

    /** The keeper's first audit. */
    private static Audit audit(ConfigurableApplicationContext context) {
        Keeper keeper = context.getBean(Keeper.class);
        keeper.awaitTopology(Duration.ofSeconds(20));
        await("the layout is audited", () -> keeper.audit().generation() > 0);
        return keeper.audit();
    }

    private static List<String> rules(Audit audit) {
        return Arrays.asList(audit.findings().stream().map(finding -> finding.rule()).toArray(String[]::new));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "after 30 s: not yet that " + what + "\n" + cluster.describe());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** A listener of the application. */
    static final class Hearer implements ApplicationListener<AuditChangedEvent> {
        final List<AuditChangedEvent> heard = new CopyOnWriteArrayList<>();

        @Override
        public void onApplicationEvent(AuditChangedEvent event) {
            heard.add(event);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Hearing {
        @Bean
        Hearer hearer() {
            return new Hearer();
        }
    }
}
