package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two masters of five in zone A, and one of them with its replica: as after a drill that nobody has undone. */
@Timeout(120)
class AuditTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/A A/B B/C B/A C/B");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void a_shard_in_one_zone_is_found_at_the_start_and_shown_everywhere() throws Exception {
        String master = node("m0").address();
        try (Keeper keeper = audited()) {
            Finding worst = keeper.audit().findings().get(0);
            assertEquals("shard-in-one-zone", worst.rule());
            assertEquals(Severity.CRITICAL, worst.severity());
            assertTrue(worst.sentence().contains(master) && worst.sentence().contains("zone A"), worst.sentence());
            assertTrue(worst.remedy().contains("CLUSTER REPLICATE"), worst.remedy());
            assertEquals(Arrays.asList(node("m0").id(), node("r0").id()), worst.nodes());
            assertEquals(0, worst.slots().get(0).first());
            assertEquals("A", keeper.audit().zoneOf(node("r0").id()));
            assertEquals(0.8, keeper.audit().compliance(), 0.001);

            assertEquals(1, value(keeper, "slotkeeper_audit_findings{rule=\"shard-in-one-zone\"}"));
            assertEquals(0, value(keeper, "slotkeeper_audit_findings{rule=\"orphan-master\"}"));
            assertEquals(0.8, value(keeper, "slotkeeper_audit_compliance"), 0.001);
            String dump = Slotkeeper.dump();
            assertTrue(dump.contains(": " + worst + "; to mend it: "), dump);
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            try (Registration shown = Jmx.register("audited", keeper, null)) {
                assertNotNull(shown);
                ObjectName name = new ObjectName("io.slotkeeper:type=Keeper,name=audited");
                List<String> findings = Arrays.asList((String[]) server.getAttribute(name, "Findings"));
                assertTrue(findings.get(0).startsWith(worst.toString()) && findings.get(0).contains("; to mend it: "), findings.toString());
                assertEquals(0.8, (double) server.getAttribute(name, "Compliance"), 0.001);
            }
        }
    }

    @Test
    void listeners_hear_of_findings_that_a_failover_brings_and_takes_away() throws Exception {
        try (Keeper keeper = audited()) {
            List<AuditEvent> events = new CopyOnWriteArrayList<>();
            keeper.addListener(new TopologyListener() {
                @Override
                public void changed(TopologyEvent event) {}

                @Override
                public void audited(AuditEvent event) {
                    events.add(event);
                }
            });
            // Then three masters of five stand in zone B.
            cluster.failover("r1");
            Await.until("the quorum that hangs on zone B", LIMIT,
                    () -> events.stream().anyMatch(event -> rules(event.appeared()).contains("quorum-lost-with-zone")));
            assertEquals(0, keeper.audit().compliance());
            cluster.failover("m1");
            Await.until("that it is over", LIMIT,
                    () -> events.stream().anyMatch(event -> rules(event.vanished()).contains("quorum-lost-with-zone")));
            AuditEvent last = events.get(events.size() - 1);
            assertTrue(last.toString().contains("no longer critical quorum-lost-with-zone: "), last.toString());
            assertTrue(last.generation() > 1);
        }
    }

    @Test
    void what_a_zone_or_a_node_takes_with_it_is_known_beforehand() throws Exception {
        try (Keeper keeper = audited()) {
            Outcome zone = keeper.whatIf("zone=A").get(0);
            assertEquals(Outcome.Effect.LOSES_SLOTS, zone.effect());
            assertEquals("zone A", zone.lost());
            assertEquals(4, zone.deadNodes());
            assertEquals(3, zone.livingMasters());
            assertEquals(3, zone.majority());
            assertEquals(0, zone.lostSlots().get(0).first());
            DeadMaster lost = zone.deadMasters().stream().filter(master -> master.loss() != null).findFirst().get();
            assertEquals(node("m0").id(), lost.name().id());
            assertEquals(DeadMaster.Loss.REPLICAS_DEAD, lost.loss());
            assertEquals("all of its replicas are dead", lost.reason());
            assertTrue(lost.heirs().isEmpty());
            DeadMaster replaced = zone.deadMasters().stream().filter(master -> master.loss() == null).findFirst().get();
            assertEquals(Collections.singletonList(node("r1").id()),
                    replaced.heirs().stream().map(NodeName::id).collect(Collectors.toList()));
            assertTrue(zone.earliest().compareTo(zone.latest()) < 0);
            assertNull(zone.repeated());

            assertEquals(Outcome.Effect.SURVIVES, keeper.whatIf(node("m0").address()).get(0).effect());
            assertEquals(Outcome.Effect.LOSES_SLOTS, keeper.whatIf(node("m0").address(), node("r0").id()).get(0).effect());
            List<Outcome> all = keeper.whatIf();
            assertEquals(3 + 3 + 10, all.size());
            assertEquals(Outcome.Effect.LOSES_QUORUM, all.get(0).effect());
            SlotkeeperException unknown = assertThrows(SlotkeeperException.class, () -> keeper.whatIf("zone=D"));
            assertEquals(SlotkeeperException.INVALID_ARGUMENT, unknown.code());
            assertTrue(unknown.getMessage().contains("zones: A, B, C"), unknown.getMessage());
        }
    }

    @Test
    void fail_start_refuses_the_start_and_names_the_shard_and_the_zone() {
        SlotkeeperException refused =
                assertThrows(SlotkeeperException.class, () -> Keeper.open(config().with("audit.fail-start", "true")));
        assertEquals(SlotkeeperException.AUDIT_FAILED, refused.code());
        for (String part : Arrays.asList("shard-in-one-zone", node("m0").address(), "zone A", "slots 0-32")) {
            assertTrue(refused.getMessage().contains(part), refused.getMessage());
        }
        // Nothing is known to be wrong with a cluster in which nobody answers.
        Config silent = config().with("audit.fail-start", "true").with("seeds", "127.3.3.3:1").with("seeds.deadline-ms", "50");
        try (Keeper keeper = Keeper.open(silent)) {
            assertEquals(0, keeper.audit().generation());
            assertTrue(keeper.audit().findings().isEmpty() && keeper.whatIf().isEmpty());
        }
    }

    @Test
    void a_text_is_audited_without_any_network() {
        String text = "0000000000000000000000000000000000000001 10.1.0.1:1@2 myself,master - 0 0 1 connected 0-8191\n"
                + "0000000000000000000000000000000000000002 10.2.0.1:1@2 master - 0 0 2 connected 8192-16383\n"
                + "0000000000000000000000000000000000000003 10.1.0.2:1@2 slave 0000000000000000000000000000000000000001 0 0 1 connected\n";
        byte[] reply = text.getBytes(StandardCharsets.UTF_8);
        Config zones = Config.empty().with("zone.a", "10.1.").with("zone.b", "10.2.");
        Audit audit = Slotkeeper.audit(reply, zones);
        assertEquals(0, audit.generation());
        assertEquals(Arrays.asList("quorum-lost-with-zone", "quorum-lost-with-zone", "shard-in-one-zone", "orphan-master"), rules(audit.findings()));
        assertEquals("a", audit.zoneOf("0000000000000000000000000000000000000003"));
        assertNull(audit.zoneOf("no node"));
        Outcome outcome = Slotkeeper.whatIf(reply, zones, "zone=a").get(0);
        assertEquals(Outcome.Effect.LOSES_QUORUM, outcome.effect());
        assertEquals("without zone a: LOSES_QUORUM [0-8191]", outcome.toString());
        SlotkeeperException none = assertThrows(SlotkeeperException.class, () -> Slotkeeper.audit(new byte[] {1}, zones));
        assertEquals(SlotkeeperException.BAD_REPLY, none.code());
        assertFalse(none.getMessage().isEmpty());
    }

    private static Keeper audited() throws Exception {
        Keeper keeper = Keeper.open(config());
        keeper.awaitTopology(LIMIT);
        Await.until("the first audit", LIMIT, () -> keeper.audit().generation() > 0);
        return keeper;
    }

    private static Config config() {
        return Config.empty().with("seeds", cluster.seeds()).with("pulse.interval-ms", "100")
                .with("zone.A", "127.1.").with("zone.B", "127.2.").with("zone.C", "127.3.");
    }

    private static TestNode node(String name) {
        return cluster.node(name);
    }

    private static List<String> rules(List<Finding> findings) {
        return findings.stream().map(Finding::rule).collect(Collectors.toList());
    }

    private static double value(Keeper keeper, String series) {
        return keeper.metrics().stream().filter(sample -> sample.series().equals(series)).findFirst().get().value();
    }
}
