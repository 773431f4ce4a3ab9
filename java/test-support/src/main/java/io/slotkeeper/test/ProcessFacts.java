package io.slotkeeper.test;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;

/** What Linux tells of this process at one moment: native threads, open descriptors, resident memory. Immutable. */
public final class ProcessFacts {

    private final int threads;
    private final int descriptors;
    private final long residentKib;

    private ProcessFacts(int threads, int descriptors, long residentKib) {
        this.threads = threads;
        this.descriptors = descriptors;
        this.residentKib = residentKib;
    }

    /** What holds now. */
    public static ProcessFacts now() {
        return new ProcessFacts(count("/proc/self/task"), count("/proc/self/fd"), status("VmRSS:"));
    }

    /** The number of this process. */
    public static long pid() {
        return status("Pid:");
    }

    /** The names of the native threads of a process. */
    public static List<String> threadNames(long pid) {
        List<String> names = new ArrayList<>();
        for (File task : list("/proc/" + pid + "/task")) {
            try {
                names.add(read(task + "/comm").trim());
            } catch (IOException gone) {
                // The thread ended while the list was read.
            }
        }
        return names;
    }

    /** How many threads the process has, those of the JVM and of native code. */
    public int threads() {
        return threads;
    }

    /** How many descriptors are open. */
    public int descriptors() {
        return descriptors;
    }

    /** Resident memory in KiB. */
    public long residentKib() {
        return residentKib;
    }

    @Override
    public String toString() {
        return threads + " threads, " + descriptors + " descriptors, " + residentKib + " KiB resident";
    }

    private static int count(String directory) {
        return list(directory).length;
    }

    private static File[] list(String directory) {
        File[] files = new File(directory).listFiles();
        return files == null ? new File[0] : files;
    }

    private static long status(String name) {
        try {
            for (String line : read("/proc/self/status").split("\n")) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.substring(name.length()).replace("kB", "").trim());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("/proc tells nothing", e);
        }
        throw new IllegalStateException("/proc/self/status has no " + name);
    }

    private static String read(String file) throws IOException {
        return new String(Files.readAllBytes(Paths.get(file)), StandardCharsets.UTF_8);
    }
}
