package io.slotkeeper.internal;

/**
 * The native methods: all of them, and nothing else. Load the library with {@link Loader#load()} first.
 *
 * <p>Any of them may throw a {@code SlotkeeperException} made by the native side. A keeper is a number that is looked
 * up, never an address: one that was closed, or never was one, gives code 20. Rows of a table are laid end to end.
 */
public final class Native {

    private Native() {}

    /** The version of the library. */
    public static native String version();

    /** Rows of 5: name, type, default, allowed, sentence. */
    public static native String[] properties();

    /** Rows of 6: name, kind, unit, labels between commas, bounds between commas, sentence. */
    public static native String[] metrics();

    /** Checks name, value, name, value, …; throws for the first that is wrong. */
    public static native void checkConfig(String[] config);

    /** The elapsed µs, then rows of 4: seed, verdict, µs, detail. */
    public static native String[] checkSeeds(String[] config);

    /** Opens a keeper. */
    public static native long keeperOpen(String[] config);

    /** Closes it, and wakes all that wait on it with code 20. */
    public static native void keeperClose(long keeper);

    /**
     * The latest topology, {@link Packed} as {@code TopologyReader} reads it; null if its generation is not above
     * {@code after}.
     */
    public static native byte[] keeperTopology(long keeper, long after);

    /** The generation that holds after a round begun after the call; {@code host} (null: any node) is asked first. */
    public static native long keeperRefresh(long keeper, String host, int port, long timeoutMs);

    public static native void keeperReset(long keeper, long timeoutMs);

    /** Never waits. */
    public static native void keeperNotifyFailure(long keeper, String host, int port);

    /** Name, value, name, value, … */
    public static native String[] keeperStatus(long keeper);

    /** What the keeper has measured, {@link Packed} as {@code Samples} reads it. */
    public static native byte[] keeperMetrics(long keeper);

    /**
     * Sets what new connections log in with; whether that is other than before. A {@code username} of null keeps the one there
     * is. The password is UTF-8.
     */
    public static native boolean keeperSetCredentials(long keeper, String username, byte[] password);

    /** How often a node has refused credentials. */
    public static native long keeperCredentialsRefused(long keeper);

    /**
     * Waits for the next event or log line, {@link Packed} as {@code HandOvers} reads it; null if there was none in time.
     */
    public static native byte[] keeperNextEvent(long keeper, long timeoutMs);

    /** The keeper's latest audit, {@link Packed} as {@code Audit} reads it; null before the first. */
    public static native byte[] keeperAudit(long keeper);

    /** What the loss of all these does, or without any each loss, {@link Packed} as {@code Outcome} reads it; null before the first audit. */
    public static native byte[] keeperWhatIf(long keeper, String[] lost);

    /** The audit of a CLUSTER NODES reply with the zones of a configuration, {@link Packed} as {@code Audit} reads it. */
    public static native byte[] audit(byte[] reply, String[] config);

    /** The same of losses, {@link Packed} as {@code Outcome} reads it. */
    public static native byte[] whatIf(byte[] reply, String[] config, String[] lost);

    /** The log lines that wait now, rows of 2: level, message. */
    public static native String[] drainLog();

    /** A CLUSTER NODES reply, {@link Packed} as {@code NodesReply} reads it. */
    public static native byte[] parseNodes(byte[] reply);

    /** A CLUSTER INFO reply, {@link Packed} as {@code ClusterInfo} reads it. */
    public static native byte[] parseInfo(byte[] reply);

    /** An error reply, {@link Packed} as {@code ErrorReply} reads it. */
    public static native byte[] parseError(String text);

    /** The slot of a key, so that tests can compare the one in Java with it. */
    public static native short keySlot(byte[] key);
}
