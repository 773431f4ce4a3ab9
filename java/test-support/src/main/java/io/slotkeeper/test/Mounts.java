package io.slotkeeper.test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Programs that see an empty file system in a place where nobody else does; it is gone with them. */
public final class Mounts {

    private Mounts() {}

    /** Whether this user may have such. */
    public static boolean arePossible() throws IOException, InterruptedException {
        return new ProcessBuilder("unshare", "--mount", "true").start().waitFor() == 0;
    }

    /** What starts the command that follows it, with a file system of these options ({@code noexec}, {@code ro}) at this place. */
    public static List<String> with(Path place, String options) {
        return Arrays.asList("unshare", "--mount", "sh", "-c", "mount -t tmpfs -o " + options + " none '" + place + "' && exec \"$@\"", "sh");
    }
}
