package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.util.List;

/** Makes a topology of what {@code Native.keeperTopology} gives. */
final class TopologyReader {

    private TopologyReader() {}

    static Topology read(Packed packed) {
        long generation = packed.nextLong();
        Health health = Health.values()[packed.nextByte()];
        long currentEpoch = packed.nextLong();
        List<Node> nodes = Node.list(packed);
        short[] owners = packed.nextShorts(KeySlot.COUNT);
        byte[] states = packed.nextBytes(KeySlot.COUNT);
        byte[] troubles = packed.nextBytes(nodes.size());
        SlotMap slotMap = new SlotMap(generation, nodes.toArray(new Node[0]), owners, states, troubles);
        return new Topology(generation, health, currentEpoch, nodes, slotMap, SlotRange.list(packed));
    }
}
