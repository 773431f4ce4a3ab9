package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Slotkeeper;
import io.slotkeeper.test.PanickingLibrary;
import io.slotkeeper.test.TestCluster;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fault of the native library in any one of its methods, caught at its boundary. If there is a keeper, its cluster works, since it
 * asks the nodes as plain Jedis would; if there is none, that is one exception, at the start.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PanicTest {

    private static final String PATH = "slotkeeper.library.path";
    private static final List<String> NEEDED_TO_OPEN = Arrays.asList("checkConfig", "properties", "keeperOpen");
    private static final List<String> KEYS = Fixture.keys(0, 16383, 20);

    private static TestCluster servers;

    @BeforeAll
    static void start() {
        servers = Fixture.cluster("A B C", 5000);
        // That of the other tests, before any other may be found.
        Slotkeeper.load();
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void with_a_keeper_that_panics_at_any_call_commands_go_on(@TempDir Path directory) throws Exception {
        String before = System.getProperty(PATH);
        System.setProperty(PATH, PanickingLibrary.make(directory).toString());
        try (URLClassLoader child = ChildLoader.make()) {
            for (String method : PanickingLibrary.methods()) {
                PanickingLibrary.panicAt(method, true);
                if (NEEDED_TO_OPEN.contains(method)) {
                    assertIsTold(child, method);
                } else {
                    assertWorks(child, method);
                }
                PanickingLibrary.panicAt(method, false);
            }
        } finally {
            if (before == null) {
                System.clearProperty(PATH);
            } else {
                System.setProperty(PATH, before);
            }
        }
    }

    @SuppressWarnings("unchecked") // What is made has no type that both class loaders know, but those of Java.
    private static void assertWorks(ClassLoader child, String method) throws Exception {
        try (AutoCloseable client = make(child)) {
            for (String key : KEYS) {
                assertEquals("value of " + key, ((UnaryOperator<String>) client).apply(key), method);
            }
        }
    }

    private static void assertIsTold(ClassLoader child, String method) throws Exception {
        try (AutoCloseable client = make(child)) {
            throw new AssertionError(client + " was made although " + method + " panics");
        } catch (InvocationTargetException e) {
            assertEquals("io.slotkeeper.SlotkeeperException", e.getCause().getClass().getName());
            assertTrue(e.getCause().getMessage().contains(method), e.getCause().getMessage());
        }
    }

    private static AutoCloseable make(ClassLoader child) throws Exception {
        return (AutoCloseable) child.loadClass(PanickedClient.class.getName()).getConstructor(String.class, String.class)
                .newInstance(servers.seeds(), Fixture.PASSWORD);
    }
}
