package io.slotkeeper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Makes a topology of what {@code Native.keeperTopology} gives. */
final class TopologyReader {

    private static final int NODE_CELLS = 8;

    private TopologyReader() {}

    static Topology read(Object[] parts) {
        long[] head = (long[]) parts[0];
        short[] owners = (short[]) parts[2];
        Node[] nodes = nodes((String[]) parts[1], owners);
        List<Node> list = new ArrayList<>();
        Collections.addAll(list, nodes);
        return new Topology(head[0], Health.values()[(int) head[1]], head[2], Collections.unmodifiableList(list),
                new SlotMap(head[0], nodes, owners, (byte[]) parts[3]), ranges((int[]) parts[4]));
    }

    private static Node[] nodes(String[] cells, short[] owners) {
        Node[] nodes = new Node[cells.length / NODE_CELLS];
        List<List<SlotRange>> slots = SlotMap.rangesByOwner(owners, nodes.length);
        for (int i = 0; i < nodes.length; i++) {
            int cell = i * NODE_CELLS;
            nodes[i] = new Node(cells[cell], cells[cell + 1], Integer.parseInt(cells[cell + 2]), role(cells[cell + 3]),
                    cells[cell + 4].isEmpty() ? null : cells[cell + 4], cells[cell + 5], Long.parseLong(cells[cell + 6]),
                    cells[cell + 7], Collections.unmodifiableList(slots.get(i)));
        }
        return nodes;
    }

    private static Role role(String name) {
        return name.isEmpty() ? null : Role.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static List<SlotRange> ranges(int[] ends) {
        List<SlotRange> ranges = new ArrayList<>();
        for (int i = 0; i < ends.length; i += 2) {
            ranges.add(new SlotRange(ends[i], ends[i + 1]));
        }
        return Collections.unmodifiableList(ranges);
    }
}
