package io.slotkeeper;

/**
 * What went wrong: a stable number, and a sentence that names the input and what is allowed. Holds no password.
 *
 * <p>The numbers are those of the C ABI, written out here so that callers can compare; they are never reused.
 */
public final class SlotkeeperException extends RuntimeException {

    /** An argument is null or outside its range. */
    public static final int INVALID_ARGUMENT = 1;
    /** A text is not an address of a node. */
    public static final int INVALID_ADDRESS = 2;
    /** No property of the configuration has this name. */
    public static final int UNKNOWN_PROPERTY = 3;
    /** A property's value is not among what it allows. */
    public static final int INVALID_VALUE = 4;
    /** A property that is needed has no value. */
    public static final int MISSING_PROPERTY = 5;
    /** The keeper was closed. */
    public static final int CLOSED = 20;
    /** No answer that could be used before the deadline. */
    public static final int TIMEOUT = 40;
    /** A reply is not what the protocol says. */
    public static final int BAD_REPLY = 42;
    /** A reply is larger than Slotkeeper reads. */
    public static final int TOO_LARGE = 43;
    /** The audit has critical findings, and the configuration forbids a start with such. */
    public static final int AUDIT_FAILED = 44;
    /** The system refused a thread, a socket or a file. */
    public static final int SYSTEM = 60;
    /** The native library could not be loaded; only in Java. */
    public static final int LIBRARY = 61;
    /** A fault of the native library, caught before it could harm the JVM. */
    public static final int PANIC = 90;

    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * An exception of this code with this sentence.
     *
     * @param code one of the constants of this class
     * @param message names the input, what is wrong with it and what is allowed
     */
    public SlotkeeperException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** What went wrong: one of the constants of this class. */
    public int code() {
        return code;
    }
}
