package io.slotkeeper;

import io.slotkeeper.internal.Loader;
import io.slotkeeper.internal.Native;
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
     * All metrics that {@link Keeper#metrics} and {@link Gate#metrics} may give.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded
     */
    public static List<Metric> metrics() {
        return Samples.metrics();
    }
}
