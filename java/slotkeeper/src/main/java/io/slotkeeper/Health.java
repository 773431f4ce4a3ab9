package io.slotkeeper;

/** How the cluster is. */
public enum Health {
    /** Every slot is served. */
    OK,
    /** Some slots are not, or are being failed over; the cluster serves the others. */
    DEGRADED,
    /** The cluster refuses every request. Whether that is about to change, the slots' states tell. */
    DOWN,
    /** Nobody answers, or nobody has yet; the last topology stands. */
    UNKNOWN
}
