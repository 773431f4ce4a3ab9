package io.slotkeeper;

/** Why a slot is not served. Later versions may add reasons. */
public enum Trouble {
    /** Pending: the owner is suspected, by one node or since it leaves our own probes unanswered. */
    OWNER_SUSPECTED("the master does not answer, and may have failed"),
    /** Pending: the owner has failed, and a failover is under way or about to be. */
    OWNER_FAILED("the master has failed, and a replica is about to take over"),
    /** Pending: the cluster takes no requests until the failover of other slots is over. */
    CLUSTER_PENDING("the cluster refuses all requests until a replica has taken over other slots"),
    /** Unserved: nobody owns the slot. */
    NO_OWNER("no master is assigned"),
    /** Unserved: fewer than a majority of the masters are left, so the cluster refuses all requests. */
    NO_QUORUM("fewer than a majority of the masters are left, so the cluster refuses all requests"),
    /** Unserved: the owner has failed, and no replica of it lives that may be promoted. */
    NO_REPLICA("the master has failed, and no replica is left that may take over"),
    /** Unserved: the owner is gone, and its failover should have been over. */
    FAILOVER_OVERDUE("the master is gone, and no replica has taken over in time"),
    /** Unserved: no node that was asked knows the owner's address. */
    NO_ADDRESS("no node knows the master's address"),
    /** Unserved: the cluster refuses all requests, since other slots have nobody to serve them. */
    CLUSTER_REFUSES("other slots have no master, so the cluster refuses all requests (it requires full coverage)");

    private static final Trouble[] ALL = values();

    private final String sentence;

    Trouble(String sentence) {
        this.sentence = sentence;
    }

    /** What is the matter, as an operator would say it, to be put behind "slot 7 is not served: ". */
    public String sentence() {
        return sentence;
    }

    /** The trouble with the library's number, which start with 1; null for 0, which is none. */
    static Trouble ofNumber(int number) {
        return number == 0 ? null : ALL[number - 1];
    }
}
