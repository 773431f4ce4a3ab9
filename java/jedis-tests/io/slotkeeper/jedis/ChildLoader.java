package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import java.net.URL;
import java.net.URLClassLoader;

/** A class loader with Slotkeeper and these tests, whose parent has Jedis and all else. */
final class ChildLoader extends ClassLoader {

    private static final String[] HIDDEN = {"io.slotkeeper.", Family.IN_PACKAGE_OF_JEDIS};

    /** The parent: all classes of this JVM but some. */
    private ChildLoader() {
        super(ChildLoader.class.getClassLoader());
    }

    static URLClassLoader make() {
        URL[] ours = {location(JedisAttach.class), location(Keeper.class), location(ChildLoader.class)};
        return new URLClassLoader(ours, new ChildLoader());
    }

    private static URL location(Class<?> of) {
        return of.getProtectionDomain().getCodeSource().getLocation();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        for (String prefix : HIDDEN) {
            if (name.startsWith(prefix)) {
                throw new ClassNotFoundException(name);
            }
        }
        return super.loadClass(name, resolve);
    }
}
