package io.slotkeeper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A master and those who copy it. Immutable. */
public final class Shard {

    private final Node master;
    private final List<Node> replicas;

    private Shard(Node master, List<Node> replicas) {
        this.master = master;
        this.replicas = replicas;
    }

    /** The shards of nodes in order of their ids. */
    static List<Shard> of(List<Node> nodes) {
        Map<String, List<Node>> replicas = new HashMap<>();
        List<Shard> shards = new ArrayList<>();
        for (Node node : nodes) {
            if (node.role() == Role.MASTER) {
                List<Node> copies = new ArrayList<>();
                replicas.put(node.id(), copies);
                shards.add(new Shard(node, Collections.unmodifiableList(copies)));
            }
        }
        for (Node node : nodes) {
            List<Node> copies = node.role() == Role.REPLICA ? replicas.get(node.masterId()) : null;
            if (copies != null) {
                copies.add(node);
            }
        }
        return Collections.unmodifiableList(shards);
    }

    /** The master, dead or alive, with slots or without. */
    public Node master() {
        return master;
    }

    /** Its replicas, dead or alive, in order of their ids. */
    public List<Node> replicas() {
        return replicas;
    }

    /** The master and how many replicas, for messages. */
    @Override
    public String toString() {
        return "Shard(" + master + ", " + replicas.size() + " replicas)";
    }
}
