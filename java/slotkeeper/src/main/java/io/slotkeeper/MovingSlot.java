package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A slot on its way from one master to another, as told by one of the two. Immutable. */
public final class MovingSlot {

    /** Which way a slot moves, seen from the node that tells it. */
    public enum Direction {
        /** {@code [slot->-id]}: the node still owns the slot. */
        MIGRATING,
        /** {@code [slot-<-id]}: the node does not own it yet. */
        IMPORTING
    }

    private final int slot;
    private final Direction direction;
    private final String otherId;

    private MovingSlot(Packed packed) {
        slot = packed.nextShort();
        direction = packed.nextByte() == 1 ? Direction.MIGRATING : Direction.IMPORTING;
        otherId = packed.nextId();
    }

    /** The slots, behind their number. */
    static List<MovingSlot> list(Packed packed) {
        int count = packed.nextCount();
        if (count == 0) {
            return Collections.emptyList();
        }
        List<MovingSlot> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(new MovingSlot(packed));
        }
        return Collections.unmodifiableList(list);
    }

    /** The slot, 0 to 16,383. */
    public int slot() {
        return slot;
    }

    /** Leaving for the other master, or coming from it. */
    public Direction direction() {
        return direction;
    }

    /** The {@link Node#id()} of the master at the other end. */
    public String otherId() {
        return otherId;
    }

    /** As Redis writes it. */
    @Override
    public String toString() {
        return "[" + slot + (direction == Direction.MIGRATING ? "->-" : "-<-") + otherId + "]";
    }
}
