package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is wrong with the layout of a cluster before anything happens to it. Immutable. */
public final class Audit {

    /** Before any node has answered. */
    static final Audit NONE = new Audit();

    private final long generation;
    private final double compliance;
    private final List<Finding> findings;
    /** By node; those that stand in none are missing. */
    private final Map<String, String> zones;

    private Audit() {
        generation = 0;
        compliance = 0;
        findings = Collections.emptyList();
        zones = Collections.emptyMap();
    }

    /** As {@code Native.keeperAudit} gives it. */
    Audit(Packed packed) {
        generation = packed.nextLong();
        compliance = packed.nextDouble();
        findings = Finding.list(packed);
        zones = new HashMap<>();
        for (int nodes = packed.nextCount(); nodes > 0; nodes--) {
            String id = packed.nextId();
            String zone = packed.nextText();
            if (!zone.isEmpty()) {
                zones.put(id, zone);
            }
        }
    }

    /** The generation that was audited; 0 before any node has answered, and if it is of no keeper. */
    public long generation() {
        return generation;
    }

    /**
     * The share of the slots, 0 to 1, that have an owner now, and a master again after the loss of any one zone and of any one node; 0 as
     * soon as the quorum hangs on one of these, and before any node has answered. A node in no zone counts as a node alone.
     */
    public double compliance() {
        return compliance;
    }

    /** What was found, the worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** The zone of the node with this id; null if it stands in none, or in dispute between two. */
    public String zoneOf(String nodeId) {
        return zones.get(nodeId);
    }

    /** Generation, compliance and findings, for messages. */
    @Override
    public String toString() {
        return "Audit(generation " + generation + ", compliance " + compliance + ", " + findings + ")";
    }
}
