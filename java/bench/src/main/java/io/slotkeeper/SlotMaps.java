package io.slotkeeper;

import java.util.Arrays;
import java.util.Collections;

/** Slot maps and topologies without a cluster: their constructors are not for users. */
public final class SlotMaps {

    private SlotMaps() {}

    /** The slot map of what one node says; all owners serve. */
    public static SlotMap of(NodesReply reply) {
        return of(reply, 0);
    }

    /** The topology of what one node says; the slots below {@code firstServed} are pending. */
    public static Topology topology(NodesReply reply, int firstServed) {
        Health health = firstServed == 0 ? Health.OK : Health.DEGRADED;
        return new Topology(1, health, 1, reply.nodes(), of(reply, firstServed), Collections.emptyList());
    }

    private static SlotMap of(NodesReply reply, int firstServed) {
        short[] owners = new short[KeySlot.COUNT];
        Arrays.fill(owners, (short) -1);
        for (int place = 0; place < reply.nodes().size(); place++) {
            for (SlotRange range : reply.nodes().get(place).slots()) {
                Arrays.fill(owners, range.first(), range.last() + 1, (short) place);
            }
        }
        byte[] states = new byte[KeySlot.COUNT];
        Arrays.fill(states, 0, firstServed, (byte) SlotState.PENDING.ordinal());
        return new SlotMap(1, reply.nodes().toArray(new Node[0]), owners, states, new byte[reply.nodes().size()]);
    }
}
