package io.slotkeeper.spring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A Boot application like the bank's, with nothing of Slotkeeper's in its code. */
final class Application {
    /** Lets Boot make clients of Redis, which it does not do in other tests. */
    static final String WITH_DATA_REDIS = "spring.autoconfigure.exclude="
            + "org.springframework.boot.autoconfigure.data.redis.RedisRepositoriesAutoConfiguration,"
            + "org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration";

    /** What is on the class path for some tests, and would be in the way of the others; in the names of all versions. */
    private static final String[] ASIDE = {
        WITH_DATA_REDIS
                + ",org.springframework.boot.autoconfigure.data.redis.RedisAutoConfiguration,"
                + "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
        "spring.main.web-application-type=none",
        "spring.main.web-environment=false",
        "spring.cloud.bootstrap.enabled=false",
        "spring.cloud.compatibility-verifier.enabled=false"
    };

    private Application() {}

    /** Starts it with these properties, each as {@code name=value}. */
    static ConfigurableApplicationContext start(String... properties) {
        return start(Beans.class, properties);
    }

    /** Starts an application of these beans. */
    static ConfigurableApplicationContext start(Class<?> beans, String... properties) {
        List<String> arguments = new ArrayList<>();
        Arrays.asList(properties).forEach(property -> arguments.add("--" + property));
        return builder(beans).run(arguments.toArray(new String[0]));
    }

    /** Starts with these variables in the place of the process's own. */
    static ConfigurableApplicationContext start(Map<String, Object> variables, Class<?> beans) {
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        return builder(beans).environment(environment).run();
    }

    /** Starts in a JVM of its own; prints what {@link NeverTheCauseTest} looks for. */
    public static void main(String[] arguments) {
        try (ConfigurableApplicationContext context = builder(Beans.class).run(arguments)) {
            System.out.println("url=" + context.getBean("url"));
            System.out.println("keeper=" + context.containsBean("slotkeeper"));
            System.out.println("refreshed=" + context.getBean(RedisClusterTopologyRefresher.class).refreshNow());
            System.out.println("status=" + context.getBean(RedisClusterTopologyRefresher.class).getStatus());
            System.out.println("nodes=" + context.getBean(RedisNodeContext.class).getAllNodes());
            System.out.println("completed=" + RedisHealthChecker.isHealthCheckCompleted());
        }
    }

    static SpringApplicationBuilder builder(Class<?> beans) {
        try {
            // Boot 1.5 declares it with Object..., later ones with Class<?>...: one test class for all must not name either.
            Object builder = SpringApplicationBuilder.class.getConstructors()[0].newInstance((Object) new Class<?>[] {beans});
            return ((SpringApplicationBuilder) builder).bannerMode(Banner.Mode.OFF).logStartupInfo(false).properties(ASIDE);
        } catch (ReflectiveOperationException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Beans {
        @Bean
        String url(@Value("${athena.redis.url:none}") String url) {
            return url;
        }

        @Bean
        UrlFactory made(@Value("${athena.redis.url:none}") String url) {
            return new UrlFactory(url);
        }
    }

    /** Stands for the bank's {@code RedisFactory}. */
    static final class UrlFactory implements FactoryBean<StringBuilder> {
        private final String url;

        UrlFactory(String url) {
            this.url = url;
        }

        @Override
        public StringBuilder getObject() {
            return new StringBuilder(url);
        }

        @Override
        public Class<?> getObjectType() {
            return StringBuilder.class;
        }

        /** Spring 4.3 has no default for it. */
        @Override
        public boolean isSingleton() {
            return true;
        }
    }
}
