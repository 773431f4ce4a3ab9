package io.slotkeeper;

/** How bad a finding is, from the least to the worst. */
public enum Severity {
    /** To be mended before it meets something else. */
    WARNING,
    /** Slots are lost, or one failure would lose some. */
    CRITICAL;

    private static final Severity[] ALL = values();

    /** The severity with the library's number, which start with 1. */
    static Severity ofNumber(int number) {
        return ALL[number - 1];
    }
}
