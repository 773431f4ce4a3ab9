package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.DEAD;
import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.FileSystemXmlApplicationContext;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.util.DefaultPropertiesPersister;

/** Placeholder files of plain Spring, which no property source shows, on a real cluster of which one node is dead. */
@ExtendWith(Output.class)
class PropertyFilesTest {
    private static final String OLD = "<bean class=\"org.springframework.beans.factory.config.PropertyPlaceholderConfigurer\">"
            + "<property name=\"locations\"><list>%s</list></property>%s</bean>";


    @TempDir
    Path directory;

    @Test
    void placeholders_of_a_file_see_only_healthy_nodes(Output output) throws IOException {
        String file = file("redis.properties", "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret",
                "athena.redis.url=${spring.redis.cluster.nodes}");
        for (String override : new String[] {"false", "true"}) {
            try (FileSystemXmlApplicationContext context =
                    context("<context:property-placeholder location=\"" + file + "\" local-override=\"" + override + "\"/>")) {
                assertEquals(HEALTHY, context.getBean("url"));
                assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
                assertFalse(context.getBean(Keeper.class).isClosed());
            }
        }
        String warning = "Only 2 of 3 nodes are healthy; left out are " + DEAD + " (refused)";
        assertEquals(Arrays.asList(warning, warning), Warnings.in(output));
    }

    @Test
    void the_initializer_does_it_too() throws IOException {
        String file = file("redis.properties", "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret",
                "athena.redis.url=" + NODES);
        try (FileSystemXmlApplicationContext context = unstarted("<context:property-placeholder location=\"" + file + "\"/>", "")) {
            new SlotkeeperInitializer().initialize(context);
            context.refresh();
            assertEquals(HEALTHY, context.getBean("url"));
            assertFalse(context.getBean(Keeper.class).isClosed());
        }
    }

    @Test
    void the_old_configurer_reads_several_files_and_the_password_may_come_last() throws IOException {
        String first = file("nodes.properties", "spring.redis.cluster.nodes=" + NODES, "athena.redis.url=" + NODES);
        String second = file("password.properties", "spring.redis.password=secret");
        String values = "<value>" + first + "</value><value>" + second + "</value>";
        try (FileSystemXmlApplicationContext context = context(String.format(OLD, values, ""))) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(Arrays.asList(NODES.split(",")), RedisHealthChecker.getAllNodes());
            assertTrue(context.getBean(Keeper.class).awaitTopology(Duration.ofSeconds(10)).generation() > 0);
        }
    }

    @Test
    void a_file_that_has_only_the_target_gets_the_nodes_of_the_environment() throws IOException {
        String file = file("redis.properties", "athena.redis.url=" + DEAD);
        try (FileSystemXmlApplicationContext context = unstarted(String.format(OLD, "<value>" + file + "</value>", ""),
                "<bean id=\"redisHealthChecker\" class=\"io.slotkeeper.spring.RedisHealthChecker\"/>")) {
            Properties values = new Properties();
            values.put("spring.redis.cluster.nodes", NODES);
            values.put("spring.redis.password", "secret");
            context.getEnvironment()
                    .getPropertySources()
                    .addLast(new PropertiesPropertySource("test", values));
            context.refresh();
            assertEquals(HEALTHY, context.getBean("url"));
        }
    }

    @Test
    void beside_an_old_health_checker_of_the_application_files_stay_as_they_are() throws IOException {
        String file = file("redis.properties", "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret",
                "athena.redis.url=" + NODES);
        try (FileSystemXmlApplicationContext context = unstarted("<context:property-placeholder location=\"" + file + "\"/>",
                "<bean id=\"redisHealthChecker\" class=\"java.lang.Object\"/>")) {
            new SlotkeeperInitializer().initialize(context);
            context.refresh();
            assertEquals(NODES, context.getBean("url"));
            assertFalse(context.containsBean("slotkeeper"));
        }
    }

    @Test
    void a_persister_of_the_application_is_left_alone() throws IOException {
        String file = file("redis.properties", "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret");
        String own = "<property name=\"propertiesPersister\"><bean class=\"" + OwnPersister.class.getName() + "\"/></property>";
        try (FileSystemXmlApplicationContext context = context(String.format(OLD, "<value>" + file + "</value>", own))) {
            assertEquals("of its own", context.getBean("url"));
        }
    }

    @Test
    void encrypted_values_are_one_warning(Output output) throws IOException {
        String file = file("redis.properties", "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=ENC(c2VjcmV0)",
                "athena.redis.url=as it was");
        try (FileSystemXmlApplicationContext context = context("<context:property-placeholder location=\"" + file + "\"/>")) {
            assertEquals("as it was", context.getBean("url"));
        }
        assertEquals(
                Collections.singletonList("The nodes of spring.redis.cluster.nodes in a file are not checked:"
                        + " they, or the password, are encrypted"),
                Warnings.in(output));
    }

    private String file(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, Arrays.asList(lines), StandardCharsets.ISO_8859_1);
        return file.toUri().toString();
    }

    private FileSystemXmlApplicationContext context(String configurer) throws IOException {
        FileSystemXmlApplicationContext context =
                unstarted(configurer, "<bean id=\"redisHealthChecker\" class=\"io.slotkeeper.spring.RedisHealthChecker\"/>");
        context.refresh();
        return context;
    }

    private FileSystemXmlApplicationContext unstarted(String configurer, String checker) throws IOException {
        try (InputStream plain = PropertyFilesTest.class.getResourceAsStream("/plain-beans.xml")) {
            byte[] bytes = new byte[plain.available()];
            assertEquals(bytes.length, plain.read(bytes));
            String xml = new String(bytes, StandardCharsets.UTF_8).replace("<context:property-placeholder/>", configurer + checker);
            return new FileSystemXmlApplicationContext(new String[] {file("beans.xml", xml)}, false);
        }
    }

    /** Stands for one that decrypts. */
    public static final class OwnPersister extends DefaultPropertiesPersister {
        @Override
        public void load(Properties properties, InputStream stream) {
            properties.put("athena.redis.url", "of its own");
        }
    }
}
