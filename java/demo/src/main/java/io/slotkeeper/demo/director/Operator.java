package io.slotkeeper.demo.director;

import io.slotkeeper.test.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Who keeps the cluster: asks the program {@code slotkeeper} about it, and types what its plan says.
 *
 * <p>For one thread.
 */
final class Operator {
    private static final String PROGRAM = "slotkeeper.program";

    private final Stage stage;

    Operator(Stage stage) {
        this.stage = stage;
    }

    /** Asks the program, with the zones of the stage. */
    Answer ask(String command, String... arguments) throws IOException, InterruptedException {
        String program = System.getProperty(PROGRAM);
        if (program == null) {
            throw new IllegalStateException("the system property " + PROGRAM + " does not say where the program is");
        }
        List<String> words = new ArrayList<>(Arrays.asList(program, command, "--json"));
        for (Map.Entry<String, String> zone : Stage.ZONES.entrySet()) {
            words.addAll(Arrays.asList("--zone", zone.getKey() + "=" + zone.getValue()));
        }
        words.addAll(Arrays.asList(arguments));
        words.add(stage.nodes());
        // The program ends by itself, within its --timeout of 10 s.
        ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("SLOTKEEPER_PASSWORD", Stage.PASSWORD);
        Process process = builder.start();
        process.getOutputStream().close();
        String said;
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            said = output.lines().collect(Collectors.joining("\n"));
        }
        return new Answer(process.waitFor(), said);
    }

    /** Types a step of a plan, and waits until its checks show what they should. */
    void carryOut(Answer step) {
        stage.type(step.node(), step.text("command"));
        for (Answer check : step.list("checks")) {
            stage.awaitAnswer(check.node(), check.text("command"), check.texts("expect"));
        }
    }

    /** What the program has said, or a part of it. */
    static final class Answer {
        private final int status;
        private final Map<String, ?> members;

        @SuppressWarnings("unchecked") // The program prints an object.
        private Answer(int status, String json) {
            this(status, (Map<String, ?>) Json.read(json));
        }

        private Answer(int status, Map<String, ?> members) {
            this.status = status;
            this.members = members;
        }

        /** The program's exit status. */
        int status() {
            return status;
        }

        /** A member that is a text; null if it is not there. */
        String text(String name) {
            Object text = members.get(name);
            return text == null ? null : text.toString();
        }

        /** A member that is a list of texts. */
        @SuppressWarnings("unchecked") // docs/cli.md says which members are.
        List<String> texts(String name) {
            return (List<String>) members.get(name);
        }

        /** A member that is a list of objects. */
        @SuppressWarnings("unchecked") // docs/cli.md says which members are.
        List<Answer> list(String name) {
            return ((List<Map<String, ?>>) members.get(name))
                    .stream().map(member -> new Answer(status, member)).collect(Collectors.toList());
        }

        /** A member that is a list of slot ranges, as {@code 0-3276, 6554-9829}. */
        @SuppressWarnings("unchecked") // docs/cli.md says which members are.
        String slots(String name) {
            return ((List<List<Long>>) members.get(name))
                    .stream().map(range -> range.get(0) + "-" + range.get(1)).collect(Collectors.joining(", "));
        }

        /** The id of the member {@code node}. */
        String node() {
            return (String) ((Map<?, ?>) members.get("node")).get("id");
        }
    }
}
