package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ClassLoaderTest {

    @Test
    void says_clearly_that_jedis_is_in_another_class_loader() throws Exception {
        URL[] ours = {location(JedisAttach.class), location(Keeper.class)};
        ClassLoader parent = new Without("io.slotkeeper.", Family.IN_PACKAGE_OF_JEDIS);
        try (URLClassLoader child = new URLClassLoader(ours, parent)) {
            Class<?> attach = child.loadClass(JedisAttach.class.getName());
            InvocationTargetException failure = assertThrows(InvocationTargetException.class,
                    () -> attach.getMethod("attach", child.loadClass(Keeper.class.getName()), Supplier.class)
                            .invoke(null, null, null));

            assertEquals(IllegalStateException.class, failure.getCause().getClass());
            assertTrue(failure.getCause().getMessage().contains("must be in one class loader"), failure.getCause().getMessage());
        }
    }

    private static URL location(Class<?> of) {
        return of.getProtectionDomain().getCodeSource().getLocation();
    }

    /** All classes of this test but some. */
    private static final class Without extends ClassLoader {

        private final String[] hidden;

        Without(String... hidden) {
            super(ClassLoaderTest.class.getClassLoader());
            this.hidden = hidden;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            for (String prefix : hidden) {
                if (name.startsWith(prefix)) {
                    throw new ClassNotFoundException(name);
                }
            }
            return super.loadClass(name, resolve);
        }
    }
}
