package io.slotkeeper.demo.director;

import io.slotkeeper.demo.bank.BankApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bank's application in a JVM of its own. It ends when its standard input does, so also when the director dies.
 *
 * <p>For one thread.
 */
final class Application implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final int LINES_AHEAD = 10_000;

    private final Process process;
    private final Writer commands;
    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>(LINES_AHEAD);
    private final List<String> log = new ArrayList<>();
    private final long started = System.currentTimeMillis();

    /** Starts it with these nodes; {@code options} are Spring's, such as {@code --name=value}. */
    Application(String nodes, String password, String... options) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(
                Paths.get(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                BankApplication.class.getName(),
                "--spring.redis.cluster.nodes=" + nodes));
        command.addAll(Arrays.asList(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Not on the command line, which everybody on the machine may read.
        builder.environment().put("ATHENA_REDIS_PASSWORD", password);
        process = builder.start();
        commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "application-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Sends a command of {@link io.slotkeeper.demo.bank.Console}, and does not wait. */
    void send(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    /** Sends a command, and waits for the answer of this name. */
    Map<String, String> ask(String command, String answer, Duration limit) throws IOException, InterruptedException {
        send(command);
        return await(answer, limit);
    }

    /**
     * The next answer of this name: its fields, and {@code since-start}, the ms from the start of the JVM to its arrival.
     *
     * @throws IllegalStateException if it does not come, with what came instead
     */
    Map<String, String> await(String answer, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Line line = next(deadline); line != null; line = next(deadline)) {
            log.add(line.text);
            if (line.text.equals("@" + answer) || line.text.startsWith("@" + answer + " ")) {
                return fields(line);
            }
        }
        throw new IllegalStateException("the application did not say " + answer + " within " + limit.toMillis() + " ms, but:\n"
                + String.join("\n", log));
    }

    /** Waits until the JVM ends by itself; its exit status. */
    int awaitEnd(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Line line = next(deadline); line != null; line = next(deadline)) {
            log.add(line.text);
        }
        if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the application goes on, and says:\n" + String.join("\n", log));
        }
        return process.exitValue();
    }

    /** How long ago it was started, in ms. */
    long age() {
        return System.currentTimeMillis() - started;
    }

    /** What it has printed so far, as far as somebody waited for it. */
    List<String> log() {
        return log;
    }

    /** Ends it: by the end of its input, else by force. */
    @Override
    public void close() {
        try {
            commands.close();
        } catch (IOException gone) {
            // It has ended already.
        }
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Null at the deadline, and after the last line. */
    private Line next(long deadline) throws InterruptedException {
        Line line = lines.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        return line == null || line.text == null ? null : line;
    }

    private void read() {
        try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String text = output.readLine(); text != null; text = output.readLine()) {
                lines.put(new Line(text));
            }
            lines.put(new Line(null));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, String> fields(Line line) {
        Map<String, String> fields = new HashMap<>();
        fields.put("since-start", Long.toString(line.at - started));
        for (String word : line.text.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fields;
    }

    /** What was printed, and when; no text marks the end. */
    private static final class Line {
        private final String text;
        private final long at = System.currentTimeMillis();

        Line(String text) {
            this.text = text;
        }
    }
}
