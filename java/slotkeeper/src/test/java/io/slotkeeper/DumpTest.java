package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What support gets to read. */
@Timeout(120)
class DumpTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String PASSWORD = "correct-horse-battery-staple";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/B B/A A/B", "--password", PASSWORD, "--node-timeout", "1000");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void it_has_versions_each_keeper_and_each_gate() throws Exception {
        Gate gate = Gate.of(Gate.Mode.OBSERVE);
        try (Keeper keeper = Keeper.open(config())) {
            keeper.awaitTopology(LIMIT);
            Await.until("the first event", LIMIT, () -> Slotkeeper.dump().contains("  event: "));
            String dump = Slotkeeper.dump();
            for (String part : new String[] {
                "slotkeeper: jar 0.1.0, library 0.1.0 from [", "java: " + System.getProperty("java.version"), "system: Linux",
                "open keepers: 1\n", "  configuration: Config{seeds=" + cluster.seeds().split(",")[0], "password=***",
                "  status: KeeperStatus(generation 1, OK, 6 nodes", "  topology: Topology(generation 1, OK", "  nodes: 6\n",
                " master 0-", "  slots: {served=16384, pending=0, unserved=0}", "  event: ", " generation 1 (start): ",
                "  metric: redis_slot_coverage 1\n", "gates: ", "mode " + gate.mode(),
            }) {
                assertTrue(dump.contains(part), part + " is missing in:\n" + dump);
            }
        }
        assertTrue(Slotkeeper.dump().contains("open keepers: 0\n"));
    }

    @Test
    void what_is_the_matter_is_told_with_its_reason() throws Exception {
        try (Keeper keeper = Keeper.open(config())) {
            keeper.awaitTopology(LIMIT);
            cluster.kill("m0");
            cluster.kill("r0");
            Await.until("the trouble to be told", LIMIT, () -> Slotkeeper.dump().contains("  trouble: "));
            assertTrue(Slotkeeper.dump().contains(" slots ("), Slotkeeper.dump());
            cluster.restart("m0");
            cluster.restart("r0");
            cluster.waitWhole(LIMIT);
        }
    }

    @Test
    void no_password_is_in_it_wherever_it_was_put() throws Exception {
        Config config = config().with("username", "default").with("seeds", cluster.seeds() + ",redis://:" + PASSWORD + "@h:1");
        Config wrong = config.with("password", PASSWORD + "-wrong");
        try (Keeper keeper = Keeper.open(config);
                Keeper supplied = Keeper.open(config, () -> Credentials.of(PASSWORD.toCharArray()));
                Keeper refused = Keeper.open(wrong)) {
            keeper.awaitTopology(LIMIT);
            supplied.awaitTopology(LIMIT);
            Await.until("a refusal", LIMIT, () -> refused.status().credentialsRefused() > 0);
            String dump = Slotkeeper.dump();
            assertTrue(dump.contains("open keepers: 3\n") && dump.contains(",***@h:1"), dump);
            assertFalse(dump.contains("horse"), dump);
        }
    }

    @Test
    void it_is_bounded_however_many_gates_and_keepers_there_are() {
        List<Gate> gates = new ArrayList<>();
        List<Keeper> keepers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            gates.add(Gate.of(Gate.Mode.ON));
        }
        for (int i = 0; i < 20; i++) {
            keepers.add(Keeper.open(Config.empty().with("seeds", String.join(",", Collections.nCopies(500, "127.3.3.3:1" + i)))));
        }
        try {
            String dump = Slotkeeper.dump();
            assertTrue(dump.contains("open keepers: 20, of which 16 are shown\n"), dump);
            assertTrue(dump.contains(", of which 16 are shown\n  settings: mode ON"), dump);
            assertTrue(dump.length() < 250_000, dump.length() + " characters");
        } finally {
            keepers.forEach(Keeper::close);
            assertEquals(100, gates.size());
        }
    }

    @Test
    void without_a_library_it_says_why() throws Exception {
        List<String> options = Collections.singletonList("-Dslotkeeper.library.path=/nowhere/libslotkeeper.so");
        try (ChildJvm jvm = ChildJvm.start("", options, "dump")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.output().contains("slotkeeper: cannot be told: "), jvm.output());
            assertTrue(jvm.output().contains("/nowhere/libslotkeeper.so: there is no such file"), jvm.output());
            assertTrue(jvm.output().contains("open keepers: 0"), jvm.output());
        }
    }

    private static Config config() {
        return Config.empty().with("seeds", cluster.seeds()).with("password", PASSWORD).with("refresh.interval-ms", "200");
    }
}
