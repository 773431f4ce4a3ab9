package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keepers and gates as JMX shows them, as a console would ask. */
@Timeout(120)
class JmxTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static TestCluster cluster;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/B B/A A/B");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void a_keeper_shows_health_nodes_slots_and_metrics_and_is_refreshed() throws Exception {
        try (Keeper keeper = open(); Registration shown = Jmx.register("bank", keeper, null)) {
            keeper.awaitTopology(LIMIT);
            assertNotNull(shown);
            ObjectName name = new ObjectName("io.slotkeeper:type=Keeper,name=bank");
            assertEquals("OK", server.getAttribute(name, "Health"));
            assertEquals(1L, server.getAttribute(name, "Generation"));
            assertTrue((long) server.getAttribute(name, "AgeMillis") >= 0);
            assertTrue(server.getAttribute(name, "Status").toString().startsWith("KeeperStatus(generation 1, OK, 6 nodes"));
            List<String> nodes = Arrays.asList((String[]) server.getAttribute(name, "Nodes"));
            assertEquals(6, nodes.size());
            assertEquals(3, nodes.stream().filter(node -> node.contains(" master ")).count(), nodes.toString());
            assertEquals(0, ((String[]) server.getAttribute(name, "FailedNodes")).length);
            assertEquals(0, ((String[]) server.getAttribute(name, "Troubles")).length);
            assertEquals(16384, entry(name, "SlotsByState", "SERVED"));
            assertEquals(1.0, entry(name, "Metrics", "redis_slot_coverage"));
            assertTrue((double) entry(name, "Metrics", "redis_topology_refresh_latency_count") >= 1);
            assertEquals("generation 1, OK", server.invoke(name, "refresh", new Object[0], new String[0]));
        }
        assertEquals(Collections.emptySet(), registered());
    }

    @Test
    void a_gate_is_switched_and_a_wrong_mode_is_told() throws Exception {
        Gate gate = Gate.of(Gate.Mode.OBSERVE);
        try (Keeper keeper = open(); Registration shown = Jmx.register("bank", keeper, gate)) {
            assertNotNull(shown);
            ObjectName name = new ObjectName("io.slotkeeper:type=Gate,name=bank");
            assertEquals("OBSERVE", server.getAttribute(name, "Mode"));
            server.setAttribute(name, new Attribute("Mode", "on"));
            assertEquals(Gate.Mode.ON, gate.mode());
            assertEquals(0L, entry(name, "Done", "stepped-aside"));
            assertEquals(0L, entry(name, "Observed", "held"));
            RuntimeMBeanException refused = assertThrows(RuntimeMBeanException.class,
                    () -> server.setAttribute(name, new Attribute("Mode", "maybe")));
            assertEquals("a gate cannot be \"maybe\"; allowed is OFF, OBSERVE or ON", refused.getCause().getMessage());
        }
        assertEquals(Collections.emptySet(), registered());
    }

    /** The same application twice in one server, or a redeployment that begins before the old one has ended. */
    @Test
    void a_name_that_is_taken_gets_a_number_and_odd_names_are_quoted() throws Exception {
        try (Keeper first = open(); Keeper second = open()) {
            Registration one = Jmx.register("a,b=*", first, null);
            Registration two = Jmx.register("a,b=*", second, null);
            assertEquals(new TreeSet<>(Arrays.asList("\"a,b=\\*\"", "\"a,b=\\*-2\"")), registered());
            one.close();
            one.close();
            Registration three = Jmx.register("a,b=*", first, null);
            one.close();
            assertEquals(new TreeSet<>(Arrays.asList("\"a,b=\\*\"", "\"a,b=\\*-2\"")), registered());
            three.close();
            two.close();
        }
        assertEquals(Collections.emptySet(), registered());
    }

    @Test
    void a_keeper_takes_its_mbeans_with_it_and_one_that_is_closed_shows_none() {
        Keeper keeper = open();
        Gate gate = Gate.of(Gate.Mode.ON);
        Registration shown = Jmx.register("orders", keeper, gate);
        assertEquals(Collections.singleton("orders"), registered());
        keeper.close();
        assertEquals(Collections.emptySet(), registered());
        shown.close();
        Jmx.register("orders", keeper, null);
        assertEquals(Collections.emptySet(), registered());
    }

    @Test
    void a_java_without_jmx_goes_on_without() throws Exception {
        List<String> options = Arrays.asList("--limit-modules", "java.base");
        try (ChildJvm jvm = ChildJvm.start(options, "jmx", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.line("registered: ", LIMIT).contains("OK"), jvm.output());
            assertTrue(jvm.output().contains("JMX does not show the Keeper"), jvm.output());
        }
    }

    @Test
    void two_class_loaders_show_the_same_name() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(Collections.<String>emptyList(), "jmx-twice", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertFalse(jvm.output().contains("JMX does not show"), jvm.output());
        }
    }

    private static Keeper open() {
        return Keeper.open(Config.empty().with("seeds", cluster.seeds()));
    }

    /** The names of all that is registered. */
    private Set<String> registered() {
        try {
            return server.queryNames(new ObjectName("io.slotkeeper:*"), null).stream()
                    .map(name -> name.getKeyProperty("name")).collect(Collectors.toCollection(TreeSet::new));
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    private Object entry(ObjectName name, String attribute, String key) throws JMException {
        CompositeData row = ((TabularData) server.getAttribute(name, attribute)).get(new Object[] {key});
        return row.get("value");
    }
}
