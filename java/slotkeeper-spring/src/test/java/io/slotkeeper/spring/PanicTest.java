package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.PanickingLibrary;
import io.slotkeeper.test.TestCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A fault of the native library in any one of its methods, caught at its boundary, never keeps an application from starting. */
class PanicTest {
    private static final String UNCHANGED = "athena.redis.url=as it was";
    /** Without these nothing is known of the nodes. */
    private static final List<String> NEEDED_FOR_CHECK =
            Arrays.asList("version", "properties", "checkConfig", "checkSeeds", "drainLog");

    @TempDir
    Path directory;

    @Test
    void a_panic_at_any_call_is_one_warning_and_the_application_starts() throws Exception {
        Map<String, List<String>> printed;
        String nodes;
        // With a replica: else the audit warns as well.
        try (TestCluster cluster = TestCluster.start("A/B")) {
            nodes = cluster.seeds();
            Path output = directory.resolve("output");
            Child child = Child.whole().with("slotkeeper.library.path", PanickingLibrary.make(directory).toString());
            assertEquals(0, child.run(output, PanicTest.class, nodes), Child.read(output));
            printed = sections(Child.read(output));
        }
        assertEquals(PanickingLibrary.methods().size(), printed.size());
        printed.forEach((method, lines) -> {
            String all = method + ":\n" + String.join("\n", lines);
            boolean isBlind = NEEDED_FOR_CHECK.contains(method);
            boolean isNeeded = isBlind || method.equals("keeperOpen");
            long warnings = lines.stream().filter(line -> line.contains(" WARN ")).count();
            assertTrue(isNeeded ? warnings == 1 : warnings <= 1, all);
            assertTrue(lines.contains("url=" + (isBlind ? "as it was" : nodes)), all);
            assertTrue(lines.contains("keeper=" + !isNeeded), all);
            assertEquals(isNeeded, lines.contains("required: it has not started"), all);
        });
    }

    /** In a JVM of its own: starts the application once for each method, which panics meanwhile. */
    public static void main(String[] arguments) {
        String nodes = "spring.redis.cluster.nodes=" + arguments[0];
        List<String> methods = new ArrayList<>(PanickingLibrary.methods());
        // Called while the library is being loaded, which succeeds once.
        methods.remove("version");
        methods.add(0, "version");
        for (String method : methods) {
            System.out.println("== " + method);
            PanickingLibrary.panicAt(method, true);
            boolean hasKeeper;
            try (ConfigurableApplicationContext context = Application.start(Beans.class, nodes, UNCHANGED)) {
                hasKeeper = context.containsBean("slotkeeper");
                System.out.println("url=" + context.getBean("url"));
                System.out.println("keeper=" + hasKeeper);
                context.getBean(RedisClusterTopologyRefresher.class).getStatus();
                System.out.println("==");
                context.getBean(RedisClusterTopologyRefresher.class).refreshNow();
            }
            if (!hasKeeper) {
                startRequired(nodes);
            }
            PanickingLibrary.panicAt(method, false);
        }
    }

    private static void startRequired(String nodes) {
        try {
            Application.start(Beans.class, nodes, UNCHANGED, "slotkeeper.required=true").close();
        } catch (IllegalStateException expected) {
            System.out.println("required: it has not started");
        }
    }

    /** What was printed, by method: warnings up to the line "==", and the others. */
    private static Map<String, List<String>> sections(String text) {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        for (String section : text.substring(text.indexOf("== ") + 3).split("(?m)^== ")) {
            String[] halves = section.split("(?m)^==$", 2);
            List<String> lines = new ArrayList<>(Arrays.asList(halves[0].split("\n")));
            Arrays.stream(halves[1].split("\n")).filter(line -> !line.contains(" WARN ")).forEach(lines::add);
            sections.put(lines.remove(0), lines);
        }
        return sections;
    }

    /** What is needed, and no more: many of them are started. */
    @Configuration(proxyBeanMethods = false)
    @Import(SlotkeeperConfiguration.class)
    static class Beans {
        @Bean
        String url(@Value("${athena.redis.url}") String url) {
            return url;
        }
    }
}
