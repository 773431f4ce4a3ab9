package io.slotkeeper.test;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A library that stands in front of the real one, and in which each native method can be told to end as it does when the real one
 * panics: with a {@code SlotkeeperException} of code 90. Made by the system's C compiler of {@code panicking.c}.
 */
public final class PanickingLibrary {

    private static final String SWITCH = "slotkeeper.test.panics.";
    private static final String SOURCE = "panicking.c";
    private static final String REAL = "/native/linux-" + (System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64")
            + "/libslotkeeper.so";

    private PanickingLibrary() {}

    /** The names of all native methods. */
    public static List<String> methods() {
        try {
            Class<?> type = Class.forName("io.slotkeeper.internal.Native", false, PanickingLibrary.class.getClassLoader());
            return Arrays.stream(type.getDeclaredMethods()).filter(method -> Modifier.isNative(method.getModifiers()))
                    .map(Method::getName).sorted().collect(Collectors.toList());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the module slotkeeper is to be on the class path", e);
        }
    }

    /** Makes it in this directory; the file, for {@code slotkeeper.library.path}. */
    public static Path make(Path directory) throws IOException, InterruptedException {
        Path real = copy(REAL, directory.resolve("real.so"));
        Path source = copy(SOURCE, directory.resolve(SOURCE));
        Path library = directory.resolve("libslotkeeper.so");
        String headers = System.getProperty("slotkeeper.test-jdk", System.getProperty("java.home")) + "/include";
        String methods = methods().stream().map(name -> "METHOD(" + name + ")").collect(Collectors.joining(" "));
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-I", headers, "-I", headers + "/linux", "-DREAL=\"" + real + '"',
                "-DMETHODS=" + methods, source.toString(), "-o", library.toString(), "-ldl").inheritIO().start();
        if (!compiler.waitFor(60, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new IllegalStateException("cc does not compile " + source);
        }
        return library;
    }

    /** From now on calls of this method panic, or no longer do. */
    public static void panicAt(String method, boolean on) {
        System.setProperty(SWITCH + method, Boolean.toString(on));
    }

    private static Path copy(String resource, Path file) throws IOException {
        try (InputStream in = PanickingLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            Files.copy(in, file);
            return file;
        }
    }
}
