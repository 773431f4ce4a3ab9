package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.Metric;
import io.slotkeeper.Sample;
import io.slotkeeper.Slotkeeper;
import io.slotkeeper.test.TestCluster;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics as Micrometer's registries have them, foremost that of Prometheus, which has names of its own mind. */
@ExtendWith(Output.class)
class SlotkeeperMetersTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String HISTOGRAM = "redis_topology_refresh_latency";

    private static TestCluster cluster;

    @BeforeAll
    static void a_whole_cluster() {
        cluster = TestCluster.start("A/B B/A A/B");
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void prometheus_has_exactly_the_names_and_kinds_of_the_table() throws Exception {
        MeterRegistry registry = prometheus();
        try (Keeper keeper = open()) {
            new SlotkeeperMeters(keeper, Gate.of(Gate.Mode.OBSERVE)).bindTo(registry);
            Map<String, String> expected = new TreeMap<>();
            for (Metric metric : Slotkeeper.metrics()) {
                expected.put(metric.name(), metric.kind().name().toLowerCase());
            }
            expected.put(HISTOGRAM + "_max", "gauge");
            Map<String, String> told = new TreeMap<>();
            for (String line : scrape(registry).split("\n")) {
                String[] words = line.split(" ");
                if (line.startsWith("# TYPE ")) {
                    told.put(words[2], words[3]);
                }
            }
            assertEquals(expected, told);
        }
    }

    @Test
    void prometheus_has_the_values_of_the_keeper_and_the_histogram_in_seconds() throws Exception {
        MeterRegistry registry = prometheus();
        try (Keeper keeper = open()) {
            Gate gate = null;
            new SlotkeeperMeters(keeper, gate, Tags.of("cluster", "orders")).bindTo(registry);
            for (int i = 0; i < 5; i++) {
                keeper.refresh(LIMIT);
            }
            Sample latency = keeper.metrics().stream().filter(s -> s.metric().name().equals(HISTOGRAM)).findFirst().get();
            // Meters are read in any order, and so the histogram may be before the others have brought it up to date.
            await(() -> values(registry).get(HISTOGRAM + "_count{cluster=\"orders\"}") == latency.count());
            Map<String, Double> values = values(registry);
            assertEquals(1, values.get("redis_cluster_health{cluster=\"orders\"}"));
            assertEquals(1, values.get("redis_slot_coverage{cluster=\"orders\"}"));
            assertEquals(3, values.get("redis_node_distribution{cluster=\"orders\",role=\"master\",zone=\"none\"}"));
            assertEquals(5, values.get("slotkeeper_triggers_total{cluster=\"orders\",trigger=\"refresh\"}"));
            assertEquals(latency.value(), values.get(HISTOGRAM + "_sum{cluster=\"orders\"}"), 1e-6);
            long below = 0;
            for (int i = 0; i < latency.metric().bounds().size(); i++) {
                below += latency.counts().get(i);
                String bucket = HISTOGRAM + "_bucket{cluster=\"orders\",le=\"" + latency.metric().bounds().get(i) + "\"}";
                assertEquals(below, values.get(bucket), bucket + " in " + values);
            }
        }
    }

    @Test
    void when_the_keeper_is_closed_gauges_tell_nothing_counters_stay_and_a_closed_binder_takes_all_away() {
        MeterRegistry registry = new SimpleMeterRegistry();
        Keeper keeper = open();
        SlotkeeperMeters meters = new SlotkeeperMeters(keeper, null);
        meters.bindTo(registry);
        double requests = registry.get("slotkeeper_requests_total").functionCounter().count();
        assertTrue(requests > 0);
        keeper.close();
        await(() -> Double.isNaN(registry.get("redis_cluster_health").gauge().value()));
        assertTrue(registry.get("slotkeeper_requests_total").functionCounter().count() >= requests);
        meters.close();
        assertEquals(0, registry.getMeters().size());
    }

    @Test
    void an_old_library_that_lacks_a_call_is_one_warning_and_breaks_no_scrape(Output output) {
        MeterRegistry registry = new SimpleMeterRegistry();
        AtomicBoolean isOld = new AtomicBoolean();
        Gate whole = Gate.of(Gate.Mode.OFF);
        Gate gate = (Gate) Proxy.newProxyInstance(Gate.class.getClassLoader(), new Class<?>[] {Gate.class}, (self, method, arguments) -> {
            if (isOld.get()) {
                throw new UnsatisfiedLinkError("metrics");
            }
            return method.invoke(whole, arguments);
        });
        try (Keeper keeper = open()) {
            new SlotkeeperMeters(keeper, gate).bindTo(registry);
            assertEquals(1, registry.get("redis_cluster_health").gauge().value());
            isOld.set(true);
            await(() -> Double.isNaN(registry.get("redis_cluster_health").gauge().value()));
            await(() -> registry.get("slotkeeper_requests_total").functionCounter().count() > 0);
            assertEquals(1, output.toString().split("The keeper's metrics cannot be read", -1).length - 1, output.toString());
            isOld.set(false);
            await(() -> registry.get("redis_cluster_health").gauge().value() == 1);
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "slotkeeper.spring-boot", matches = "1\\.5.*", disabledReason = "Boot 1.5 knows no Micrometer")
    void boot_binds_them_by_itself() {
        try (ConfigurableApplicationContext context =
                Application.start(WithRegistry.class, "spring.redis.cluster.nodes=" + cluster.seeds())) {
            context.getBean(Keeper.class).awaitTopology(LIMIT);
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertNotNull(registry.find("redis_cluster_health").gauge(), registry.getMeters().toString());
            await(() -> registry.get("redis_cluster_health").gauge().value() == 1);
        }
        try (ConfigurableApplicationContext context = Application.start(WithRegistry.class)) {
            assertFalse(context.getBean(MeterRegistry.class).getMeters().stream().map(Meter::getId)
                    .anyMatch(id -> id.getName().startsWith("slotkeeper")), "there is no keeper");
        }
    }

    private static Keeper open() {
        Keeper keeper = Keeper.open(Config.empty().with("seeds", cluster.seeds()));
        keeper.awaitTopology(LIMIT);
        return keeper;
    }

    /** The class and its package have changed with Micrometer 1.13. */
    private static MeterRegistry prometheus() throws Exception {
        String name = "io.micrometer.prometheusmetrics.Prometheus";
        try {
            Class.forName(name + "Config");
        } catch (ClassNotFoundException beforeMicrometer113) {
            name = "io.micrometer.prometheus.Prometheus";
        }
        Class<?> config = Class.forName(name + "Config");
        return (MeterRegistry) Class.forName(name + "MeterRegistry").getConstructor(config).newInstance(config.getField("DEFAULT").get(null));
    }

    private static String scrape(MeterRegistry registry) {
        try {
            return (String) registry.getClass().getMethod("scrape").invoke(registry);
        } catch (ReflectiveOperationException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** By name and labels, which each version has in an order of its own. */
    private static Map<String, Double> values(MeterRegistry registry) {
        Map<String, Double> values = new TreeMap<>();
        for (String line : scrape(registry).split("\n")) {
            if (!line.startsWith("#") && !line.isEmpty()) {
                int space = line.lastIndexOf(' ');
                values.put(line.substring(0, space).replace(",}", "}"), Double.valueOf(line.substring(space + 1).replace("+Inf", "Infinity")));
            }
        }
        return values;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "within " + LIMIT);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithRegistry {
        @Bean
        SimpleMeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }
}
