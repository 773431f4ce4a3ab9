package io.slotkeeper;

/** Whether a request for a slot would be answered. */
public enum SlotState {
    /** The owner lives, and the cluster takes requests. */
    SERVED,
    /** The owner is silent or failed, and a failover is possible and not overdue. */
    PENDING,
    /** Nobody serves the slot, and nobody is about to. */
    UNSERVED
}
