package io.slotkeeper.spring;

import java.util.stream.Stream;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Checks the configured nodes before the context reads its first bean definition: what {@link RedisHealthChecker} does, and earlier.
 *
 * <p>Boot calls it by itself; a web application without Boot names it in the parameter {@code contextInitializerClasses}, others
 * call it with their context before they refresh that.
 */
public final class SlotkeeperInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {
    /** Makes one; it has no state. */
    public SlotkeeperInitializer() {}

    /** After those that bring properties, such as Spring Cloud's. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    /**
     * Checks the nodes that are known already, and prepares the context for those that come later.
     *
     * @throws IllegalStateException if Slotkeeper is required, and does not work or finds no healthy node
     */
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        // Spring Cloud's contexts of its own, which end before the application's: the second copies its sources over the application's.
        if (Stream.of("bootstrap", "refreshArgs").noneMatch(environment.getPropertySources()::contains)) {
            ContextStart start = new ContextStart(environment);
            start.begin();
            context.addBeanFactoryPostProcessor(start);
        }
    }
}
