package io.slotkeeper.jedis.internal;

import io.slotkeeper.KeySlot;
import io.slotkeeper.Node;
import io.slotkeeper.SlotRange;
import io.slotkeeper.Topology;
import io.slotkeeper.internal.ClusterSlots;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A slot map without holes, as Jedis 5.2 and later want it: they refuse any other, and ask the nodes over the network.
 */
final class WholeMap {

    private WholeMap() {}

    /**
     * The reply to CLUSTER SLOTS for this topology, in which a living owner stands in for slots that nobody owns: it answers
     * {@code CLUSTERDOWN Hash slot not served}, as any node would that Jedis chose by chance. Empty if nobody owns a slot.
     */
    static List<Object> of(Topology topology) {
        Optional<Node> standIn = topology.nodes().stream()
                .filter(node -> ClusterSlots.canBeReached(node) && !node.slots().isEmpty())
                .min((a, b) -> Boolean.compare(a.isFailed(), b.isFailed()));
        if (!standIn.isPresent()) {
            return Collections.emptyList();
        }
        List<Object> reply = ClusterSlots.of(topology);
        BitSet owned = new BitSet(KeySlot.COUNT);
        topology.nodes().stream().filter(ClusterSlots::canBeReached).flatMap(node -> node.slots().stream())
                .forEach((SlotRange range) -> owned.set(range.first(), range.last() + 1));
        for (int first = owned.nextClearBit(0); first < KeySlot.COUNT;) {
            int next = owned.nextSetBit(first);
            int last = (next < 0 ? KeySlot.COUNT : next) - 1;
            reply.add(Arrays.asList((long) first, (long) last, address(standIn.get())));
            first = owned.nextClearBit(last + 1);
        }
        return reply;
    }

    private static List<Object> address(Node node) {
        return new ArrayList<>(Arrays.asList(node.host().getBytes(StandardCharsets.UTF_8), (long) node.port()));
    }
}
