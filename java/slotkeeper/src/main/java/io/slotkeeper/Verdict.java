package io.slotkeeper;

import java.util.Locale;

/** What a probe found about a seed: {@link #HEALTHY}, or the reason why a client could not start from it. */
public enum Verdict {
    /** A client can start from it. */
    HEALTHY,
    /** The name does not resolve. */
    UNRESOLVED,
    /** The connection was refused: nothing listens. */
    REFUSED,
    /** The network cannot reach it. */
    UNREACHABLE,
    /** It accepts nothing, or answers nothing. */
    SILENT,
    /** The TLS handshake failed. */
    TLS,
    /** The credentials were refused, or are missing. */
    AUTH,
    /** An ACL forbids CLUSTER. */
    DENIED,
    /** It is loading its data. */
    LOADING,
    /** Cluster mode is off. */
    NOT_CLUSTER,
    /** It knows no slots: fresh, or reset. */
    NO_SLOTS,
    /** The others do not know it: forgotten, or of another cluster. */
    OUTSIDER,
    /** It answers something that is not Redis. */
    PROTOCOL,
    /** It was not waited for. */
    LATE,
    /** The text is not an address. */
    INVALID;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The stable name, the same in C, metrics and messages, such as {@code not-cluster}. */
    public String text() {
        return text;
    }

    static Verdict of(String text) {
        for (Verdict verdict : values()) {
            if (verdict.text.equals(text)) {
                return verdict;
            }
        }
        throw new SlotkeeperException(SlotkeeperException.PANIC, "the native library gave an unknown verdict: " + text);
    }
}
