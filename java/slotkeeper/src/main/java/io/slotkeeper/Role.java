package io.slotkeeper;

/** What a node is in its shard. */
public enum Role {
    /** May own slots. */
    MASTER,
    /** Copies a master. */
    REPLICA;

    private static final Role[] BY_NUMBER = {null, MASTER, REPLICA};

    /** The role that has this number in the library; null for none. */
    static Role ofNumber(int number) {
        return BY_NUMBER[number];
    }
}
