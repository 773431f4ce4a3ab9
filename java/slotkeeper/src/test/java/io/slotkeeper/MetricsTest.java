package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a keeper and a gate measure, on a real cluster. */
@Timeout(60)
class MetricsTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/B B/A A/B", "--password", "s3cret");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void every_metric_of_the_table_is_measured_by_the_keeper_or_by_the_gate_under_its_own_labels() {
        try (Keeper keeper = open()) {
            keeper.awaitTopology(LIMIT);
            List<Sample> samples = keeper.metrics();
            List<String> measured = names(samples);
            measured.addAll(names(Gate.of(Gate.Mode.ON).metrics()));
            assertEquals(Slotkeeper.metrics().stream().map(Metric::name).collect(Collectors.toList()), measured);
            for (Sample sample : samples) {
                assertEquals(sample.metric().labels().size(), sample.labels().size(), sample.toString());
                assertEquals(sample.metric().kind() == Metric.Kind.HISTOGRAM, !sample.counts().isEmpty(), sample.toString());
            }
            assertThrows(UnsupportedOperationException.class, () -> samples.remove(0));
        }
    }

    @Test
    void the_values_are_those_of_the_cluster_and_of_the_status() {
        try (Keeper keeper = open()) {
            keeper.awaitTopology(LIMIT);
            keeper.refresh(LIMIT);
            Map<String, Sample> samples = bySeries(keeper.metrics());
            assertEquals(1, samples.get("redis_cluster_health").value());
            assertEquals(1, samples.get("redis_slot_coverage").value());
            assertEquals(3, samples.get("redis_node_distribution{zone=\"none\",role=\"replica\"}").value());
            assertEquals(16384, samples.get("slotkeeper_slots{state=\"served\"}").value());
            assertEquals(keeper.status().generation(), samples.get("slotkeeper_topology_generation").value());
            Sample latency = samples.get("redis_topology_refresh_latency");
            assertEquals(latency.metric().bounds().size() + 1, latency.counts().size());
            assertTrue(latency.count() >= 2 && latency.value() > 0, latency.toString());
            assertTrue(samples.get("slotkeeper_requests_total").value() <= keeper.status().requests());
        }
    }

    @Test
    void what_only_java_knows_is_counted_hand_overs_and_listeners() throws Exception {
        try (Keeper keeper = open()) {
            keeper.awaitTopology(LIMIT);
            AtomicInteger calls = new AtomicInteger();
            keeper.addHandOver(topology -> {
                if (calls.incrementAndGet() == 1) {
                    throw new IllegalStateException("not yet");
                }
                return calls.get() > 2;
            });
            String series = "slotkeeper_hand_overs_total{outcome=\"%s\"}";
            Await.until("the hand-over to be taken", LIMIT, () -> value(keeper, String.format(series, "taken")) == 1);
            assertEquals(1, value(keeper, String.format(series, "failed")));
            assertEquals(1, value(keeper, String.format(series, "dropped")));
            assertEquals(0, value(keeper, "slotkeeper_announcements_dropped_total"));

            keeper.addListener(event -> {
                throw new IllegalStateException("broken");
            });
            cluster.failover(cluster.nodes().stream().filter(node -> node.name().equals("r0")).findFirst().get().name());
            Await.until("the listener to fail", LIMIT, () -> value(keeper, "slotkeeper_listener_failures_total") > 0);
        }
    }

    @Test
    void a_closed_keeper_measures_nothing() {
        Keeper keeper = open();
        keeper.close();
        assertEquals(SlotkeeperException.CLOSED, assertThrows(SlotkeeperException.class, keeper::metrics).code());
    }

    @Test
    void a_gate_tells_its_mode_and_what_it_did_in_each() {
        Map<String, Sample> samples = bySeries(Gate.of(Gate.Mode.OBSERVE).metrics());
        assertEquals(1, samples.get("slotkeeper_gate_mode").value());
        assertEquals(15, samples.size());
        assertTrue(samples.containsKey("slotkeeper_gate_actions_total{mode=\"observe\",action=\"stepped-aside\"}"));
        assertFalse(samples.containsKey("slotkeeper_gate_actions_total{mode=\"off\",action=\"held\"}"));
    }

    private static Keeper open() {
        return Keeper.open(Config.empty().with("seeds", cluster.seeds()).with("password", "s3cret"));
    }

    private static double value(Keeper keeper, String series) {
        return bySeries(keeper.metrics()).get(series).value();
    }

    private static List<String> names(List<Sample> samples) {
        return samples.stream().map(sample -> sample.metric().name()).distinct().collect(Collectors.toList());
    }

    private static Map<String, Sample> bySeries(List<Sample> samples) {
        Map<String, Sample> map = new HashMap<>();
        for (Sample sample : samples) {
            assertEquals(null, map.put(sample.series(), sample), "each series once");
        }
        return map;
    }
}
