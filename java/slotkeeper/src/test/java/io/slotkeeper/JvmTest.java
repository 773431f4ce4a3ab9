package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.test.ProcessFacts;
import io.slotkeeper.test.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a JVM of its own can show: that it exits, what its threads are, what is left behind. */
@Timeout(180)
class JvmTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final List<String> NO_OPTIONS = Collections.emptyList();

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/B B/A A/B");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void a_jvm_that_forgets_to_close_its_keeper_exits_by_itself() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(NO_OPTIONS, "forget", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.line("forgotten: ", LIMIT).contains("OK"), jvm.output());
            System.out.println("start: " + jvm.line("took: ", LIMIT));
        }
    }

    @Test
    void a_jvm_that_forgets_it_in_an_isolated_class_loader_exits_by_itself() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(NO_OPTIONS, "isolated", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.line("forgotten: ", LIMIT).contains("OK"), jvm.output());
        }
    }

    /** It has the module java.base alone: no JMX, no logging. */
    @Test
    void a_runtime_that_jlink_made_has_a_keeper(@TempDir Path directory) throws Exception {
        Path jlink = Paths.get(System.getProperty("java.home"), "bin", "jlink");
        assumeTrue(Files.exists(jlink), "this Java has no jlink");
        Path runtime = directory.resolve("runtime");
        Process process = new ProcessBuilder(jlink.toString(), "--add-modules", "java.base", "--output", runtime.toString())
                .inheritIO().start();
        assertEquals(0, process.waitFor());
        List<String> fromTheJar = Arrays.asList("-Djava.library.path=/nowhere", "-Dslotkeeper.library.extract-dir=" + directory);
        try (ChildJvm jvm = ChildJvm.start(Collections.emptyList(), runtime.toString(), "", fromTheJar, "forget", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.line("forgotten: ", LIMIT).contains("OK"), jvm.output());
        }
    }

    @Test
    void an_application_that_is_deployed_anew_leaves_no_class_loader_behind() throws Exception {
        // No library path: each class loader unpacks a file of its own.
        try (ChildJvm jvm = ChildJvm.start("", NO_OPTIONS, "redeploy", cluster.seeds(), "5")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            // The last one may still be on the stack.
            assertTrue(Integer.parseInt(jvm.line("left: ", LIMIT)) <= 1, jvm.output());
        }
    }

    @Test
    void owners_and_states_are_read_without_a_native_call() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(NO_OPTIONS, "read-without-library")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertEquals("null, served: falsefalse", jvm.line("owner: ", LIMIT));
            jvm.line("no library", LIMIT);
        }
    }

    @Test
    void no_native_thread_is_attached_during_a_refresh() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(NO_OPTIONS, "refresh", cluster.seeds())) {
            long pid = Long.parseLong(jvm.line("pid: ", LIMIT));
            assertEquals(0, new ProcessBuilder("kill", "-3", Long.toString(pid)).start().waitFor());
            jvm.line("JNI global refs", LIMIT);

            List<String> java = Arrays.stream(jvm.output().split("\n")).filter(line -> line.startsWith("\"") && line.contains(" #"))
                    .map(line -> line.substring(1, line.indexOf('"', 1))).collect(Collectors.toList());
            assertTrue(java.containsAll(Arrays.asList("main", "slotkeeper-handover", "slotkeeper-listener")), java.toString());
            // A native thread that attaches itself gets a name of the form Thread-1.
            assertTrue(java.stream().noneMatch(name -> name.startsWith("Thread-")), java.toString());
            assertFalse(java.contains("slotkeeper"), java.toString());
            List<String> all = ProcessFacts.threadNames(pid);
            assertTrue(all.contains("slotkeeper"), "the worker runs: " + all);
        }
    }

    @Test
    void at_rest_there_are_three_threads_more() throws Exception {
        try (Keeper keeper = Keeper.open(Config.empty().with("seeds", cluster.seeds()))) {
            keeper.awaitTopology(LIMIT);
            Await.until("three threads", LIMIT, () -> ours().size() == 3);
            // The kernel keeps 15 letters of a name.
            assertEquals(new TreeSet<>(Arrays.asList("slotkeeper", "slotkeeper-hand", "slotkeeper-list")),
                    new TreeSet<>(ours()));
        }
        Await.until("no thread of ours", LIMIT, () -> ours().isEmpty());
    }

    @Test
    void cycles_of_open_and_close_leave_nothing_behind() throws Exception {
        String cycles = System.getProperty("slotkeeper.test.cycles", "1500");
        List<String> fixedHeap = Arrays.asList("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        // Else what each of the many short-lived threads has given back stays resident in an arena of its own.
        List<String> oneArena = Arrays.asList("env", "MALLOC_ARENA_MAX=1");
        try (ChildJvm jvm = ChildJvm.startBehind(oneArena, fixedHeap, "cycles", cluster.seeds(), cycles)) {
            assertEquals(0, jvm.exitCode(Duration.ofSeconds(150)), jvm.output());
            System.out.println(jvm.output());
            assertEquals("0", jvm.line("threads: ", LIMIT), jvm.output());
            assertEquals("0", jvm.line("descriptors: ", LIMIT), jvm.output());
            long kib = Long.parseLong(jvm.line("resident KiB: ", LIMIT));
            // A leaked map would be 70 MB.
            assertTrue(kib < 1024, "the process grew by " + kib + " KiB\n" + jvm.output());
        }
    }

    @Test
    void the_jvm_finds_no_fault_with_our_use_of_jni() throws Exception {
        try (ChildJvm jvm = ChildJvm.start(Arrays.asList("-Xcheck:jni"), "everything", cluster.seeds())) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            jvm.line("done", LIMIT);
            assertFalse(jvm.output().contains("WARNING in native method"), jvm.output());
            assertFalse(jvm.output().contains("FATAL ERROR in native method"), jvm.output());
            assertFalse(jvm.output().contains("JNI local refs"), jvm.output());
        }
    }

    private static List<String> ours() {
        return ProcessFacts.threadNames(ProcessFacts.pid()).stream().filter(name -> name.startsWith("slotkeeper"))
                .collect(Collectors.toList());
    }
}
