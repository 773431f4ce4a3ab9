package io.slotkeeper.internal;

import io.slotkeeper.Node;
import io.slotkeeper.SlotRange;
import io.slotkeeper.Topology;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The reply to CLUSTER SLOTS, as Jedis decodes it: a list of {@code [Long first, Long last, owner, replica…]}, where a node
 * is {@code [byte[] host, Long port, …]}.
 *
 * <p>Source: the command's page, https://redis.io/docs/latest/commands/cluster-slots.
 */
public final class ClusterSlots {

    private ClusterSlots() {}

    /** Takes one node of a range of slots. */
    public interface Visitor {
        void visit(int first, int last, String host, int port, boolean owns);
    }

    /**
     * What a node that knew this topology would reply: a failed owner keeps its slots, a failed replica is left out, and so
     * is whoever has no address.
     */
    public static List<Object> of(Topology topology) {
        Map<String, List<Object>> replicas = new HashMap<>();
        for (Node node : topology.nodes()) {
            if (node.masterId() != null && canBeReached(node) && !node.isFailed()) {
                replicas.computeIfAbsent(node.masterId(), id -> new ArrayList<>()).add(item(node));
            }
        }
        List<Object> reply = new ArrayList<>();
        for (Node node : topology.nodes()) {
            if (canBeReached(node)) {
                for (SlotRange range : node.slots()) {
                    List<Object> entry = new ArrayList<>();
                    entry.addAll(Arrays.asList((long) range.first(), (long) range.last(), item(node)));
                    entry.addAll(replicas.getOrDefault(node.id(), new ArrayList<>()));
                    reply.add(entry);
                }
            }
        }
        return reply;
    }

    /**
     * Shows each node of each range of a reply.
     *
     * @param askedHost the host that replied, which it means by an empty or missing host; a host of {@code ?} is skipped
     */
    public static void read(List<Object> reply, String askedHost, Visitor visitor) {
        for (Object entry : reply) {
            List<?> range = (List<?>) entry;
            for (int i = 2; i < range.size(); i++) {
                List<?> node = (List<?>) range.get(i);
                String host = hostOf((byte[]) node.get(0), askedHost);
                if (!host.equals("?")) {
                    visitor.visit(number(range.get(0)), number(range.get(1)), host, number(node.get(1)), i == 2);
                }
            }
        }
    }

    /** Whether the node has an address that a client could use. */
    public static boolean canBeReached(Node node) {
        return !node.host().isEmpty() && node.port() != 0;
    }

    private static List<Object> item(Node node) {
        return Arrays.asList(node.host().getBytes(StandardCharsets.UTF_8), (long) node.port());
    }

    private static String hostOf(byte[] sent, String askedHost) {
        return sent == null || sent.length == 0 ? askedHost : new String(sent, StandardCharsets.UTF_8);
    }

    private static int number(Object sent) {
        return ((Long) sent).intValue();
    }
}
