package io.slotkeeper.internal;

import io.slotkeeper.SlotkeeperException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the native library once: the file named by {@link #PATH_PROPERTY} and then nothing else, or the first that
 * {@code java.library.path} has, or the one in the jar.
 */
public final class Loader {

    /** The file to load. */
    public static final String PATH_PROPERTY = "slotkeeper.library.path";
    /** Where the jar's library is unpacked, for systems that start nothing from their temporary directory. */
    public static final String EXTRACT_PROPERTY = "slotkeeper.library.extract-dir";
    /** The version of the library that these classes were written for. */
    public static final String VERSION = "0.1.0";

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private static volatile boolean loaded;
    /** From then on what is mapped may be our own, of an attempt that failed. Guarded by the class. */
    private static boolean tried;

    private Loader() {}

    /**
     * Loads the library, if that is not done yet.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY}; names each place tried and the property to set
     */
    public static void load() {
        if (!loaded) {
            loadOnce();
        }
    }

    /** The files of Slotkeeper's library in this process, which has several if several class loaders have one; empty where the system does not tell. */
    public static Set<String> loadedFiles() {
        return Platform.mappedFiles().stream().filter(file -> file.contains("libslotkeeper"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static synchronized void loadOnce() {
        if (loaded) {
            return;
        }
        if (!tried) {
            tried = true;
            warnOfOtherCopy();
        }
        Attempts attempts = new Attempts();
        String explicit = System.getProperty(PATH_PROPERTY);
        boolean found = explicit != null
                ? attempts.file(Paths.get(explicit).toAbsolutePath())
                : attempts.libraryPath() || attempts.jar();
        if (!found) {
            throw attempts.failure(explicit);
        }
        loaded = true;
    }

    /** Loads one file, and makes sure that it is what these classes need. */
    static void loadFile(Path file) {
        System.load(file.toString());
        String version;
        try {
            version = Native.version();
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError(file + " is a library, but not Slotkeeper's");
        }
        if (!version.equals(VERSION)) {
            // It cannot be unloaded, and its functions would be found before those of any other.
            throw new SlotkeeperException(SlotkeeperException.LIBRARY,
                    file + " is version " + version + ", but this jar needs " + VERSION + "; take the library of the jar"
                            + " (unset " + PATH_PROPERTY + ", clean java.library.path), or the jar of the library");
        }
    }

    private static void warnOfOtherCopy() {
        Set<String> files = loadedFiles();
        if (!files.isEmpty()) {
            LOG.warn("{} is in this JVM already, loaded by another class loader: this one gets a copy of its own,"
                    + " with keepers and threads of its own", files.iterator().next());
        }
    }

    /** The places tried so far, and why each did not do. */
    private static final class Attempts {

        private final List<String> places = new ArrayList<>();
        private final List<Throwable> causes = new ArrayList<>();

        boolean file(Path file) {
            if (!Files.isRegularFile(file)) {
                places.add(file + ": there is no such file");
                return false;
            }
            try {
                loadFile(file);
                return true;
            } catch (SlotkeeperException e) {
                throw e;
            } catch (UnsatisfiedLinkError | RuntimeException e) {
                failed(file.toString(), e);
                return false;
            }
        }

        boolean libraryPath() {
            String path = System.getProperty("java.library.path", "");
            for (String directory : path.split(File.pathSeparator)) {
                Path file = Paths.get(directory, System.mapLibraryName("slotkeeper")).toAbsolutePath();
                if (Files.isRegularFile(file)) {
                    if (file(file)) {
                        return true;
                    }
                    LOG.warn("{}; trying the next place", places.get(places.size() - 1));
                }
            }
            if (places.isEmpty()) {
                places.add("java.library.path: no " + System.mapLibraryName("slotkeeper") + " in " + path);
            }
            return false;
        }

        boolean jar() {
            String platform = Platform.name();
            List<String> bundled = Platform.bundled();
            if (!bundled.contains(platform)) {
                places.add("the jar: this is " + platform + ", and the jar has a library for "
                        + (bundled.isEmpty() ? "no platform" : String.join(", ", bundled)));
                return false;
            }
            try {
                BundledLibrary.load(platform);
                return true;
            } catch (SlotkeeperException e) {
                throw e;
            } catch (UnsatisfiedLinkError | IOException | RuntimeException e) {
                failed("the jar's library for " + platform + ", unpacked below " + BundledLibrary.parent()
                        + " (if that is mounted noexec, set " + EXTRACT_PROPERTY + " to another directory)", e);
                return false;
            }
        }

        SlotkeeperException failure(String explicit) {
            String advice = explicit != null
                    ? "the system property " + PATH_PROPERTY + " names it, and then nothing else is tried"
                    : "set the system property " + PATH_PROPERTY + " to the file";
            SlotkeeperException failure = new SlotkeeperException(SlotkeeperException.LIBRARY,
                    "the native library could not be loaded; tried " + String.join("; ", places) + "; " + advice);
            causes.forEach(failure::addSuppressed);
            return failure;
        }

        private void failed(String place, Throwable cause) {
            places.add(place + ": " + cause.getMessage() + hint(String.valueOf(cause.getMessage())));
            causes.add(cause);
        }

        private static String hint(String message) {
            if (message.contains("already loaded in another classloader")) {
                return " (each class loader needs a file of its own, as the jar gives it, or share one class loader)";
            }
            // JDK 24 and later with --illegal-native-access=deny.
            return message.startsWith("Illegal native access") ? " (start Java with --enable-native-access=ALL-UNNAMED)" : "";
        }
    }
}
