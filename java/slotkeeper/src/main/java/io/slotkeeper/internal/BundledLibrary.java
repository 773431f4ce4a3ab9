package io.slotkeeper.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The library in the jar: unpacked to a directory that only this user can reach, verified, loaded, deleted. */
final class BundledLibrary {

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private BundledLibrary() {}

    /** Where the jar has the library of a platform; its checksum stands beside it. */
    static String resource(String platform) {
        return "/native/" + platform + "/libslotkeeper.so";
    }

    /**
     * Loads the library of this platform.
     *
     * @throws IOException if it cannot be unpacked, or is not what the checksum says
     * @throws UnsatisfiedLinkError if the system does not load it
     */
    static void load(String platform) throws IOException {
        byte[] library = read(resource(platform));
        verify(library, checksum(platform), resource(platform));
        Path directory = Files.createTempDirectory(parent(), "slotkeeper-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = directory.resolve("libslotkeeper.so");
        try {
            Files.write(file, library);
            Loader.loadFile(file);
        } finally {
            // What is mapped stays mapped; a file that nobody needs any more is only litter.
            delete(file);
            delete(directory);
        }
    }

    /** The directory that the fresh one is made in. */
    static Path parent() {
        String chosen = System.getProperty(Loader.EXTRACT_PROPERTY);
        return Paths.get(chosen != null ? chosen : System.getProperty("java.io.tmpdir"));
    }

    private static String checksum(String platform) throws IOException {
        String text = new String(read(resource(platform) + ".sha256"), StandardCharsets.US_ASCII).trim();
        return text.split("\\s", 2)[0];
    }

    private static void verify(byte[] library, String expected, String resource) throws IOException {
        StringBuilder actual = new StringBuilder();
        for (byte b : sha256().digest(library)) {
            // Not String.format: its first use costs a starting JVM some 30 ms.
            actual.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        if (!expected.equalsIgnoreCase(actual.toString())) {
            throw new IOException(resource + " was changed or is broken: its SHA-256 is " + actual + ", and not "
                    + expected);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    private static byte[] read(String resource) throws IOException {
        try (InputStream in = BundledLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is missing");
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                bytes.write(buffer, 0, count);
            }
            return bytes.toByteArray();
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", path, e.toString());
        }
    }
}
