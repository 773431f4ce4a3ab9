package io.slotkeeper.test;

import java.util.Locale;

/** What a benchmark's measure must reach, and what it is. Immutable. */
public final class Floor {

    private final String what;
    private final double measured;
    private final double limit;
    private final boolean isAtLeast;

    private Floor(String what, double measured, double limit, boolean isAtLeast) {
        this.what = what;
        this.measured = measured;
        this.limit = limit;
        this.isAtLeast = isAtLeast;
    }

    /** Held by a measure up to the limit; {@code NaN} is one that is missing. */
    public static Floor atMost(String what, double measured, double limit) {
        return new Floor(what, measured, limit, false);
    }

    /** Held by a measure from the limit on; {@code NaN} is one that is missing. */
    public static Floor atLeast(String what, double measured, double limit) {
        return new Floor(what, measured, limit, true);
    }

    /** The measure in words. */
    public String what() {
        return what;
    }

    /** What was measured; {@code NaN} if it was not. */
    public double measured() {
        return measured;
    }

    /** What it must reach, or must not exceed. */
    public double limit() {
        return limit;
    }

    /** Whether it must reach its limit; else it must not exceed it. */
    public boolean isAtLeast() {
        return isAtLeast;
    }

    /** In words; a measure that is missing holds nothing. */
    public String verdict() {
        return Double.isNaN(measured) ? "not measured" : (isAtLeast ? measured >= limit : measured <= limit) ? "held" : "MISSED";
    }

    /** As an object of JSON; {@link #what} must have nothing in it that JSON writes otherwise. */
    public String json() {
        return "{\"what\": \"" + what + "\", \"measured\": " + number(measured) + ", \"" + (isAtLeast ? "at_least" : "at_most") + "\": "
                + number(limit) + ", \"verdict\": \"" + verdict() + "\"}";
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.4f", value);
    }
}
