package io.slotkeeper.spring;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A JVM of its own, with the class path of the tests or a part of it. */
final class Child {
    private static final int LIMIT_SECONDS = 180;

    private final List<String> command = new ArrayList<>();

    private Child(String classPath) {
        command.addAll(Arrays.asList(
                Paths.get(System.getProperty("java.home"), "bin", "java").toString(),
                // As in the pom: it is on the class path for one test.
                "-Dspring.devtools.restart.enabled=false",
                // For Spring 4.3, as in the pom.
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                classPath));
    }

    /** With all of the class path. */
    static Child whole() {
        return new Child(System.getProperty("java.class.path"));
    }

    /** Without these entries of it. */
    static Child without(Predicate<String> entries) {
        return new Child(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entries.negate())
                .collect(Collectors.joining(File.pathSeparator)));
    }

    /** With a system property. */
    Child with(String name, String value) {
        command.add(2, "-D" + name + "=" + value);
        return this;
    }

    /** Started by this command, which starts the one that follows it. */
    Child behind(List<String> before) {
        command.addAll(0, before);
        return this;
    }

    /** Runs to the end, at most three minutes, for a machine that does much else; its exit status. */
    int run(Path output, Class<?> main, String... arguments) throws IOException, InterruptedException {
        command.add(main.getName());
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the application has not ended after " + LIMIT_SECONDS + " s: " + read(output));
        }
        return process.exitValue();
    }

    /** All that it printed. */
    static String read(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }
}
