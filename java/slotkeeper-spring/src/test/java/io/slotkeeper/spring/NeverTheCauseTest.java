package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.Mounts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Slotkeeper never keeps an application from starting, unless it is required. */
@ExtendWith(Output.class)
class NeverTheCauseTest {
    /** Nobody listens on these. */
    private static final String DEAD = "127.0.0.1:1,127.0.0.1:2";

    private static final String NODES = "spring.redis.cluster.nodes=" + DEAD;
    private static final String QUICKLY = "slotkeeper.seeds.deadline-ms=300";

    @TempDir
    Path directory;

    @Test
    void all_nodes_dead_leave_the_configuration_as_it_is_with_one_warning(Output output) {
        try (ConfigurableApplicationContext context = Application.start(NODES, QUICKLY, "athena.redis.url=as it was")) {
            assertEquals("as it was", context.getBean("url"));
            assertEquals(DEAD, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertEquals(Arrays.asList(DEAD.split(",")), RedisHealthChecker.getUnhealthyNodes());
            assertTrue(context.getBean(Keeper.class).topology().generation() == 0, "it is open, and waits for a node");
        }
        assertEquals(
                Arrays.asList("No node is healthy, and the application goes on with the configuration as it is:"
                        + " 127.0.0.1:1 (refused), 127.0.0.1:2 (refused)"),
                Warnings.in(output));
    }

    @Test
    void all_nodes_dead_end_the_start_if_slotkeeper_is_required() {
        assertMessage(
                "Slotkeeper is required, and does not work: no node is healthy: 127.0.0.1:1 (refused), 127.0.0.1:2 (refused)",
                NODES, QUICKLY, "slotkeeper.required=true");
    }

    @Test
    void a_value_that_is_not_allowed_is_one_warning(Output output) {
        try (ConfigurableApplicationContext context = Application.start(NODES, "slotkeeper.refresh.interval-ms=soon")) {
            assertFalse(context.containsBean("slotkeeper"));
        }
        List<String> warnings = Warnings.in(output);
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("refresh.interval-ms cannot be \"soon\""), warnings.get(0));
    }

    @Test
    void a_flag_that_is_neither_true_nor_false_is_one_warning(Output output) {
        Application.start(NODES, "slotkeeper.enabled=perhaps").close();
        assertEquals(1, Warnings.in(output).size(), output.toString());
    }

    @Test
    void without_nodes_nothing_is_said_and_nothing_is_done(Output output) {
        try (ConfigurableApplicationContext context = Application.start()) {
            assertFalse(context.containsBean("slotkeeper"));
            assertTrue(RedisHealthChecker.isHealthCheckCompleted());
        }
        assertEquals(Collections.emptyList(), Warnings.in(output));
        assertMessage("no property names the nodes", "slotkeeper.required=true");
    }

    @Test
    void without_the_library_the_application_starts_with_one_warning() throws Exception {
        assertStartsWithOneWarning("/nonexistent/libslotkeeper.so");
    }

    @Test
    void with_a_broken_library_the_application_starts_with_one_warning() throws Exception {
        Path broken = directory.resolve("libslotkeeper.so");
        Files.write(broken, "no library at all".getBytes(StandardCharsets.UTF_8));
        assertStartsWithOneWarning(broken.toString());
    }

    @Test
    void on_a_platform_without_a_library_the_application_starts_with_one_warning() throws Exception {
        assertStartsWithOneWarning("this is linux-riscv64, and the jar has a library for ", Child.whole().with("os.arch", "riscv64"));
    }

    /** What a policy such as SELinux's refuses looks the same: the file is there, and must not be mapped. */
    @Test
    void with_a_library_that_must_not_be_mapped_the_application_starts_with_one_warning() throws Exception {
        assumeTrue(Mounts.arePossible(), "only root may mount");
        Child child = Child.whole().with("slotkeeper.library.extract-dir", directory.toString());
        assertStartsWithOneWarning("unpacked below " + directory, child.behind(Mounts.with(directory, "noexec")));
    }

    @Test
    void without_the_library_the_start_ends_if_it_is_required() throws Exception {
        Path output = directory.resolve("output");
        int status = Child.whole().with("slotkeeper.library.path", "/nonexistent")
                .run(output, Application.class, "--" + NODES, "--slotkeeper.required=true");
        String text = Child.read(output);
        assertEquals(1, status, text);
        assertTrue(text.contains("Slotkeeper is required, and does not work: "), text);
    }

    @Test
    void without_what_is_optional_on_the_class_path_the_application_starts() throws Exception {
        Path output = directory.resolve("output");
        Pattern optional = Pattern.compile("/[^/]*(actuator|micrometer|health|spring-data|boot-data|jedis|spring-cloud|devtools|pool2)"
                + "[^/]*(\\.jar|/target/classes)$");
        int status = Child.without(entry -> optional.matcher(entry).find())
                .run(output, Application.class, "--" + NODES, "--" + QUICKLY);
        String text = Child.read(output);
        assertEquals(0, status, text);
        assertTrue(text.contains("keeper=true" + System.lineSeparator()), text);
        assertEquals(1, Warnings.in(text).size(), text);
    }

    private void assertStartsWithOneWarning(String library) throws Exception {
        assertStartsWithOneWarning(library, Child.whole().with("slotkeeper.library.path", library));
    }

    private void assertStartsWithOneWarning(String words, Child child) throws Exception {
        Path output = directory.resolve("output");
        int status = child.run(output, Application.class, "--" + NODES, "--athena.redis.url=as it was");
        String text = Child.read(output);
        assertEquals(0, status, text);
        assertEquals(1, Warnings.in(text).size(), text);
        assertTrue(Warnings.in(text).get(0).contains(words), text);
        for (String line : new String[] {
            "url=as it was",
            "keeper=false",
            "refreshed=false",
            "status={unhealthyNodes=[], unhealthyNodeCount=0, isRefreshing=false, lastRefreshTime=0, refreshInterval=0}",
            "nodes=[127.0.0.1:1, 127.0.0.1:2]",
            "completed=true"
        }) {
            assertTrue(text.contains(line + System.lineSeparator()), text);
        }
    }

    private static void assertMessage(String message, String... properties) {
        IllegalStateException failure = assertThrows(IllegalStateException.class, () -> Application.start(properties).close());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }
}
