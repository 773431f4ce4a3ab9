package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.DEAD;
import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.context.support.ClassPathXmlApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** The initializer, and what comes later than it, on a real cluster of which one node is dead. */
@ExtendWith(Output.class)
class EarlyCheckTest {
    @Test
    void conditions_see_only_healthy_nodes() {
        try (ConfigurableApplicationContext context =
                Application.start(Conditions.class, "spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret")) {
            assertEquals(HEALTHY, context.getBean("seen"));
            assertTrue(context.containsBean("present"));
        }
    }

    @Test
    void initializer_and_bean_check_once(Output output) {
        Application.start("spring.redis.cluster.nodes=" + NODES, "spring.redis.password=secret").close();
        assertEquals(1, output.toString().split("2 of 3 seeds healthy", -1).length - 1, output.toString());
    }

    @Test
    void nodes_of_a_property_source_annotation_are_seen_by_all_who_read_after_it(Output output) {
        System.setProperty("bank.all-nodes", NODES);
        try (ConfigurableApplicationContext context = Application.start(Annotated.class)) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertEquals(HEALTHY, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
            assertTrue(context.containsBean("slotkeeper"));
        } finally {
            System.clearProperty("bank.all-nodes");
        }
        assertEquals(1, Warnings.in(output).size(), output.toString());
    }

    @Test
    void java_configuration_without_boot_takes_the_initializer_alone() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            add(context.getEnvironment(), NODES);
            new SlotkeeperInitializer().initialize(context);
            context.register(Plain.class);
            context.refresh();
            assertEquals(HEALTHY, context.getBean("url"));
            assertFalse(context.getBean(Keeper.class).isClosed());
        }
    }

    @Test
    void xml_without_boot_takes_the_initializer_at_each_refresh_and_closes_each_keeper() {
        try (ClassPathXmlApplicationContext context = new ClassPathXmlApplicationContext(new String[] {"plain-beans.xml"}, false)) {
            add(context.getEnvironment(), NODES);
            new SlotkeeperInitializer().initialize(context);
            Keeper before = null;
            for (int round = 0; round < 2; round++) {
                context.refresh();
                assertEquals(HEALTHY, context.getBean("url"));
                assertTrue(before == null || before.isClosed());
                before = context.getBean(Keeper.class);
                assertFalse(before.isClosed());
            }
        }
    }

    @Test
    void contexts_of_spring_cloud_are_left_alone() {
        for (String source : new String[] {"bootstrap", "refreshArgs"}) {
            try (GenericApplicationContext context = new GenericApplicationContext()) {
                add(context.getEnvironment(), NODES);
                context.getEnvironment().getPropertySources().addFirst(new MapPropertySource(source, Collections.emptyMap()));
                new SlotkeeperInitializer().initialize(context);
                context.refresh();
                assertEquals(NODES, context.getEnvironment().getProperty("spring.redis.cluster.nodes"));
                assertFalse(context.containsBean("slotkeeper"));
            }
        }
    }

    @Test
    void nodes_that_change_while_the_context_lives_are_checked_anew_and_keep_their_keeper() {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            Map<String, Object> values = add(context.getEnvironment(), HEALTHY);
            new SlotkeeperInitializer().initialize(context);
            context.refresh();
            Keeper keeper = context.getBean(Keeper.class);
            assertEquals(HEALTHY, context.getEnvironment().getProperty("athena.redis.url"));
            String first = HEALTHY.split(",")[0];
            values.put("spring.redis.cluster.nodes", first + "," + DEAD);
            assertEquals(first, context.getEnvironment().getProperty("athena.redis.url"));
            assertEquals(first, context.getEnvironment().getProperty("spring.redis.cluster.nodes[0]"));
            assertEquals(Collections.singletonMap("slotkeeper", keeper), context.getBeansOfType(Keeper.class));
        }
    }

    @Test
    void a_misspelt_property_is_one_warning_that_names_it_and_what_there_is(Output output) {
        Application.start(
                        "spring.redis.cluster.nodes=" + HEALTHY,
                        "spring.redis.password=secret",
                        "slotkeeper.refresh.intervall-ms=500",
                        "slotkeeper.refresh.intervalMs=500",
                        "slotkeeper.targetProperties[0]=bank.url")
                .close();
        List<String> warnings = Warnings.in(output);
        assertEquals(1, warnings.size(), output.toString());
        assertTrue(
                warnings.get(0).startsWith("There is no property slotkeeper.refresh.intervall-ms; there are slotkeeper.enabled, "),
                warnings.get(0));
        assertTrue(warnings.get(0).contains("slotkeeper.refresh.interval-ms, "), warnings.get(0));
    }

    private static Map<String, Object> add(ConfigurableEnvironment environment, String nodes) {
        Map<String, Object> values = new HashMap<>();
        values.put("spring.redis.cluster.nodes", nodes);
        values.put("spring.redis.password", "secret");
        values.put("athena.redis.url", nodes);
        environment.getPropertySources().addLast(new MapPropertySource("test", values));
        return values;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Conditions {
        @Bean
        @ConditionalOnProperty("athena.redis.url")
        String present() {
            return "present";
        }

        @Bean
        @Conditional(SeesNodes.class)
        String seen() {
            return SeesNodes.seen;
        }
    }

    static class SeesNodes implements Condition {
        private static String seen;

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            seen = context.getEnvironment().getProperty("spring.redis.cluster.nodes");
            return true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @PropertySource("classpath:bank.properties")
    static class Annotated {
        @Bean
        String url(@Value("${athena.redis.url}") String url) {
            return url;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Plain {
        @Bean
        static PropertySourcesPlaceholderConfigurer placeholders() {
            return new PropertySourcesPlaceholderConfigurer();
        }

        @Bean
        String url(@Value("${athena.redis.url}") String url) {
            return url;
        }
    }
}
