package io.slotkeeper;

import io.slotkeeper.internal.Loader;
import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The library itself: its version, its loading, its configuration properties. */
public final class Slotkeeper {

    private Slotkeeper() {}

    /**
     * Loads the native library, once; every other call that needs it does so by itself.
     *
     * <p>Looked for in this order: the file named by the system property {@code slotkeeper.library.path} (and then
     * nowhere else), the directories of {@code java.library.path}, the file in the jar.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY}; the message names each place that was
     *     tried, and the property to set. The next call tries again.
     */
    public static void load() {
        Loader.load();
    }

    /**
     * The version of the native library, such as {@code 0.1.0}.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded
     */
    public static String version() {
        load();
        return Native.version();
    }

    /**
     * All properties that a {@link Config} may have.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded
     */
    public static List<Property> properties() {
        load();
        String[] cells = Native.properties();
        List<Property> properties = new ArrayList<>();
        for (int i = 0; i < cells.length; i += 5) {
            properties.add(new Property(cells[i], cells[i + 1], cells[i + 2], cells[i + 3], cells[i + 4]));
        }
        return Collections.unmodifiableList(properties);
    }

    /**
     * Everything that support needs to know, in one text: versions, each open keeper of this class loader with configuration, status,
     * nodes, slots, last events and metrics, and each gate. Without any password, of a bounded length. Never throws: what cannot be
     * told, as without a working library, says why.
     */
    public static String dump() {
        return Dump.make();
    }

    /**
     * What is wrong with the layout that a CLUSTER NODES reply, or a {@code nodes.conf} file, shows, with the zones ({@code zone.<name>}) of
     * this configuration; nothing else of it counts. One native call, without any network. What the nodes' settings and their replication
     * would tell is not known here. Any thread.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#BAD_REPLY} if it tells of no cluster,
     *     {@link SlotkeeperException#TOO_LARGE} as {@link NodesReply#parse(byte[])}, {@link SlotkeeperException#LIBRARY} if the library cannot
     *     be loaded
     */
    public static Audit audit(byte[] reply, Config zones) {
        load();
        return new Audit(new Packed(Native.audit(reply, zones.pairs())));
    }

    /**
     * What becomes of the cluster of such a reply if all that {@code lost} names is lost at once; see {@link Keeper#whatIf}. Times are those
     * of a {@code cluster-node-timeout} of 15 s, the servers' default.
     *
     * @throws SlotkeeperException as {@link #audit}, and code {@link SlotkeeperException#INVALID_ARGUMENT} if nothing is called so
     */
    public static List<Outcome> whatIf(byte[] reply, Config zones, String... lost) {
        load();
        return Outcome.list(new Packed(Native.whatIf(reply, zones.pairs(), lost)));
    }

    /**
     * All metrics that {@link Keeper#metrics} and {@link Gate#metrics} may give.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded
     */
    public static List<Metric> metrics() {
        return Samples.metrics();
    }
}
