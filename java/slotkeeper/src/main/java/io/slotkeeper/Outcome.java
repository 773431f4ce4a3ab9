package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What becomes of a cluster if zones or nodes are lost. Immutable. */
public final class Outcome {

    /** What a loss does to the cluster, from the least to the worst. */
    public enum Effect {
        /** Every slot has a master again once the failovers are over. */
        SURVIVES,
        /** Some slots stay without a master; if the cluster requires full coverage, it refuses all requests. */
        LOSES_SLOTS,
        /** Nobody is promoted, and no node takes requests. */
        LOSES_QUORUM
    }

    private static final Effect[] EFFECTS = Effect.values();

    private final String lost;
    private final Effect effect;
    private final int deadNodes;
    private final int livingMasters;
    private final int majority;
    private final List<SlotRange> lostSlots;
    private final Duration earliest;
    private final Duration latest;
    private final Duration repeated;
    private final List<DeadMaster> deadMasters;

    private Outcome(Packed packed) {
        lost = packed.nextText();
        effect = EFFECTS[packed.nextByte()];
        deadNodes = packed.nextCount();
        livingMasters = packed.nextCount();
        majority = packed.nextCount();
        lostSlots = SlotRange.list(packed);
        earliest = time(packed.nextLong());
        latest = time(packed.nextLong());
        repeated = time(packed.nextLong());
        deadMasters = DeadMaster.list(packed);
    }

    /** The outcomes, behind their number. */
    static List<Outcome> list(Packed packed) {
        int count = packed.nextCount();
        List<Outcome> outcomes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            outcomes.add(new Outcome(packed));
        }
        return Collections.unmodifiableList(outcomes);
    }

    private static Duration time(long millis) {
        return millis == 0 ? null : Duration.ofMillis(millis);
    }

    /** What is lost, in words: {@code zone a}, {@code zones a and b}, {@code 10.0.0.1:7000}. */
    public String lost() {
        return lost;
    }

    /** What it comes to. */
    public Effect effect() {
        return effect;
    }

    /** How many nodes are lost that lived until then. */
    public int deadNodes() {
        return deadNodes;
    }

    /** How many masters with slots are left. */
    public int livingMasters() {
        return livingMasters;
    }

    /** How many of them a majority needs. */
    public int majority() {
        return majority;
    }

    /** The slots that stay without a master, and those that nobody owned before, in order. */
    public List<SlotRange> lostSlots() {
        return lostSlots;
    }

    /** The masters that are dead then, those that had failed before too. */
    public List<DeadMaster> deadMasters() {
        return deadMasters;
    }

    /** How long failovers take at best, from the loss on; null if there are none. */
    public Duration earliest() {
        return earliest;
    }

    /** How long at worst, if each first election succeeds; null if there are none. */
    public Duration latest() {
        return latest;
    }

    /** How long at worst, if one has to be repeated; null where only one master is replaced. */
    public Duration repeated() {
        return repeated;
    }

    /** The loss and what it does, for messages. */
    @Override
    public String toString() {
        return "without " + lost + ": " + effect + (lostSlots.isEmpty() ? "" : " " + lostSlots);
    }
}
