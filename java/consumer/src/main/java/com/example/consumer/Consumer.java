package com.example.consumer;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.SeedFilter;
import io.slotkeeper.Slotkeeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/** Uses what was deployed as an application would, though no server runs; then looks into the jars that the arguments name. */
public final class Consumer {

    /** Of class files for Java 8. */
    private static final int NEWEST_FORMAT = 52;

    private Consumer() {}

    /** Fails if anything is not as it should be. */
    public static void main(String[] jars) throws IOException {
        Config config = Config.empty().with("seeds", "127.0.0.1:1").with("seeds.deadline-ms", "300");
        System.out.println("version " + Slotkeeper.version() + ": " + SeedFilter.check(config));
        try (Keeper keeper = Keeper.open(config); JedisCluster cluster = KeeperCluster.builder(keeper).build()) {
            cluster.get("key");
            throw new AssertionError("nobody is there to answer");
        } catch (JedisException expected) {
            System.out.println("as expected: " + expected);
        }
        for (String jar : jars) {
            check(jar);
        }
    }

    private static void check(String name) throws IOException {
        try (JarFile jar = new JarFile(name)) {
            String module = jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name");
            if (module == null || !module.matches("io\\.slotkeeper[a-z.]*")) {
                throw new AssertionError(name + " is the module " + module);
            }
            int classes = 0;
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    classes++;
                    checkFormat(jar, entry);
                }
            }
            System.out.println(name.replaceAll(".*/", "") + ": module " + module + ", " + classes + " classes for Java 8");
        }
    }

    private static void checkFormat(JarFile jar, JarEntry entry) throws IOException {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
            in.readInt();
            in.readUnsignedShort();
            int format = in.readUnsignedShort();
            if (format > NEWEST_FORMAT) {
                throw new AssertionError(entry + " has format " + format + ", newer than Java 8's " + NEWEST_FORMAT);
            }
        }
    }
}
