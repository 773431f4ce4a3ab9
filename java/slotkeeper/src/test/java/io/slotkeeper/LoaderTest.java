package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.test.Mounts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each way to find the library, and each way to fail, in a JVM of its own. */
@Timeout(120)
class LoaderTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String EXPLICIT = "-Dslotkeeper.library.path=";
    private static final String LIBRARY_PATH = "-Djava.library.path=";
    private static final String EXTRACT = "-Dslotkeeper.library.extract-dir=";

    private static final String FAILURE = "Exception in thread \"main\" io.slotkeeper.SlotkeeperException: ";

    @TempDir
    Path directory;

    private Path library;
    private Path unpacked;

    @BeforeEach
    void makeDirectories() throws Exception {
        library = Paths.get(System.getProperty("slotkeeper.library.path", "target/classes/native/" + platform()
                + "/libslotkeeper.so")).toAbsolutePath();
        assertTrue(Files.exists(library), library + " is missing: build it, or name it by " + EXPLICIT + "FILE");
        unpacked = Files.createDirectory(directory.resolve("unpacked"));
    }

    @Test
    void a_missing_file_of_the_explicit_property_is_named_and_nothing_else_is_tried() throws Exception {
        String message = failure(EXPLICIT + "/nowhere/libslotkeeper.so", LIBRARY_PATH + library.getParent());
        assertTrue(message.contains("/nowhere/libslotkeeper.so: there is no such file"), message);
        assertTrue(message.contains("slotkeeper.library.path names it, and then nothing else is tried"), message);
    }

    @Test
    void a_file_that_is_no_library_is_named_with_the_systems_words() throws Exception {
        Path text = directory.resolve("libslotkeeper.so");
        Files.write(text, "not a library".getBytes(StandardCharsets.US_ASCII));
        String message = failure(EXPLICIT + text);
        assertTrue(message.contains(text + ": ") && message.contains("file too short"), message);
    }

    @Test
    void another_library_is_not_taken_for_ours() throws Exception {
        String other = System.getProperty("java.home") + "/lib/libprefs.so";
        String message = failure(EXPLICIT + other);
        assertTrue(message.contains(other + " is a library, but not Slotkeeper's"), message);
    }

    @Test
    void java_library_path_is_searched_before_the_jar() throws Exception {
        Files.copy(library, directory.resolve("libslotkeeper.so"));
        bundle("0000");
        assertLoads(LIBRARY_PATH + "/nowhere:" + directory);
    }

    @Test
    void a_broken_file_in_java_library_path_is_told_and_the_jar_is_tried() throws Exception {
        Files.write(directory.resolve("libslotkeeper.so"), "broken".getBytes(StandardCharsets.US_ASCII));
        bundle(checksum());
        String output = assertLoads(LIBRARY_PATH + directory, EXTRACT + unpacked);
        assertTrue(output.contains("WARN") && output.contains("trying the next place"), output);
    }

    @Test
    void the_jars_library_is_unpacked_loaded_and_deleted() throws Exception {
        bundle(checksum());
        assertLoads(LIBRARY_PATH + "/nowhere", EXTRACT + unpacked);
        try (Stream<Path> left = Files.list(unpacked)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void a_tampered_library_in_the_jar_is_refused_and_every_place_is_named() throws Exception {
        bundle("0000");
        String message = failure(LIBRARY_PATH + "/nowhere", EXTRACT + unpacked);
        assertTrue(message.contains("java.library.path: no libslotkeeper.so in /nowhere; the jar's library"), message);
        assertTrue(message.contains("was changed or is broken: its SHA-256 is " + checksum() + ", and not 0000"), message);
        assertTrue(message.contains("set the system property slotkeeper.library.path to the file"), message);
    }

    @Test
    void a_directory_that_cannot_be_unpacked_to_is_named_with_the_property() throws Exception {
        bundle(checksum());
        String message = failure(LIBRARY_PATH + "/nowhere", EXTRACT + "/nowhere");
        assertTrue(message.contains("unpacked below /nowhere (if that is mounted noexec, set slotkeeper.library.extract-dir"), message);
    }

    @Test
    void a_directory_mounted_noexec_is_named_with_the_property_for_another_which_helps() throws Exception {
        assertFailsWhereMounted("noexec", "failed to map segment from shared object");
    }

    @Test
    void a_read_only_directory_is_named_with_the_property_for_another_which_helps() throws Exception {
        assertFailsWhereMounted("ro", "Read-only file system");
    }

    @Test
    void a_jar_in_a_spring_boot_jar_has_the_library_too() throws Exception {
        Path jar = BootJar.make(directory.resolve("application.jar"), ChildProgram.class);
        try (ChildJvm jvm = ChildJvm.run(Arrays.asList(System.getProperty("java.home") + "/bin/java", LIBRARY_PATH + "/nowhere",
                EXTRACT + unpacked, "-jar", jar.toString(), "load"))) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertEquals("0.1.0", jvm.line("version: ", LIMIT));
        }
    }

    /** Since JDK 24 native code is a matter of permission, though only if asked for. */
    @Test
    void a_java_that_denies_native_access_is_told_how_to_allow_it() throws Exception {
        assumeTrue(Double.parseDouble(System.getProperty("java.specification.version")) >= 24, "older Java denies nothing");
        String message = failure(LIBRARY_PATH + "/nowhere", EXTRACT + unpacked, "--illegal-native-access=deny");
        assertTrue(message.contains("--enable-native-access=ALL-UNNAMED"), message);
    }

    @Test
    void an_unsupported_platform_is_told_what_it_is_and_what_there_is() throws Exception {
        bundle(checksum());
        String message = failure(LIBRARY_PATH + "/nowhere", "-Dos.arch=riscv64");
        assertTrue(message.contains("this is linux-riscv64, and the jar has a library for " + platform()), message);
    }

    @Test
    void a_second_class_loader_gets_a_copy_of_its_own_and_a_warning() throws Exception {
        bundle(checksum());
        try (ChildJvm jvm = ChildJvm.start(directory.toString(),
                Arrays.asList(LIBRARY_PATH + "/nowhere", EXTRACT + unpacked), "load-twice")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.output().contains("is in this JVM already, loaded by another class loader"), jvm.output());
        }
    }

    @Test
    void one_file_for_two_class_loaders_is_an_error_that_says_what_to_do() throws Exception {
        try (ChildJvm jvm = ChildJvm.start("", Arrays.asList(EXPLICIT + library), "load-twice")) {
            assertNotEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertTrue(jvm.output().contains("each class loader needs a file of its own"), jvm.output());
        }
    }

    /** Fails where this is mounted with these options, and loads from another place. */
    private void assertFailsWhereMounted(String options, String words) throws Exception {
        assumeTrue(Mounts.arePossible(), "only root may mount");
        bundle(checksum());
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        List<String> before = Mounts.with(temporary, options);
        String home = System.getProperty("java.home");
        List<String> usual = Arrays.asList(LIBRARY_PATH + "/nowhere", "-Djava.io.tmpdir=" + temporary);
        try (ChildJvm jvm = ChildJvm.start(before, home, directory.toString(), usual, "load")) {
            assertNotEquals(0, jvm.exitCode(LIMIT), jvm.output());
            String message = jvm.line(FAILURE, LIMIT);
            assertTrue(message.contains("unpacked below " + temporary + " (if that is mounted noexec, set " + EXTRACT.substring(2,
                    EXTRACT.length() - 1)), message);
            assertTrue(message.contains(words), message);
        }
        List<String> elsewhere = new ArrayList<>(usual);
        elsewhere.add(EXTRACT + unpacked);
        try (ChildJvm jvm = ChildJvm.start(before, home, directory.toString(), elsewhere, "load")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
        }
    }

    private String assertLoads(String... options) throws Exception {
        try (ChildJvm jvm = ChildJvm.start(directory.toString(), Arrays.asList(options), "load")) {
            assertEquals(0, jvm.exitCode(LIMIT), jvm.output());
            assertEquals("0.1.0", jvm.line("version: ", LIMIT));
            return jvm.output();
        }
    }

    private String failure(String... options) throws Exception {
        try (ChildJvm jvm = ChildJvm.start(directory.toString(), Arrays.asList(options), "load")) {
            assertNotEquals(0, jvm.exitCode(LIMIT), jvm.output());
            return jvm.line(FAILURE, LIMIT);
        }
    }

    /** Puts the library where a jar has it, with this checksum. */
    private void bundle(String checksum) throws Exception {
        Path bundled = Files.createDirectories(directory.resolve("native/" + platform())).resolve("libslotkeeper.so");
        Files.copy(library, bundled);
        Files.write(Paths.get(bundled + ".sha256"), checksum.getBytes(StandardCharsets.US_ASCII));
    }

    private String checksum() throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte b : MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(library))) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }

    private static String platform() {
        return System.getProperty("os.arch").equals("aarch64") ? "linux-aarch64" : "linux-x86_64";
    }
}
