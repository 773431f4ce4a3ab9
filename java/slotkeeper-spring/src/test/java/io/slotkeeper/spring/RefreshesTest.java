package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.ProcessFacts;
import io.slotkeeper.test.TestCluster;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Contexts that come and go leave nothing behind: as many as the system property {@code slotkeeper.refreshes} says, each with a class
 * loader of its own, on a real cluster.
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class RefreshesTest {
    private static final int COUNT = Integer.getInteger("slotkeeper.refreshes", 50);
    /** Threads of the JVM itself come and go; a leak would be one for each context. */
    private static final int OF_THE_JVM = 8;

    @Test
    void no_keeper_thread_descriptor_or_class_loader_stays() throws Exception {
        try (TestCluster cluster = TestCluster.start("A B B", "--password", "secret")) {
            List<WeakReference<?>> gone = new ArrayList<>();
            for (int warmingUp = 0; warmingUp < 5; warmingUp++) {
                startAndClose(cluster, gone);
            }
            ProcessFacts before = settled();
            long start = System.nanoTime();
            for (int refresh = 0; refresh < COUNT; refresh++) {
                startAndClose(cluster, gone);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            ProcessFacts after = ProcessFacts.now();
            while (held(gone) > 0 || after.threads() > before.threads() + OF_THE_JVM
                    || after.descriptors() > before.descriptors() + OF_THE_JVM) {
                assertTrue(System.nanoTime() < deadline, held(gone) + " of " + gone.size() + " keepers and class loaders are held; before "
                        + before + ", after " + after);
                System.gc();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                after = ProcessFacts.now();
            }
            assertEquals(0, keeperThreads());
            System.out.println(COUNT + " contexts in " + millis + " ms; before: " + before + "; after: " + after);
        }
    }

    private static void startAndClose(TestCluster cluster, List<WeakReference<?>> gone) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader usual = thread.getContextClassLoader();
        try (URLClassLoader own = new URLClassLoader(new URL[0], RefreshesTest.class.getClassLoader());
                AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            thread.setContextClassLoader(own);
            context.setClassLoader(own);
            Map<String, Object> values = new HashMap<>();
            values.put("spring.redis.cluster.nodes", cluster.seeds());
            values.put("spring.redis.password", "secret");
            context.getEnvironment().getPropertySources().addLast(new MapPropertySource("test", values));
            new SlotkeeperInitializer().initialize(context);
            context.register(SlotkeeperConfiguration.class);
            context.refresh();
            gone.add(new WeakReference<>(own));
            gone.add(new WeakReference<>(context.getBean(Keeper.class)));
        } finally {
            thread.setContextClassLoader(usual);
        }
    }

    private static ProcessFacts settled() {
        System.gc();
        return ProcessFacts.now();
    }

    private static long held(List<WeakReference<?>> references) {
        return references.stream().filter(reference -> reference.get() != null).count();
    }

    private static long keeperThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("slotkeeper-")).count();
    }
}
