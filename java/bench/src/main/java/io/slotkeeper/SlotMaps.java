package io.slotkeeper;

import java.util.Arrays;

/** Slot maps without a cluster: their constructor is not for users. */
public final class SlotMaps {

    private SlotMaps() {}

    /** The slot map of what one node says; all owners serve. */
    public static SlotMap of(NodesReply reply) {
        short[] owners = new short[KeySlot.COUNT];
        Arrays.fill(owners, (short) -1);
        for (int place = 0; place < reply.nodes().size(); place++) {
            for (SlotRange range : reply.nodes().get(place).slots()) {
                Arrays.fill(owners, range.first(), range.last() + 1, (short) place);
            }
        }
        return new SlotMap(1, reply.nodes().toArray(new Node[0]), owners, new byte[KeySlot.COUNT],
                new byte[reply.nodes().size()]);
    }
}
