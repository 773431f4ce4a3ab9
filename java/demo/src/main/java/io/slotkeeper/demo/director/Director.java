package io.slotkeeper.demo.director;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The disaster, replayed: a real cluster loses a data centre, once as badly laid out as it was, once put right as the program
 * {@code slotkeeper} says; the application meets it without Slotkeeper, with the check that the bank wrote itself, and with Slotkeeper.
 *
 * <p>Exit status 0 only if every expectation held.
 */
public final class Director {
    private static final List<String> MASTERS_ELSEWHERE = Arrays.asList("m2", "m3", "m4");
    private static final String JEDIS_GIVES_UP = "Caused by: redis.clients.jedis.exceptions.JedisConnectionException";
    private static final Pattern HEALTHY_AFTER = Pattern.compile("healthy after (\\d+) ms");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration SEQUENTIAL_LIMIT = Duration.ofSeconds(90);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(40);

    private final Programme programme;
    private final Stage stage;
    private final Operator operator;
    private long plainStart;

    private Director(Programme programme, Stage stage) {
        this.programme = programme;
        this.stage = stage;
        this.operator = new Operator(stage);
    }

    /** Takes no arguments; the cluster's program is found by the system property {@code slotkeeper.test-cluster}, the operator's by {@code slotkeeper.program}. */
    public static void main(String[] arguments) {
        Programme programme = new Programme(System.out);
        programme.announce("A real cluster starts: 5 masters, 5 replicas, data centres A, B and C, full coverage required, a password");
        boolean hasEnded = false;
        try (Stage stage = new Stage()) {
            try {
                new Director(programme, stage).play();
                hasEnded = true;
            } catch (IOException | InterruptedException | RuntimeException failure) {
                failure.printStackTrace();
                System.err.println(stage.describe());
            }
        }
        programme.printTable();
        boolean isGood = hasEnded && programme.allHeld();
        programme.announce(isGood ? "Every expectation held." : "NOT every expectation held.");
        System.exit(isGood ? 0 : 1);
    }

    private void play() throws IOException, InterruptedException {
        programme.tell("It is up, with cluster-node-timeout %d ms. A holds two masters;", Stage.NODE_TIMEOUT_MS);
        programme.tell("the replica of one stands in B, that of the other in A as well: the leftover of a drill.");
        allIsWell();
        theAuditNamesIt();
        int[] lost = strikeA();
        try (Application sequential = withSequentialCheck()) {
            withoutSlotkeeperItDoesNotStart();
            try (Application application = new Application(stage.nodes(), Stage.PASSWORD)) {
                withSlotkeeperItStarts(application, lost);
                sequentialCheckTakesItsTime(sequential);
                aComesBack(application, lost);
                theLayoutIsPutRight();
                struckAgain(application);
            }
        }
    }

    private void allIsWell() throws IOException, InterruptedException {
        programme.announce("1. All is well: the application starts, without Slotkeeper");
        try (Application application = withoutSlotkeeper()) {
            plainStart = number(application.await("ready", START_LIMIT), "since-start");
            Map<String, String> swept = application.ask("sweep", "swept", ANSWER_LIMIT);
            programme.note(1, "All well: the application (no Slotkeeper) starts, reads and writes",
                    String.format("started in %s; %s of %s slots written and read",
                            seconds(plainStart), swept.get("served"), swept.get("of")),
                    "starts; 16384 slots",
                    swept.get("served").equals("16384"));
        }
    }

    private void theAuditNamesIt() throws IOException, InterruptedException {
        programme.announce("2. All is well? slotkeeper audit looks at the layout");
        String doomed = range(stage.slots("m1"));
        Operator.Answer audit = operator.ask("audit");
        audit.list("findings").forEach(finding -> programme.quote(named(finding)));
        String critical = audit.list("findings").stream()
                .filter(finding -> finding.text("severity").equals("critical"))
                .map(finding -> finding.text("rule") + " " + finding.slots("slots"))
                .collect(Collectors.joining(", "));
        programme.note(2, "Before the blow, slotkeeper audit",
                String.format("exit status %d; critical: %s", audit.status(), critical),
                "exit status 2; critical: shard-in-one-zone " + doomed,
                audit.status() == 2 && critical.equals("shard-in-one-zone " + doomed));
        Operator.Answer blow = operator.ask("what-if", "--lose", "zone=A").list("outcomes").get(0);
        programme.note(2, "slotkeeper what-if --lose zone=A",
                String.format("%s: %s; requests %s",
                        blow.text("effect"), blow.slots("lost_slots"), blow.text("takes_requests").equals("true") ? "taken" : "refused"),
                "loses-slots: " + doomed + "; requests refused",
                blow.slots("lost_slots").equals(doomed) && blow.text("takes_requests").equals("false"));
    }

    /** The slots that stay lost. */
    private int[] strikeA() {
        programme.announce("3. Data centre A is struck dead (SIGSTOP: connections are accepted, nothing answers)");
        int[] saved = stage.slots("m0");
        int[] lost = stage.slots("m1");
        long struck = System.currentTimeMillis();
        stage.strike();
        String heir = stage.awaitFailover("m0", saved);
        long failedOver = System.currentTimeMillis() - struck;
        programme.tell("Slots %s were taken over by %s in B after %s", range(saved), heir, seconds(failedOver));
        long lostSlots = lost[1] - lost[0] + 1;
        long agreed = stage.awaitLost((int) lostSlots, MASTERS_ELSEWHERE) - struck;
        boolean refuses = stage.allSay(MASTERS_ELSEWHERE, "cluster_state", "fail");
        programme.tell("Slots %s cannot fail over: their only replica died with A. The cluster refuses everything.", range(lost));
        programme.note(3, "A struck dead: half of the affected slots fail over, the other half cannot",
                String.format("%s taken over after %s; %s lost, agreed after %s; cluster_state:%s",
                        range(saved), seconds(failedOver), range(lost), seconds(agreed), refuses ? "fail" : "ok"),
                "half taken over, half lost, cluster_state:fail",
                heir.equals("r0") && refuses && Math.abs(lostSlots - (saved[1] - saved[0] + 1)) <= 1);
        return lost;
    }

    private Application withSequentialCheck() throws IOException {
        programme.announce("5. (begins here, for it takes long) The application with the bank's own check: node by node, 5 s each");
        return new Application(stage.nodes(), Stage.PASSWORD,
                "--athena.cluster.enabled=false", "--spring.profiles.active=sequential-check");
    }

    private void withoutSlotkeeperItDoesNotStart() throws IOException, InterruptedException {
        programme.announce("4. The application without Slotkeeper");
        try (Application application = withoutSlotkeeper()) {
            int status = application.awaitEnd(START_LIMIT);
            long took = application.age();
            List<String> causes =
                    application.log().stream().filter(line -> line.startsWith("Caused by: ")).collect(Collectors.toList());
            causes.forEach(programme::quote);
            String cause = causes.stream().filter(line -> line.startsWith(JEDIS_GIVES_UP)).findFirst().orElse("another exception");
            programme.note(4, "The application without Slotkeeper",
                    String.format("does not start: exit status %d after %s, %s",
                            status, seconds(took), cause.replaceFirst("Caused by: (\\w+\\.)*", "")),
                    "does not start: JedisConnectionException",
                    status != 0 && cause.startsWith(JEDIS_GIVES_UP));
        }
    }

    private void withSlotkeeperItStarts(Application application, int[] lost) throws IOException, InterruptedException {
        programme.announce("6. The same application with Slotkeeper");
        long took = number(application.await("ready", START_LIMIT), "since-start");
        application.log().stream().filter(line -> line.startsWith("WARN ")).forEach(programme::quote);
        Matcher check = HEALTHY_AFTER.matcher(String.join("\n", application.log()));
        long checked = check.find() ? Long.parseLong(check.group(1)) : Long.MAX_VALUE;
        programme.note(6, "The same application with Slotkeeper",
                String.format("started in %s (%s when all was well), of which the check of all nodes %s",
                        seconds(took), seconds(plainStart), seconds(checked)),
                "starts in less than 10 s (one dead node with the bank's check); the check within 0.5 s",
                took < 10_000 && checked <= 500);
        Map<String, String> state = application.ask("state", "state", ANSWER_LIMIT);
        programme.note(6, "It knows which slots are not served",
                String.format("health %s, %s slots refused, lost: %s", state.get("health"), state.get("unserved"), state.get("lost")),
                "DOWN, all refused (full coverage), lost: " + range(lost),
                state.get("health").equals("DOWN") && state.get("unserved").equals("16384") && range(lost).equals(state.get("lost")));
        Map<String, String> answer = application.ask("turn-over " + lost[0], "turned-over", ANSWER_LIMIT);
        programme.note(6, "A command for a lost slot goes to the local cache",
                String.format("%s after %.1f ms", answer.get("place"), number(answer, "micros") / 1000.0),
                "CACHE, within 50 ms (the time-out is 1000 ms)",
                answer.get("place").equals("CACHE") && number(answer, "micros") < 50_000);
    }

    private void sequentialCheckTakesItsTime(Application application) throws InterruptedException {
        programme.announce("5. (goes on) The application with the bank's own check");
        int dead = stage.size("A");
        for (int node = 0; node < dead; node++) {
            Map<String, String> checked = application.await("checked", SEQUENTIAL_LIMIT);
            programme.tell("%s %s after %s", checked.get("node"),
                    checked.get("answers").equals("true") ? "answers" : "is given up", seconds(number(checked, "ms")));
        }
        programme.tell("(Jedis 2.9 waits twice for a node that is silent.)");
        long took = number(application.await("ready", SEQUENTIAL_LIMIT), "since-start");
        programme.note(5, "The application with the bank's own check, one node after another",
                String.format("started after %s", seconds(took)),
                String.format("starts, but not before %d s (%d dead nodes)", 5 * dead, dead),
                took >= 5000L * dead);
    }

    private void aComesBack(Application application, int[] lost) throws IOException, InterruptedException {
        programme.announce("7. Data centre A comes back; the application of step 6 still runs");
        application.send("await " + lost[0]);
        long revived = System.currentTimeMillis();
        stage.revive();
        long ok = stage.awaitOk();
        programme.tell("Every master says cluster_state:ok, %s after A came back", seconds(ok - revived));
        long success = number(application.await("recovered", ANSWER_LIMIT), "at");
        programme.note(7, "A comes back: the running application reads and writes the lost slots again",
                String.format("first success %s after the cluster was ok", seconds(Math.max(0, success - ok))),
                "within 3 s, no restart",
                success > 0 && success - ok <= 3000);
        // The application asks Redis only for slots that it knows to be served, and nodes that were away are heard of one by one.
        Map<String, String> swept = application.ask("sweep", "swept", ANSWER_LIMIT);
        while (number(swept, "served") < 16384 && System.currentTimeMillis() - ok < 5000) {
            programme.tell("%s of %s slots, in %s", swept.get("served"), swept.get("of"), seconds(number(swept, "ms")));
            swept = application.ask("sweep", "swept", ANSWER_LIMIT);
        }
        programme.note(7, "All slots, within 5 s of that",
                String.format("%s of %s served", swept.get("served"), swept.get("of")),
                "16384",
                swept.get("served").equals("16384"));
    }

    private void theLayoutIsPutRight() throws IOException, InterruptedException {
        programme.announce("8. The layout is put right, as slotkeeper plan says");
        stage.awaitWhole();
        Operator.Answer plan = operator.ask("plan");
        for (Operator.Answer step : plan.list("steps")) {
            programme.tell("at %s: %s", stage.name(step.node()), step.text("command"));
            programme.quote(step.text("why"));
            operator.carryOut(step);
        }
        stage.awaitWhole();
        Operator.Answer audit = operator.ask("audit");
        audit.list("findings").forEach(finding -> programme.quote(named(finding)));
        programme.note(8, "The commands of slotkeeper plan are typed; slotkeeper audit again",
                String.format("%s; audit: exit status %d, %d findings", plan.text("summary"), audit.status(), audit.list("findings").size()),
                "audit: exit status 0, 0 findings",
                !plan.list("steps").isEmpty() && audit.status() == 0 && audit.list("findings").isEmpty());
    }

    private void struckAgain(Application application) throws IOException, InterruptedException {
        programme.announce("9. Customers come in, and A is struck again");
        List<String> masters = stage.masters("A");
        List<int[]> slots = masters.stream().map(stage::slots).collect(Collectors.toList());
        programme.tell("Masters in A: %s", String.join(", ", masters));
        application.send("traffic");
        long struck = System.currentTimeMillis();
        stage.strike();
        List<String> heirs = new ArrayList<>();
        for (int place = 0; place < masters.size(); place++) {
            heirs.add(range(slots.get(place)) + " by " + stage.awaitFailover(masters.get(place), slots.get(place)));
        }
        long ok = stage.awaitOk();
        programme.note(9, "A struck again: everything fails over",
                String.format("taken over: %s; cluster ok after %s", String.join(", ", heirs), seconds(ok - struck)),
                "all slots of A's masters, cluster ok",
                !masters.isEmpty() && stage.masters("A").isEmpty());
        long success = 0;
        for (int[] range : slots) {
            success = Math.max(success, number(application.ask("await " + range[0], "recovered", ANSWER_LIMIT), "at"));
        }
        Map<String, String> swept = application.ask("sweep", "swept", ANSWER_LIMIT);
        Map<String, String> traffic = application.ask("traffic-end", "traffic", ANSWER_LIMIT);
        long trouble = Math.max(0, number(traffic, "last-trouble") - ok);
        programme.note(9, "The application goes on",
                String.format("served %s after the cluster was ok, %s of 16384 slots; of %s operations %s went to the cache",
                        seconds(Math.max(0, success - ok)), swept.get("served"),
                        number(traffic, "redis") + number(traffic, "cache"), traffic.get("cache")),
                "within 3 s, 16384 slots",
                success - ok <= 3000 && swept.get("served").equals("16384"));
        programme.note(9, "Customers",
                String.format("last hung or refused operation %s after the cluster was ok; the slowest took %s",
                        seconds(trouble), seconds(number(traffic, "slowest-ms"))),
                "none later than 5 s",
                trouble <= 5000);
    }

    private Application withoutSlotkeeper() throws IOException {
        return new Application(stage.nodes(), Stage.PASSWORD, "--athena.cluster.enabled=false");
    }

    private static String named(Operator.Answer finding) {
        return finding.text("severity") + " " + finding.text("rule") + ": " + finding.text("sentence");
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.get(name));
    }

    private static String range(int[] slots) {
        return slots[0] + "-" + slots[1];
    }

    private static String seconds(long millis) {
        return String.format(java.util.Locale.ROOT, "%.2f s", millis / 1000.0);
    }
}
