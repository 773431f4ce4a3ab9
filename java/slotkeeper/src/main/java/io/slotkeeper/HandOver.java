package io.slotkeeper;

/** Gives a client library the slot map of a new topology. */
@FunctionalInterface
public interface HandOver {

    /**
     * Gives the client library this topology. Calls never overlap. Must not block: the next hand-over waits for it.
     *
     * @return false if the client dropped it: the newest topology is given again a little later, until it is taken.
     *     Throwing counts as false, and is logged.
     */
    boolean accept(Topology topology);

    /**
     * Whether the client library still has what it has taken; asked about once a second. Must not block, and never overlaps
     * {@link #accept}.
     *
     * @return false if something else has overwritten it: the topology is given again at once. Throwing counts as false,
     *     and is logged.
     */
    default boolean isInPlace(Topology topology) {
        return true;
    }
}
