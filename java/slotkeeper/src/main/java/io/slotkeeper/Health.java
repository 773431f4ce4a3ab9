package io.slotkeeper;

/** How the cluster is. */
public enum Health {
    /** Every slot has a living master. */
    OK,
    /** Some slots have none, or a failover is pending. */
    DEGRADED,
    /** The cluster refuses every request. */
    DOWN,
    /** Nobody answers, or nobody has yet; the last topology stands. */
    UNKNOWN
}
