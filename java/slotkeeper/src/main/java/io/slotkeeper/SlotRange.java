package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A run of slots, both ends included. Immutable. */
public final class SlotRange {

    private final int first;
    private final int last;

    private SlotRange(int first, int last) {
        this.first = first;
        this.last = last;
    }

    /** The ranges, behind their number. */
    static List<SlotRange> list(Packed packed) {
        int count = packed.nextCount();
        if (count == 0) {
            return Collections.emptyList();
        }
        List<SlotRange> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ranges.add(new SlotRange(packed.nextShort(), packed.nextShort()));
        }
        return Collections.unmodifiableList(ranges);
    }

    /** The first slot, 0 to 16,383. */
    public int first() {
        return first;
    }

    /** The last slot, not below the first. */
    public int last() {
        return last;
    }

    /** How many slots the range has, at least 1. */
    public int count() {
        return last - first + 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotRange && ((SlotRange) other).first == first && ((SlotRange) other).last == last;
    }

    @Override
    public int hashCode() {
        return first * 16384 + last;
    }

    /** {@code 5} or {@code 0-5460}, as Redis writes it. */
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
