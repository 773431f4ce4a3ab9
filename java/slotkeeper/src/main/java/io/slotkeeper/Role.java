package io.slotkeeper;

/** What a node is in its shard. */
public enum Role {
    /** May own slots. */
    MASTER,
    /** Copies a master. */
    REPLICA
}
