package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ClassLoaderTest {

    @Test
    void says_clearly_that_jedis_is_in_another_class_loader() throws Exception {
        try (URLClassLoader child = ChildLoader.make()) {
            Class<?> attach = child.loadClass(JedisAttach.class.getName());
            InvocationTargetException failure = assertThrows(InvocationTargetException.class,
                    () -> attach.getMethod("attach", child.loadClass(Keeper.class.getName()), Supplier.class)
                            .invoke(null, null, null));

            assertEquals(IllegalStateException.class, failure.getCause().getClass());
            assertTrue(failure.getCause().getMessage().contains("must be in one class loader"), failure.getCause().getMessage());
        }
    }

    /** As in an application server that brings Jedis for all its applications. */
    @Test
    @SuppressWarnings("unchecked") // What is made has no type that both class loaders know, but those of Java.
    void a_keeper_cluster_works_with_jedis_in_a_parent_class_loader() throws Exception {
        try (TestCluster servers = Fixture.cluster("A B C", 5000);
                URLClassLoader child = ChildLoader.make();
                AutoCloseable client = (AutoCloseable) child.loadClass(ClientInChild.class.getName())
                        .getConstructor(String.class, String.class).newInstance(servers.seeds(), Fixture.PASSWORD)) {
            UnaryOperator<String> ownerOf = (UnaryOperator<String>) client;
            String key = Fixture.keys(0, 0, 1).get(0);
            assertEquals(servers.node("m0").address(), ownerOf.apply(key));

            servers.moveSlots("m0", "m1", 0, 0);

            assertEquals(servers.node("m1").address(), ownerOf.apply(key));
        }
    }
}
