package io.slotkeeper;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Topologies and events in words, for JMX and {@link Slotkeeper#dump}. */
final class Shown {

    /** Ranges of slots that are shown of a node; the rest is counted. */
    private static final int RANGES_AT_MOST = 20;
    /** Characters of a line: an event may be of a thousand changes. */
    private static final int LINE_AT_MOST = 1000;

    private Shown() {}

    /** No more of a line than anybody reads. */
    static String cut(String line) {
        return line.length() <= LINE_AT_MOST ? line : line.substring(0, LINE_AT_MOST) + "…";
    }

    /** Id, address, role, failure, master or slots. */
    static String node(Node node) {
        StringBuilder text = new StringBuilder(node.id()).append(' ').append(node);
        if (node.masterId() != null) {
            text.append(" of ").append(node.masterId());
        }
        List<SlotRange> slots = node.slots();
        for (SlotRange range : slots.subList(0, Math.min(slots.size(), RANGES_AT_MOST))) {
            text.append(' ').append(range);
        }
        if (slots.size() > RANGES_AT_MOST) {
            text.append(" and ").append(slots.size() - RANGES_AT_MOST).append(" ranges more");
        }
        return text.toString();
    }

    /** A line a finding: severity, rule, sentence, what mends it. */
    static List<String> findings(Audit audit) {
        List<String> lines = new ArrayList<>();
        audit.findings().forEach(finding -> lines.add(finding + "; to mend it: " + finding.remedy()));
        return lines;
    }

    /** How many slots are in each state. */
    static Map<SlotState, Integer> slotsByState(SlotMap map) {
        Map<SlotState, Integer> slots = new EnumMap<>(SlotState.class);
        for (SlotState state : SlotState.values()) {
            slots.put(state, 0);
        }
        for (int slot = 0; slot < KeySlot.COUNT; slot++) {
            slots.merge(map.stateOf(slot), 1, Integer::sum);
        }
        return slots;
    }

    /** A line for each reason why slots are not served. */
    static List<String> troubles(SlotMap map) {
        Map<Trouble, Integer> slots = new EnumMap<>(Trouble.class);
        for (int slot = 0; slot < KeySlot.COUNT; slot++) {
            Trouble trouble = map.reasonOf(slot);
            if (trouble != null) {
                slots.merge(trouble, 1, Integer::sum);
            }
        }
        List<String> lines = new ArrayList<>();
        slots.forEach((trouble, count) -> lines.add(count + " slots (" + trouble.name().toLowerCase(Locale.ROOT).replace('_', '-')
                + "): " + trouble.sentence()));
        return lines;
    }
}
