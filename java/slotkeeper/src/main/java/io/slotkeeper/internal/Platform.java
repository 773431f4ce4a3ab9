package io.slotkeeper.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What this JVM runs on, in the words that the jar's directories are named by: {@code linux-x86_64-musl}. */
final class Platform {

    /** All that a jar may hold a library for. */
    private static final String[] KNOWN = {"linux-x86_64", "linux-x86_64-musl", "linux-aarch64", "linux-aarch64-musl"};

    private Platform() {}

    /** The name of this platform, known or not. */
    static String name() {
        return name(System.getProperty("os.name", ""), System.getProperty("os.arch", ""), mappedFiles());
    }

    static String name(String os, String arch, List<String> mappedFiles) {
        return word(os) + "-" + (arch.equals("amd64") ? "x86_64" : word(arch)) + (isMusl(mappedFiles) ? "-musl" : "");
    }

    /** The platforms that this jar has a library for. */
    static List<String> bundled() {
        List<String> bundled = new ArrayList<>();
        for (String platform : KNOWN) {
            if (Platform.class.getResource(BundledLibrary.resource(platform)) != null) {
                bundled.add(platform);
            }
        }
        return bundled;
    }

    /** The files that this process has mapped; empty where the system does not tell. */
    static List<String> mappedFiles() {
        Path maps = Paths.get("/proc/self/maps");
        try {
            List<String> files = new ArrayList<>();
            for (String line : new String(Files.readAllBytes(maps), StandardCharsets.ISO_8859_1).split("\n")) {
                int path = line.indexOf('/');
                if (path >= 0) {
                    files.add(line.substring(path));
                }
            }
            return files;
        } catch (IOException noProcFileSystem) {
            return Collections.emptyList();
        }
    }

    /** Looks at what is mapped: whether a musl file exists says nothing, glibc hosts have it as well. */
    private static boolean isMusl(List<String> mappedFiles) {
        for (String file : mappedFiles) {
            if (file.contains("/ld-musl-") || file.contains("/libc.musl-")) {
                return true;
            }
        }
        return false;
    }

    private static String word(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "");
    }
}
