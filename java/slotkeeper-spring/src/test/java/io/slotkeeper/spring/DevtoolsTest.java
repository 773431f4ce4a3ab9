package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.test.TestCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restart by devtools, in a JVM of its own, on a real cluster of which one node is dead. */
class DevtoolsTest {
    @Test
    void after_a_restart_only_healthy_nodes_are_seen_and_there_is_one_keeper(@TempDir Path directory) throws Exception {
        assumeTrue(Boot.isAtLeast(2), "the devtools of Boot 1.5 do not run on Java 17");
        Path output = directory.resolve("output");
        try (TestCluster cluster = TestCluster.start("A B B", "--password", "secret")) {
            cluster.kill("m0");
            String healthy = cluster.node("m1").address() + "," + cluster.node("m2").address();
            int status = Child.whole()
                    .with("spring.devtools.restart.enabled", "true")
                    .run(output, DevtoolsApplication.class,
                            "--spring.redis.cluster.nodes=" + cluster.node("m0").address() + "," + healthy,
                            "--spring.redis.password=secret", "--athena.redis.url=none");
            String text = Child.read(output);
            assertEquals(0, status, text);
            for (int run = 1; run <= 2; run++) {
                assertTrue(text.contains("run=" + run + " loader=RestartClassLoader url=" + healthy + " keepers=1"), text);
            }
            assertEquals(2, Warnings.in(text).size(), text);
        }
    }
}
