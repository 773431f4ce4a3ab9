package io.slotkeeper;

import io.slotkeeper.internal.SwitchableGate;
import java.time.Duration;
import java.util.List;

/**
 * What stands before the commands of a keeper cluster, so that none waits for a node that cannot answer. Given to a cluster
 * when it is made, and switched at any time, by any thread:
 *
 * <pre>{@code
 * Gate gate = Gate.of(Gate.Mode.OBSERVE);
 * JedisCluster cluster = KeeperCluster.builder(keeper).gate(gate).build();
 * gate.setMode(Gate.Mode.ON);
 * }</pre>
 *
 * <p>Commands for slots that are served pass: a read of a field, and of an array while something is the matter. For the others
 * there are three measures, each of which can be turned off:
 *
 * <ul>
 *   <li>Hold: a command for a pending slot waits until it is served, for the {@link #hold} at most, and with 15 others at
 *       most; with 255 while the whole cluster refuses for a failover.
 *   <li>Fail fast: a command for an unserved slot, and one for a pending slot that cannot wait or has waited in vain, fails at
 *       once, with an exception that Jedis does not repeat and that says which slot, which node and why. A hold that was used
 *       up without a change is not repeated for this node's slots until something changes.
 *   <li>Rescue: when the cluster says that a node has failed, or a silent one has lost its slots, the connections to it are
 *       closed. Whoever waits for one of them, or for an answer, tries again where the slot is served now.
 * </ul>
 *
 * <p>The gate steps aside while the keeper does not know better than Redis: before its first topology, while no node answers
 * it, when none has confirmed the topology for three pulses ({@code pulse.interval-ms}), and when it is closed. And once a
 * second one command passes for the slots of each node that is refused (less often while these hang, and two at a time in
 * all); if the node serves it, its slots are open again.
 *
 * <p>One gate may serve several clusters, which then share settings and counters. Not to be implemented by others.
 */
public interface Gate {

    /** What a gate does. */
    enum Mode {
        /** Nothing. */
        OFF,
        /** It counts and logs what it would do, and does nothing: the first step of a rollout. */
        OBSERVE,
        /** It holds, fails fast and rescues. */
        ON
    }

    /** A new gate with all measures on, and the client's socket timeout as its hold. */
    static Gate of(Mode mode) {
        return new SwitchableGate(mode);
    }

    /** What the gate does now. */
    Mode mode();

    /** Switches the gate. What waits goes on at once when it is no longer on. */
    void setMode(Mode mode);

    /** How long a command waits for a pending slot; null: for the client's socket timeout; zero: not at all, it passes. */
    Duration hold();

    /** Sets the {@link #hold}: null, zero or longer. */
    void setHold(Duration hold);

    /** Whether commands that would be in vain fail at once; else they pass. */
    boolean failsFast();

    /** Sets whether the gate {@link #failsFast}. Default: true. */
    void setFailFast(boolean on);

    /** Whether connections to failed nodes are closed. */
    boolean rescues();

    /** Sets whether the gate {@link #rescues}. Default: true. */
    void setRescue(boolean on);

    /** Whether Jedis repeats a command whose connection was closed by a rescue. */
    boolean retriesRescued();

    /**
     * Sets whether Jedis repeats a command whose connection was closed by a rescue. Default: true, as Jedis repeats whatever
     * loses its connection. The node may have run the command before it fell silent, and its replica may have it: an INCR is
     * then counted twice. False: it fails with an exception that says so. A command that had got no connection yet is
     * repeated all the same. With Jedis 4 and later for connections that are made from now on, so set it first.
     */
    void setRescueRetry(boolean on);

    /** What the gate has done since it was made; in {@link Mode#OBSERVE} what it would have done. */
    GateCounters counters();

    /** The same of the time in one mode; of {@link Mode#OFF} nothing. */
    GateCounters counters(Mode mode);

    /**
     * The mode and the counters as samples of {@link Slotkeeper#metrics}.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the native library, which has the table of
     *     metrics, cannot be loaded
     */
    default List<Sample> metrics() {
        return Samples.of(this);
    }
}
