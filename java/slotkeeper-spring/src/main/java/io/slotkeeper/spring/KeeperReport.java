package io.slotkeeper.spring;

import static java.util.stream.Collectors.toList;

import io.slotkeeper.Audit;
import io.slotkeeper.Finding;
import io.slotkeeper.Gate;
import io.slotkeeper.GateCounters;
import io.slotkeeper.Health;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeeperStatus;
import io.slotkeeper.Node;
import io.slotkeeper.Severity;
import io.slotkeeper.Shard;
import io.slotkeeper.SlotkeeperException;
import io.slotkeeper.Topology;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.core.env.Environment;

/**
 * What Actuator shows of the keeper and the gate, as texts, numbers, lists and maps, which all its versions can write. Holds no
 * secret. Threads may share it.
 */
final class KeeperReport {
    private static final String UP = "UP";
    private static final String UNKNOWN = "UNKNOWN";

    private final Keeper keeper;
    private final Gate gate;
    private final Settings settings;

    /** {@code keeper} and {@code gate} may be null: then there is nothing to show of them. */
    KeeperReport(Keeper keeper, Gate gate, Environment environment) {
        this.keeper = keeper;
        this.gate = gate;
        this.settings = new Settings(environment);
    }

    /**
     * What the health indicator says: a degraded cluster, or one that is down, is a detail, since a restart of the application
     * would not mend it; unless the configuration says which health is to count for more.
     *
     * @return the status, and with it the details
     */
    Map.Entry<String, Map<String, Object>> health() {
        Map<String, Object> details = new LinkedHashMap<>();
        KeeperStatus status = status(details);
        if (status == null) {
            return entry(UNKNOWN, details);
        }
        Topology topology = keeper.topology();
        details.put("health", word(topology.health()));
        details.put("generation", topology.generation());
        details.put("knownNodes", status.knownNodes());
        details.put("unhealthyNodes", status.unhealthyNodes());
        details.put("lostSlots", texts(topology.lostSlots()));
        if (status.age() != null) {
            details.put("ageMs", status.age().toMillis());
        }
        Audit audit = keeper.audit();
        details.put("compliance", audit.compliance());
        details.put("criticalFindings", count(audit, Severity.CRITICAL));
        details.put("warnings", count(audit, Severity.WARNING));
        if (gate != null) {
            details.put("gate", word(gate.mode()));
        }
        return entry(code(topology.health(), details), details);
    }

    /** The topology, how the refreshing goes, and the gate. */
    Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>();
        KeeperStatus status = status(all);
        if (status != null) {
            Topology topology = keeper.topology();
            all.put("health", word(topology.health()));
            all.put("generation", topology.generation());
            all.put("currentEpoch", topology.currentEpoch());
            all.put("lostSlots", texts(topology.lostSlots()));
            all.put("shards", topology.shards().stream().map(KeeperReport::shard).collect(toList()));
            all.put("audit", audit(keeper.audit()));
            all.put("unreachableNodes", status.unreachableNodes());
            all.put("refresh", refresh(status));
        }
        if (gate != null) {
            all.put("gate", gate(gate));
        }
        return all;
    }

    /** How a gate is set, and what it has done. */
    static Map<String, Object> gate(Gate gate) {
        GateCounters counters = gate.counters();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("mode", word(gate.mode()));
        // Without one it is the client's socket timeout, which the gate does not know.
        if (gate.hold() != null) {
            shown.put("holdMs", gate.hold().toMillis());
        }
        shown.put("failFast", gate.failsFast());
        shown.put("rescue", gate.rescues());
        shown.put("rescueRetry", gate.retriesRescued());
        shown.put("held", counters.held());
        shown.put("released", counters.released());
        shown.put("refused", counters.refused());
        shown.put("tried", counters.tried());
        shown.put("reopened", counters.reopened());
        shown.put("rescued", counters.rescued());
        shown.put("steppedAside", counters.steppedAside());
        return shown;
    }

    /** Null, and said in {@code shown}, if there is no open keeper. */
    private KeeperStatus status(Map<String, Object> shown) {
        if (keeper == null) {
            shown.put("keeper", "none");
            return null;
        }
        try {
            return keeper.status();
        } catch (SlotkeeperException closed) {
            shown.put("keeper", closed.getMessage());
            return null;
        }
    }

    private String code(Health health, Map<String, Object> details) {
        try {
            if (settings.downFor().contains(health)) {
                return "DOWN";
            }
            return settings.outOfServiceFor().contains(health) ? "OUT_OF_SERVICE" : UP;
        } catch (IllegalArgumentException notAllowed) {
            details.put("problem", notAllowed.getMessage());
            return UP;
        }
    }

    private static Map<String, Object> refresh(KeeperStatus status) {
        Map<String, Object> refresh = new LinkedHashMap<>();
        refresh.put("isRefreshing", status.isRefreshing());
        if (status.lastRefresh() != null) {
            refresh.put("last", status.lastRefresh().toString());
            refresh.put("ageMs", status.age().toMillis());
        }
        refresh.put("intervalMs", status.refreshInterval().toMillis());
        refresh.put("rounds", status.rounds());
        refresh.put("roundsFailed", status.roundsFailed());
        refresh.put("viewsRejected", status.viewsRejected());
        refresh.put("credentialsRefused", status.credentialsRefused());
        refresh.put("eventsDropped", status.eventsDropped());
        return refresh;
    }

    private static long count(Audit audit, Severity severity) {
        return audit.findings().stream().filter(finding -> finding.severity() == severity).count();
    }

    private static Map<String, Object> audit(Audit audit) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("compliance", audit.compliance());
        shown.put("findings", audit.findings().stream().map(KeeperReport::finding).collect(toList()));
        return shown;
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("rule", finding.rule());
        shown.put("severity", word(finding.severity()));
        shown.put("sentence", finding.sentence());
        shown.put("remedy", finding.remedy());
        shown.put("nodes", finding.nodes());
        shown.put("slots", texts(finding.slots()));
        return shown;
    }

    private static Map<String, Object> shard(Shard shard) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("slots", texts(shard.master().slots()));
        shown.put("master", node(shard.master()));
        shown.put("replicas", shard.replicas().stream().map(KeeperReport::node).collect(toList()));
        return shown;
    }

    private static Map<String, Object> node(Node node) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("address", node.address());
        shown.put("id", node.id());
        shown.put("state", node.isFailed() ? "failed" : node.isSuspected() ? "suspected" : "ok");
        return shown;
    }

    private static List<String> texts(Collection<?> things) {
        return things.stream().map(Object::toString).collect(toList());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Map.Entry<String, Map<String, Object>> entry(String code, Map<String, Object> details) {
        return new SimpleImmutableEntry<>(code, details);
    }
}
