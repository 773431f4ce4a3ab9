package io.slotkeeper.test;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real Redis Cluster, run by the program {@code test-cluster} ({@code tests/support/launcher.rs}; its {@code --help}
 * has the commands), which clears everything away once this JVM is gone.
 *
 * <p>The program is found by the system property {@code slotkeeper.test-cluster}. Methods throw
 * {@link IllegalStateException} with the program's sentence if it could not obey in its own time limit (15 s unless
 * given). {@code who} is a node, {@code zone:A}, {@code all}, or several of these with commas. For one thread at a time.
 */
public final class TestCluster implements AutoCloseable {

    private static final Duration QUIT_TIMEOUT = Duration.ofSeconds(10);

    private final Process program;
    private final BufferedWriter commands;
    private final BufferedReader answers;
    private final String seeds;
    private final List<TestNode> nodes;

    private TestCluster(List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program().getPath());
        command.addAll(options);
        program = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = new BufferedWriter(new OutputStreamWriter(program.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
        Map<?, ?> started = (Map<?, ?>) parse(line());
        seeds = (String) started.get("seeds");
        nodes = nodes(started.get("nodes"));
    }

    /**
     * Starts a cluster, and returns when it is whole.
     *
     * @param layout one word a shard: the zone of its master, {@code /}, a zone for each replica: {@code "A/B B/A B/A"}
     * @param options as the program takes them: {@code "--password", "secret", "--node-timeout", "1000"}
     */
    public static TestCluster start(String layout, String... options) {
        List<String> all = new ArrayList<>(Arrays.asList("--layout", layout));
        all.addAll(Arrays.asList(options));
        try {
            return new TestCluster(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code host:port,host:port,…} of all nodes, as at the start. */
    public String seeds() {
        return seeds;
    }

    /** All nodes, as at the start. */
    public List<TestNode> nodes() {
        return nodes;
    }

    /** The node of this name. */
    public TestNode node(String name) {
        return nodes.stream().filter(node -> node.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no node " + name));
    }

    /** Kills processes: connections are refused. */
    public void kill(String who) {
        ask("kill", who);
    }

    /** Freezes processes: connections are accepted, nothing answers. */
    public void stop(String who) {
        ask("stop", who);
    }

    /** Wakes frozen processes. */
    public void resume(String who) {
        ask("resume", who);
    }

    /** Starts what was killed again. */
    public void restart(String who) {
        ask("restart", who);
    }

    /** Drops all packets between these nodes and everybody else; see {@link #canDrop}. */
    public void drop(String who) {
        ask("drop", who);
    }

    /** Drops the packets of clients only; see {@link #canDrop}. */
    public void dropClients(String who) {
        ask("drop-clients", who);
    }

    /**
     * Drops the packets of connections with this name, and of all that would be made from now on: also those of {@link #command}. Others
     * that stand go on; see {@link #canDrop}.
     */
    public void dropNamed(String who, String name) {
        ask("drop-named", who, name);
    }

    /** Lets packets pass again. */
    public void heal(String who) {
        ask("heal", who);
    }

    /** Whether packets can be dropped here: that takes root. */
    public boolean canDrop() {
        return (Boolean) ask("can-drop");
    }

    /** Makes a replica the master, and waits until all nodes know. */
    public void failover(String replica) {
        ask("failover", replica);
    }

    /** Waits until another node has the slots of this one; gives its name. */
    public String waitFailover(String node, Duration limit) {
        return (String) ask("wait-failover", node, millis(limit));
    }

    /** Waits until all that lives is a whole cluster. */
    public void waitWhole(Duration limit) {
        ask("wait-whole", millis(limit));
    }

    /** Moves slots with their keys from one master to another. */
    public void moveSlots(String from, String to, int first, int last) {
        ask("move-slots", from, to, first + "-" + last);
    }

    /** Makes all others forget a node. */
    public void forget(String node) {
        ask("forget", node);
    }

    /** Adds a server: {@code standalone}, {@code fresh}, {@code loading MS}, {@code denied}, {@code other-password TEXT}. */
    public TestNode add(String zone, String... what) {
        List<String> words = new ArrayList<>(Arrays.asList("add", zone));
        words.addAll(Arrays.asList(what));
        return node(ask(words.toArray(new String[0])));
    }

    /** Runs a Redis command on a node; gives texts, {@code Long}s, null and lists of these. */
    public Object command(String node, String... command) {
        List<String> words = new ArrayList<>(Arrays.asList("command", node));
        words.addAll(Arrays.asList(command));
        return ask(words.toArray(new String[0]));
    }

    /** Each node's state and the end of its log, for a failed test's message. */
    public String describe() {
        return (String) ask("describe");
    }

    /** Any command of the program, a word each; gives its JSON as maps, lists, texts, {@code Long}s, booleans. */
    public synchronized Object ask(String... words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            line.append(line.length() == 0 ? "" : " ").append(quoted(word));
        }
        try {
            commands.write(line + "\n");
            commands.flush();
            String answer = line();
            if (!answer.startsWith("ok ")) {
                throw new IllegalStateException(line + ": " + answer);
            }
            return parse(answer.substring("ok ".length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends all servers; what hangs is killed, and the program's own guard clears up after it. */
    @Override
    public void close() {
        try {
            commands.close();
        } catch (IOException e) {
            // The program is gone already; its guard has cleared up.
        }
        try {
            if (!program.waitFor(QUIT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                program.destroyForcibly();
            }
        } catch (InterruptedException e) {
            program.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static File program() {
        File program = new File(System.getProperty("slotkeeper.test-cluster", "../../target/debug/examples/test-cluster"));
        if (!program.canExecute()) {
            throw new IllegalStateException("there is no program " + program.getAbsolutePath()
                    + ": build it (cargo build --example test-cluster), or name it by -Dslotkeeper.test-cluster=FILE");
        }
        return program.getAbsoluteFile();
    }

    private String line() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IllegalStateException("the program test-cluster has ended");
        }
        return line;
    }

    private static Object parse(String answer) {
        if (answer.startsWith("error ")) {
            throw new IllegalStateException(String.valueOf(Json.read(answer.substring("error ".length()))));
        }
        return Json.read(answer);
    }

    private static List<TestNode> nodes(Object list) {
        List<TestNode> nodes = new ArrayList<>();
        ((List<?>) list).forEach(fields -> nodes.add(node(fields)));
        return nodes;
    }

    @SuppressWarnings("unchecked") // The reader of JSON makes no other maps.
    private static TestNode node(Object fields) {
        return new TestNode((Map<String, Object>) fields);
    }

    private static String quoted(String word) {
        if (!word.isEmpty() && word.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '\\')) {
            return word;
        }
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
