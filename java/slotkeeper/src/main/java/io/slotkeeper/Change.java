package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One difference between two generations. Its {@link #kind()} says which parts mean something. Immutable. */
public final class Change {

    /** What a change is. Later versions may add kinds: those that you do not know have their sentence all the same. */
    public enum Kind {
        /** {@link #node()} is new, as {@link #role()}. */
        JOINED,
        /** {@link #node()} is no longer named by the others. */
        LEFT,
        /** The masters agreed that {@link #node()} has failed; it was a {@link #role()}. */
        FAILED,
        /** {@link #node()} had failed and is back, as {@link #role()}. */
        RECOVERED,
        /** {@link #node()}, a replica, became a master. */
        PROMOTED,
        /** {@link #node()}, a master, became a replica. */
        DEMOTED,
        /** {@link #node()}, a replica, copies {@link #other()} now; null: it knows no master. */
        FOLLOWS,
        /** {@link #node()} has the address of {@link #other()} now: one id, two addresses. */
        MOVED,
        /** {@link #slots()} went from {@link #node()} to {@link #other()}; one of them may be null: nobody. */
        SLOTS_MOVED,
        /** The cluster refuses all requests from now on. */
        REFUSES,
        /** The cluster takes requests again. */
        ACCEPTS,
        /** {@link #before()} slots had a living owner, {@link #after()} have one now. */
        COVERAGE,
        /** {@link #node()}, a {@link #role()}, is suspected: {@code fail?}, the word of one node. */
        SUSPECTED,
        /** {@link #node()}, a {@link #role()}, was suspected and is trusted again. */
        TRUSTED,
        /** {@link #slots()} are served again. */
        SLOTS_SERVED,
        /** {@link #slots()} are pending, for {@link #trouble()}. */
        SLOTS_PENDING,
        /** {@link #slots()} are unserved, for {@link #trouble()}. */
        SLOTS_UNSERVED
    }

    private static final Kind[] KINDS = Kind.values();

    private final Kind kind;
    private final String sentence;
    private final NodeName node;
    private final NodeName other;
    private final Role role;
    private final List<SlotRange> slots;
    private final int before;
    private final int after;
    private final Trouble trouble;

    private Change(Packed packed) {
        // The library's numbers start with 1.
        kind = KINDS[packed.nextByte() - 1];
        sentence = packed.nextText();
        node = NodeName.read(packed);
        other = NodeName.read(packed);
        role = Role.ofNumber(packed.nextByte());
        slots = SlotRange.list(packed);
        before = packed.nextCount();
        after = packed.nextCount();
        trouble = Trouble.ofNumber(packed.nextByte());
    }

    /** The changes, behind their number. */
    static List<Change> list(Packed packed) {
        int count = packed.nextCount();
        List<Change> changes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            changes.add(new Change(packed));
        }
        return Collections.unmodifiableList(changes);
    }

    /** What the change is. */
    public Kind kind() {
        return kind;
    }

    /** The change as an operator would say it. */
    public String sentence() {
        return sentence;
    }

    /** The node that it is about, or the one that had the slots; null if there is none. */
    public NodeName node() {
        return node;
    }

    /** The node at the other end; null if there is none. */
    public NodeName other() {
        return other;
    }

    /** What {@link #node()} is; null if that is not known, or told by the kind. */
    public Role role() {
        return role;
    }

    /** The slots that changed hands, or whose state changed, in order; empty for other kinds. */
    public List<SlotRange> slots() {
        return slots;
    }

    /** A number before the change; 0 for kinds that have none. */
    public int before() {
        return before;
    }

    /** The same number after it. */
    public int after() {
        return after;
    }

    /** What is the matter with the slots; null for other kinds, and if they are served. */
    public Trouble trouble() {
        return trouble;
    }

    /** The {@link #sentence()}. */
    @Override
    public String toString() {
        return sentence;
    }
}
