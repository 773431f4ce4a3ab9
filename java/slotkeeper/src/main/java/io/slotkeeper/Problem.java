package io.slotkeeper;

/** A line of a reply, or a slot item of a line, that could not be read and was skipped. Immutable. */
public final class Problem {

    private final int line;
    private final String reason;

    Problem(int line, String reason) {
        this.line = line;
        this.reason = reason;
    }

    /** The line's number, from 1. */
    public int line() {
        return line;
    }

    /** What is wrong with it. */
    public String reason() {
        return reason;
    }

    /** {@code line 3: …} */
    @Override
    public String toString() {
        return "line " + line + ": " + reason;
    }
}
