package io.slotkeeper;

/** A flag of CLUSTER NODES that is known; what else was sent stands in {@link Node#flagsText()}. */
public enum Flag {
    /** The line of the node that answered; on no node of a topology. */
    MYSELF,
    /** May own slots. */
    MASTER,
    /** Copies a master. On the wire: {@code slave}. */
    REPLICA,
    /** {@code fail?}: one node's suspicion. */
    SUSPECTED,
    /** {@code fail}: agreed by a majority of the masters, if the view has quorum. */
    FAILED,
    /** Met and not yet known: a temporary id, no role. */
    HANDSHAKE,
    /** {@code noaddr}: the address is not known. */
    NO_ADDRESS,
    /** A replica that will not be promoted. */
    NO_FAILOVER;

    /** As the library numbers them: in this order. */
    int bit() {
        return 1 << ordinal();
    }
}
