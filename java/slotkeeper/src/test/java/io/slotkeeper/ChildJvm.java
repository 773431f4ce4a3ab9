package io.slotkeeper;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that runs {@link ChildProgram}; killed when it is closed. Its output is collected as it comes. */
final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private ChildJvm(Process process) {
        this.process = process;
        reader = new Thread(this::read, "output of a child JVM");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts one; {@code options} are for the JVM, {@code arguments} for the program. It loads the library that this JVM loads. */
    static ChildJvm start(List<String> options, String... arguments) {
        return startBehind(Collections.emptyList(), options, arguments);
    }

    /** As before, behind a command that starts the command which follows it. */
    static ChildJvm startBehind(List<String> before, List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(options);
        String library = System.getProperty("slotkeeper.library.path");
        if (library != null) {
            all.add("-Dslotkeeper.library.path=" + library);
        }
        return start(before, System.getProperty("java.home"), "", all, arguments);
    }

    /** Starts one that finds the library by itself, with this in front of its class path. */
    static ChildJvm start(String classPath, List<String> options, String... arguments) {
        return start(Collections.emptyList(), System.getProperty("java.home"), classPath, options, arguments);
    }

    /** As before, with the Java that lies here, behind a command that starts the command which follows it. */
    static ChildJvm start(List<String> before, String home, String classPath, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.add(home + "/bin/java");
        command.addAll(options);
        String path = classPath + File.pathSeparator + System.getProperty("java.class.path");
        command.addAll(Arrays.asList("-cp", path, ChildProgram.class.getName()));
        command.addAll(Arrays.asList(arguments));
        return run(command);
    }

    /** Starts one by the whole command. */
    static ChildJvm run(List<String> command) {
        try {
            return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it exits by itself, and gives its exit code. */
    int exitCode(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the JVM has not exited within " + limit.getSeconds() + " s:\n" + output());
        }
        reader.join(limit.toMillis());
        return process.exitValue();
    }

    /** Waits for a line that starts like this, and gives the rest of it. */
    String line(String start, Duration limit) throws Exception {
        Await.until("a line \"" + start + "\"", limit, () -> !process.isAlive() || find(start) != null);
        String found = find(start);
        if (found == null) {
            throw new AssertionError("the JVM exited without the line \"" + start + "\":\n" + output());
        }
        return found.substring(start.length()).trim();
    }

    /** All it has said so far. */
    String output() {
        return String.join("\n", output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String find(String start) {
        return output.stream().filter(line -> line.startsWith(start)).findFirst().orElse(null);
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            output.add("its output ended early: " + e);
        }
    }
}
