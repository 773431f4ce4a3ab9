package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A master that is dead after a loss, and what becomes of its slots. Immutable. */
public final class DeadMaster {

    /** Why nobody takes over from a dead master. */
    public enum Loss {
        /** Fewer than a majority of the masters are left: nobody can be elected. */
        NO_QUORUM,
        /** It has no replica. */
        NO_REPLICA,
        /** All of its replicas are dead. */
        REPLICAS_DEAD,
        /** Of its replicas some live, and none of those may be promoted. */
        REPLICAS_BARRED
    }

    private static final Loss[] LOSSES = Loss.values();

    private final NodeName name;
    private final List<NodeName> heirs;
    private final Loss loss;
    private final String reason;

    private DeadMaster(Packed packed) {
        name = NodeName.read(packed);
        int count = packed.nextCount();
        List<NodeName> replicas = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            replicas.add(NodeName.read(packed));
        }
        heirs = Collections.unmodifiableList(replicas);
        // The library's numbers start with 1; 0 is none.
        int number = packed.nextByte();
        loss = number == 0 ? null : LOSSES[number - 1];
        reason = packed.nextText();
    }

    /** The masters, behind their number. */
    static List<DeadMaster> list(Packed packed) {
        int count = packed.nextCount();
        List<DeadMaster> masters = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            masters.add(new DeadMaster(packed));
        }
        return Collections.unmodifiableList(masters);
    }

    /** Who it is. */
    public NodeName name() {
        return name;
    }

    /** The replicas one of which takes over; empty if nobody does. */
    public List<NodeName> heirs() {
        return heirs;
    }

    /** Why nobody takes over; null if somebody does. */
    public Loss loss() {
        return loss;
    }

    /** The same in words, to be put behind "nobody takes over from 10.0.0.1:7000: "; empty if somebody does. */
    public String reason() {
        return reason;
    }

    /** The master and what becomes of it, for messages. */
    @Override
    public String toString() {
        return name + (loss == null ? ": one of " + heirs + " takes over" : ": nobody takes over: " + reason);
    }
}
