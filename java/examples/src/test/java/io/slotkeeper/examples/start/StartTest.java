package io.slotkeeper.examples.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.ClassPathXmlApplicationContext;
import redis.clients.jedis.JedisCluster;

/** The examples of {@code docs/java.md} on a real cluster of which one node, the first in the configuration, is dead. */
class StartTest {

    private static final String PASSWORD = "secret";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Path DOCUMENT = Paths.get("../../docs/java.md");
    /** In a line of the log: numbers, the cause of a generation, the health after it. */
    private static final Pattern VARIES = Pattern.compile("[0-9]+|(?<=\\()[a-z]+(?=\\):)|(?<=health )[a-z]+");

    @TempDir
    Path directory;

    private TestCluster servers;
    private String nodes;
    private Printed printed;

    @BeforeEach
    void start() {
        servers = TestCluster.start("A/B B/A B/A", "--password", PASSWORD, "--node-timeout", "1000");
        servers.kill("r1");
        String dead = servers.node("r1").address();
        nodes = dead + "," + servers.seeds().replace("," + dead, "");
        printed = Printed.begin();
    }

    @AfterEach
    void end() {
        printed.close();
        servers.close();
    }

    @Test
    void plain_jedis_starts_and_writes() throws IOException {
        PlainJedis.main(new String[] {nodes, PASSWORD});
        assertTrue(printed.text().contains("hello"), printed.text());
    }

    @Test
    void beans_in_xml_start_and_write() throws IOException {
        String file = "spring.redis.cluster.nodes=" + nodes + "\nspring.redis.password=" + PASSWORD
                + "\nathena.redis.url=${spring.redis.cluster.nodes}\n";
        Files.write(directory.resolve("redis.properties"), file.getBytes(StandardCharsets.UTF_8));
        try (ClassPathXmlApplicationContext context = new ClassPathXmlApplicationContext(new String[] {"redis-beans.xml"}, false)) {
            context.setClassLoader(withFilesOf(directory));
            context.refresh();
            writes(context.getBean(JedisCluster.class));
        }
    }

    @Test
    void a_boot_application_starts_and_writes() {
        try (ConfigurableApplicationContext context = boot()) {
            writes(context.getBean(JedisCluster.class));
        }
    }

    @Test
    void switched_off_it_is_plain_jedis() {
        servers.restart("r1");
        try (ConfigurableApplicationContext context = boot("--slotkeeper.enabled=false")) {
            JedisCluster redis = context.getBean(JedisCluster.class);
            assertFalse(redis instanceof KeeperCluster);
            assertTrue(context.getBeansOfType(Keeper.class).isEmpty());
            assertEquals("OK", redis.set("greeting", "hello"));
        }
    }

    @Test
    void the_log_says_what_the_document_says() throws IOException {
        List<Pattern> lines = documentedLog();
        assertFalse(lines.isEmpty());
        try (ConfigurableApplicationContext context = boot()) {
            context.getBean(Keeper.class).awaitTopology(LIMIT);
            servers.kill("m0");
            servers.waitFailover("m0", LIMIT);
            for (Pattern line : lines) {
                await(line);
            }
        }
    }

    private static void writes(JedisCluster redis) {
        assertTrue(redis instanceof KeeperCluster);
        redis.set("greeting", "hello");
        assertEquals("hello", redis.get("greeting"));
    }

    private ConfigurableApplicationContext boot(String... more) {
        Stream<String> properties = Stream.of("--spring.redis.cluster.nodes=" + nodes, "--spring.redis.password=" + PASSWORD);
        return SpringApplication.run(BootApplication.class, Stream.concat(properties, Stream.of(more)).toArray(String[]::new));
    }

    /** Resources of this directory come before those of the class path. */
    private static ClassLoader withFilesOf(Path directory) {
        return new ClassLoader(StartTest.class.getClassLoader()) {
            @Override
            public URL getResource(String name) {
                Path file = directory.resolve(name);
                try {
                    return Files.exists(file) ? file.toUri().toURL() : super.getResource(name);
                } catch (MalformedURLException impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
        };
    }

    private static List<Pattern> documentedLog() throws IOException {
        String document = new String(Files.readAllBytes(DOCUMENT), StandardCharsets.UTF_8);
        String log = document.split("```log\n", 2)[1].split("```", 2)[0];
        return Stream.of(log.split("\n"))
                .map(line -> Stream.of(VARIES.split(line, -1)).map(Pattern::quote).collect(Collectors.joining("[0-9a-z]+")))
                .map(Pattern::compile)
                .collect(Collectors.toList());
    }

    private void await(Pattern line) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!line.matcher(printed.text()).find()) {
            assertTrue(System.nanoTime() < deadline, () -> "no such line in the log: " + line + "\n" + printed.text());
            LockSupport.parkNanos(20_000_000);
        }
    }
}
