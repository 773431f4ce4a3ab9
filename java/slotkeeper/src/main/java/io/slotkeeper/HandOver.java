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
}
