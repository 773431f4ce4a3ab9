package io.slotkeeper;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** A jar as Spring Boot's plugin makes it: the class path of this JVM as jars inside it, and Boot's loader for them. */
final class BootJar {

    private static final String LOADER = "org/springframework/boot/loader/";
    private static final String LIBRARIES = "BOOT-INF/lib/";

    private BootJar() {}

    /** Makes one of this program. */
    static Path make(Path file, Class<?> program) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, (LOADER + "JarLauncher").replace('/', '.'));
        attributes.putValue("Start-Class", program.getName());
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            directory(jar, "BOOT-INF/");
            directory(jar, "BOOT-INF/classes/");
            directory(jar, LIBRARIES);
            int number = 0;
            for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
                if (part.contains("spring-boot-loader")) {
                    unpack(jar, part);
                } else if (Files.isDirectory(Paths.get(part))) {
                    store(jar, LIBRARIES + number++ + ".jar", pack(Paths.get(part)));
                } else if (part.endsWith(".jar")) {
                    store(jar, LIBRARIES + number++ + ".jar", Files.readAllBytes(Paths.get(part)));
                }
            }
        }
        return file;
    }

    private static void directory(JarOutputStream jar, String name) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.closeEntry();
    }

    /** Uncompressed, as the loader needs it. */
    private static void store(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        JarEntry entry = new JarEntry(name);
        entry.setMethod(JarEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        jar.putNextEntry(entry);
        jar.write(bytes);
        jar.closeEntry();
    }

    /** The loader itself, which the system's class loader has to find. */
    private static void unpack(JarOutputStream jar, String loader) throws IOException {
        try (JarFile from = new JarFile(loader)) {
            List<JarEntry> entries = from.stream().filter(entry -> entry.getName().startsWith("org/")).collect(Collectors.toList());
            for (JarEntry entry : entries) {
                jar.putNextEntry(new JarEntry(entry.getName()));
                copy(from, entry, jar);
                jar.closeEntry();
            }
        }
    }

    private static void copy(JarFile from, JarEntry entry, OutputStream to) throws IOException {
        byte[] buffer = new byte[1 << 14];
        try (InputStream in = from.getInputStream(entry)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                to.write(buffer, 0, count);
            }
        }
    }

    private static byte[] pack(Path directory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Path> files;
        try (Stream<Path> found = Files.walk(directory)) {
            files = found.filter(Files::isRegularFile).collect(Collectors.toList());
        }
        try (JarOutputStream jar = new JarOutputStream(bytes)) {
            for (Path file : files) {
                jar.putNextEntry(new JarEntry(directory.relativize(file).toString()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
