package io.slotkeeper;

import java.util.LinkedHashMap;
import java.util.Map;

/** How often a {@link Gate} did what, at one moment. Immutable. Commands that passed since all is well are not counted. */
public final class GateCounters {

    private final long held;
    private final long released;
    private final long refused;
    private final long tried;
    private final long reopened;
    private final long rescued;
    private final long steppedAside;

    /** One number for each method, in the order of the methods. */
    public GateCounters(long held, long released, long refused, long tried, long reopened, long rescued,
            long steppedAside) {
        this.held = held;
        this.released = released;
        this.refused = refused;
        this.tried = tried;
        this.reopened = reopened;
        this.rescued = rescued;
        this.steppedAside = steppedAside;
    }

    /** Commands that waited for a pending slot, attempts that Jedis repeats included. */
    public long held() {
        return held;
    }

    /** Those of them that went on since the slot was served again. */
    public long released() {
        return released;
    }

    /** Commands that failed at once. */
    public long refused() {
        return refused;
    }

    /** Commands that passed although their slot was refused, to see whether that is right. */
    public long tried() {
        return tried;
    }

    /** How often such a command was answered, so that the slots of its node were open again. */
    public long reopened() {
        return reopened;
    }

    /** How often the connections to a node were closed. */
    public long rescued() {
        return rescued;
    }

    /** Commands for slots that seem not to be served, and that passed since the keeper did not know better. */
    public long steppedAside() {
        return steppedAside;
    }

    /** All of it by the stable names that metrics use, in the order of the methods. */
    public Map<String, Long> byName() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("held", held);
        counts.put("released", released);
        counts.put("refused", refused);
        counts.put("tried", tried);
        counts.put("reopened", reopened);
        counts.put("rescued", rescued);
        counts.put("stepped-aside", steppedAside);
        return counts;
    }

    /** All of it in one line. */
    @Override
    public String toString() {
        return held + " commands held, " + released + " of them released, " + refused + " refused, " + tried + " tried, "
                + reopened + " times reopened, " + rescued + " nodes rescued from, stepped aside for " + steppedAside
                + " commands";
    }
}
