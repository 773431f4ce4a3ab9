package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;

/** Spring Cloud's own contexts and its refresh of the environment, on a real cluster of which one node is dead. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CloudTest {
    @TempDir
    Path directory;

    @Test
    void beside_a_bootstrap_context_the_application_sees_only_healthy_nodes_and_has_one_keeper() throws Exception {
        // Since Boot 2.4 such a refresh puts the file that it has read below the one of the start.
        assertOneKeeperAcrossRefreshes("spring.cloud.bootstrap.enabled=true", false);
    }

    @Test
    void without_a_bootstrap_context_a_refresh_keeps_the_keeper_too() throws Exception {
        assertOneKeeperAcrossRefreshes("spring.cloud.bootstrap.enabled=false", true);
    }

    @Test
    void a_refresh_sets_what_has_changed_of_the_gate_and_leaves_what_was_switched_by_hand() throws Exception {
        Path file = directory.resolve("application.properties");
        write(file, "slotkeeper.gate=off", "slotkeeper.gate.rescue=true");
        try (ConfigurableApplicationContext context = Application.start("spring.cloud.bootstrap.enabled=false",
                "spring.config.location=" + directory.toUri(), "spring.jmx.enabled=false")) {
            ContextRefresher refresher = context.getBean(ContextRefresher.class);
            Gate gate = context.getBean(Gate.class);
            assertEquals(Gate.Mode.OFF, gate.mode());

            write(file, "slotkeeper.gate=observe", "slotkeeper.gate.hold-ms=500", "slotkeeper.gate.rescue=true");
            refresher.refresh();
            assertEquals(Gate.Mode.OBSERVE, gate.mode());
            assertEquals(500, gate.hold().toMillis());
            assertTrue(gate.rescues() && gate.failsFast() && gate.retriesRescued());

            gate.setMode(Gate.Mode.ON);
            write(file, "slotkeeper.gate=observe", "slotkeeper.gate.rescue=false");
            refresher.refresh();
            assertEquals(Gate.Mode.ON, gate.mode());
            assertNull(gate.hold());
            assertFalse(gate.rescues());

            write(file, "slotkeeper.gate=perhaps", "slotkeeper.gate.rescue=true");
            refresher.refresh();
            assertEquals(Gate.Mode.ON, gate.mode());
            assertFalse(gate.rescues());
        }
    }

    /** The file is read anew at each refresh; the first one changes something, the second nothing. */
    private void assertOneKeeperAcrossRefreshes(String bootstrap, boolean isFileTaken) throws Exception {
        Path file = directory.resolve("application.properties");
        write(file, "bank.colour=before");
        int threads = keeperThreads();
        try (ConfigurableApplicationContext context =
                Application.start(bootstrap, "spring.config.location=" + directory.toUri(), "spring.jmx.enabled=false")) {
            Keeper keeper = context.getBean(Keeper.class);
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(threads + 1, keeperThreads());
            write(file, "bank.colour=after");
            for (int round = 0; round < 2; round++) {
                boolean changed = context.getBean(ContextRefresher.class).refresh().contains("bank.colour");
                if (isFileTaken) {
                    assertEquals(round == 0, changed);
                    assertEquals("after", context.getEnvironment().getProperty("bank.colour"));
                }
                assertEquals(HEALTHY, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
                assertEquals(HEALTHY, context.getEnvironment().getProperty("athena.redis.url"));
                assertSame(keeper, context.getBean(Keeper.class));
                assertFalse(keeper.isClosed());
                assertEquals(threads + 1, keeperThreads());
            }
            assertTrue(context.getBean(RedisClusterTopologyRefresher.class).refreshNow());
        }
        assertEquals(threads, keeperThreads());
    }

    private static void write(Path file, String... more) throws Exception {
        Files.write(file, ("spring.redis.cluster.nodes=" + NODES + "\nspring.redis.password=secret\nathena.redis.url=" + NODES
                + "\n" + String.join("\n", more) + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static int keeperThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("slotkeeper-handover")).count();
    }
}
