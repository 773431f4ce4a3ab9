package io.slotkeeper;

import io.slotkeeper.internal.Loader;
import io.slotkeeper.internal.SwitchableGate;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One text with everything that support needs. It has no password, since nothing that it shows has one; it is bounded, since a
 * cluster of a thousand nodes and an application of many keepers are; and what cannot be told says why, since a dump is asked for when
 * something is wrong.
 */
final class Dump {

    private static final int KEEPERS_AT_MOST = 16;
    private static final int GATES_AT_MOST = 16;
    private static final int NODES_AT_MOST = 200;
    private static final int FINDINGS_AT_MOST = 50;

    private final StringBuilder text = new StringBuilder();

    private Dump() {}

    static String make() {
        Dump dump = new Dump();
        dump.versions();
        dump.list("open keepers", Keeper.allOpen(), KEEPERS_AT_MOST, dump::keeper);
        dump.list("gates", SwitchableGate.living(), GATES_AT_MOST, dump::gate);
        return dump.text.toString();
    }

    private void versions() {
        line("slotkeeper", () -> "jar " + Loader.VERSION + ", library " + Slotkeeper.version() + " from " + Loader.loadedFiles());
        line("java", () -> property("java.version") + ", " + property("java.vm.name") + ", " + property("java.vendor"));
        line("system", () -> property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
        line("time", () -> Instant.now().toString());
    }

    private void keeper(Keeper keeper) {
        line("  configuration", keeper::configuration);
        line("  status", () -> keeper.status().toString());
        Topology topology = keeper.topology();
        line("  topology", () -> topology + ", epoch " + topology.currentEpoch());
        list("  nodes", topology.nodes(), NODES_AT_MOST, node -> line("   ", () -> Shown.node(node)));
        line("  slots", () -> Shown.slotsByState(topology.slotMap()).toString().toLowerCase(Locale.ROOT));
        Shown.troubles(topology.slotMap()).forEach(trouble -> line("  trouble", () -> trouble));
        audit(keeper);
        keeper.recentEvents().forEach(event -> line("  event", () -> event));
        for (Sample sample : samples(keeper)) {
            line("  metric", sample::toString);
        }
    }

    private void audit(Keeper keeper) {
        try {
            Audit audit = keeper.audit();
            line("  compliance", () -> Double.toString(audit.compliance()));
            list("  findings", Shown.findings(audit), FINDINGS_AT_MOST, finding -> line("   ", () -> finding));
        } catch (RuntimeException | LinkageError e) {
            line("  findings", () -> untold(e));
        }
    }

    private Collection<Sample> samples(Keeper keeper) {
        try {
            return keeper.metrics();
        } catch (RuntimeException | LinkageError e) {
            line("  metrics", () -> untold(e));
            return Collections.emptyList();
        }
    }

    private void gate(SwitchableGate gate) {
        line("  settings", () -> "mode " + gate.mode() + ", hold " + (gate.hold() == null ? "as the socket timeout" : gate.hold())
                + ", fails fast " + gate.failsFast() + ", rescues " + gate.rescues() + ", retries rescued " + gate.retriesRescued());
        line("  done", () -> gate.counters(Gate.Mode.ON).toString());
        line("  observed", () -> gate.counters(Gate.Mode.OBSERVE).toString());
    }

    /** How many there are, and so many of them. */
    private <T> void list(String name, Collection<T> things, int atMost, Consumer<T> show) {
        line(name, () -> things.size() + (things.size() > atMost ? ", of which " + atMost + " are shown" : ""));
        things.stream().limit(atMost).forEach(show);
    }

    private void line(String name, Supplier<String> words) {
        String told;
        try {
            told = words.get();
        } catch (RuntimeException | LinkageError e) {
            told = untold(e);
        }
        text.append(name).append(": ").append(Shown.cut(told)).append('\n');
    }

    private static String untold(Throwable cause) {
        return "cannot be told: " + cause;
    }

    private static String property(String name) {
        return System.getProperty(name, "?");
    }
}
