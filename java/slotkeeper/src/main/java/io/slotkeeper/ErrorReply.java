package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;

/** What an error reply of a server means. Immutable. */
public final class ErrorReply {

    /** The meanings. Later versions may add some; texts that were {@link #OTHER} may then have them. */
    public enum Kind {
        /** Any other error, and a text that is none. */
        OTHER,
        /** {@code MOVED}: another node serves the slot, from now on. */
        MOVED,
        /** {@code ASK}: the slot is on the move; for this one command, preceded by ASKING, another node serves it. */
        ASK,
        /** {@code TRYAGAIN}: the slot is on the move, and the keys of the command are not all on one side yet. */
        TRY_AGAIN,
        /** {@code CLUSTERDOWN}: the slot has no owner, or the cluster takes no requests (or no writes) at all. */
        CLUSTER_DOWN,
        /** {@code LOADING}: the server reads its data still. */
        LOADING,
        /** {@code MASTERDOWN}: the replica has lost its master, and serves no stale data. */
        MASTER_DOWN,
        /** {@code READONLY}: a write was sent to a replica. */
        READ_ONLY,
        /** {@code NOAUTH}: there is a password, and none was sent. */
        NO_AUTH,
        /** AUTH was refused: {@code WRONGPASS}, or in other words; also where the server has no password or no users. */
        WRONG_PASS,
        /** {@code NOPERM}: the user may not run this command, or not on these keys. */
        NO_PERM,
        /** The server runs without cluster mode. */
        CLUSTER_DISABLED,
        /** The server does not know the command. */
        UNKNOWN_COMMAND
    }

    private static final Kind[] KINDS = Kind.values();

    private final Kind kind;
    private final int slot;
    private final String host;
    private final int port;

    private ErrorReply(Packed packed) {
        kind = KINDS[packed.nextByte()];
        boolean redirects = kind == Kind.MOVED || kind == Kind.ASK;
        slot = redirects ? packed.nextShort() : -1;
        host = redirects ? packed.nextText() : "";
        port = redirects ? packed.nextShort() : 0;
    }

    /**
     * Sorts an error reply, given with or without its {@code -} and its line end, such as the message of an exception of
     * Jedis. Every text is sorted, none is refused. Any thread.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#INVALID_ARGUMENT} if the text is null,
     *     {@link SlotkeeperException#LIBRARY} if the library cannot be loaded
     */
    public static ErrorReply parse(String text) {
        Slotkeeper.load();
        return new ErrorReply(new Packed(Native.parseError(text)));
    }

    /** What it means. */
    public Kind kind() {
        return kind;
    }

    /** MOVED and ASK: the slot; else -1. */
    public int slot() {
        return slot;
    }

    /**
     * MOVED and ASK: the host to go to, a name or an address, IPv6 without brackets. Empty: the host of the node that
     * answered; {@code ?}: not known to it, so that only CLUSTER NODES can tell.
     */
    public String host() {
        return host;
    }

    /** MOVED and ASK: the port to go to; else 0. */
    public int port() {
        return port;
    }

    /** Meaning, slot and where to go, for messages. */
    @Override
    public String toString() {
        return slot < 0 ? kind.toString() : kind + " " + slot + " " + host + ":" + port;
    }
}
