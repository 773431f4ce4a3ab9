package io.slotkeeper.spring;

import io.slotkeeper.Keeper;
import io.slotkeeper.Node;
import io.slotkeeper.Registration;
import io.slotkeeper.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.DisposableBean;

/**
 * Which nodes there are, and which of them are unhealthy; nodes are {@code host:port}.
 *
 * <p>Starts with what the check at the start found. From then on the last word counts: each new topology says of every node that it
 * names whether it has failed, and the application may add and remove nodes in between. Threads may share it.
 */
public final class RedisNodeContext implements DisposableBean {
    private final Set<String> all = new LinkedHashSet<>();
    private final Set<String> unhealthy = new LinkedHashSet<>();
    private final Registration registration;
    private long generation;

    /** {@code keeper} may be null: then only the application changes anything. */
    RedisNodeContext(Collection<String> all, Collection<String> unhealthy, Keeper keeper) {
        this.all.addAll(all);
        this.unhealthy.addAll(unhealthy);
        registration = keeper == null ? null : keeper.addListener(event -> learn(event.topology()));
        if (keeper != null) {
            // What was published before the listener was there.
            learn(keeper.topology());
        }
    }

    /** The configured nodes, then those that only the cluster itself named. */
    public synchronized List<String> getAllNodes() {
        return new ArrayList<>(all);
    }

    /** The unhealthy nodes. */
    public synchronized List<String> getUnhealthyNodes() {
        return new ArrayList<>(unhealthy);
    }

    /** Whether this node is unhealthy; a node that nobody knows is not. */
    public synchronized boolean isNodeUnhealthy(String node) {
        return unhealthy.contains(node);
    }

    /** Calls a node unhealthy, until the next topology or call says otherwise. */
    public synchronized void addUnhealthyNode(String node) {
        unhealthy.add(node);
    }

    /** Calls a node healthy, until the next topology or call says otherwise. */
    public synchronized void removeUnhealthyNode(String node) {
        unhealthy.remove(node);
    }

    /** Calls these nodes unhealthy and all others healthy, until the next topology or call says otherwise. */
    public synchronized void setUnhealthyNodes(Collection<String> nodes) {
        unhealthy.clear();
        unhealthy.addAll(nodes);
    }

    /** How many nodes there are. */
    public synchronized int getAllNodeCount() {
        return all.size();
    }

    /** How many nodes are unhealthy. */
    public synchronized int getUnhealthyNodeCount() {
        return unhealthy.size();
    }

    /** Takes no more news from the keeper. */
    @Override
    public void destroy() {
        if (registration != null) {
            registration.close();
        }
    }

    private synchronized void learn(Topology topology) {
        if (topology.generation() < generation) {
            return;
        }
        generation = topology.generation();
        for (Node node : topology.nodes()) {
            all.add(node.address());
            if (node.isFailed()) {
                unhealthy.add(node.address());
            } else {
                unhealthy.remove(node.address());
            }
        }
    }
}
