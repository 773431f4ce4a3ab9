package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A CLUSTER NODES reply, read: what one node says of all. Immutable. */
public final class NodesReply {

    private final List<Node> nodes;
    private final int problemCount;
    private final List<Problem> problems;

    private NodesReply(Packed packed) {
        nodes = Node.list(packed);
        problemCount = packed.nextCount();
        problems = problems(packed);
    }

    /**
     * Reads a CLUSTER NODES reply, or a {@code nodes.conf} file, of any server version. One native call.
     *
     * <p>{@code reply} is the payload without RESP framing, in any bytes. Lines that cannot be read are skipped and told in
     * {@link #problems()}. Any thread.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#BAD_REPLY} if no line can be read,
     *     {@link SlotkeeperException#TOO_LARGE} above 16 MB or 16,384 nodes, {@link SlotkeeperException#LIBRARY} if the
     *     library cannot be loaded
     */
    public static NodesReply parse(byte[] reply) {
        Slotkeeper.load();
        return new NodesReply(new Packed(Native.parseNodes(reply)));
    }

    /**
     * As {@link #parse(byte[])}, of a text as Jedis gives it.
     *
     * @throws SlotkeeperException as {@link #parse(byte[])}
     */
    public static NodesReply parse(String reply) {
        return parse(reply.getBytes(StandardCharsets.UTF_8));
    }

    /** The nodes in the order of the reply. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The node that answered; null if no line is marked as its own. */
    public Node myself() {
        for (Node node : nodes) {
            if (node.has(Flag.MYSELF)) {
                return node;
            }
        }
        return null;
    }

    /** What could not be read and was skipped, at most the first 1000. */
    public List<Problem> problems() {
        return problems;
    }

    /** How many problems there were in all. */
    public int problemCount() {
        return problemCount;
    }

    /** Counts, for messages. */
    @Override
    public String toString() {
        return "NodesReply(" + nodes.size() + " nodes" + (problemCount == 0 ? "" : ", " + problemCount + " problems") + ")";
    }

    private static List<Problem> problems(Packed packed) {
        int count = packed.nextCount();
        List<Problem> problems = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            problems.add(new Problem(packed.nextCount(), packed.nextText()));
        }
        return Collections.unmodifiableList(problems);
    }
}
