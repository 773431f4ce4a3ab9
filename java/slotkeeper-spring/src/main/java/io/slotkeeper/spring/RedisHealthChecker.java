package io.slotkeeper.spring;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Checks the configured nodes before any bean is made, and lets every <code>${…}</code> see only the healthy ones.
 *
 * <p>The healthy nodes stand under the name they came from (as a text and as an indexed list) and under
 * {@code slotkeeper.target-properties}, in the first property source, {@value #SOURCE}. Then the bean {@code slotkeeper}, a
 * {@link io.slotkeeper.Keeper} of all configured nodes, is added, unless the application has one; it is closed with the context. So is
 * the bean {@code slotkeeperGate}, a {@link io.slotkeeper.Gate} as {@code slotkeeper.gate} says, for clients that take one.
 * Files that a placeholder configurer reads beside the environment are seen likewise. Does nothing where
 * {@link SlotkeeperInitializer} has come first, which is earlier: also conditions see what is healthy then.
 *
 * <p>If no configured node is healthy, nodes that the property {@code slotkeeper.last-good.file} remembers stand in for them, if
 * there are living ones. They are only for the clients to start from: the keeper asks that file itself.
 *
 * <p>Never the cause of a failing start, unless {@code slotkeeper.required=true}, or {@code slotkeeper.audit.fail-start=true} and the audit has
 * critical findings: if no node is healthy, or the library does not
 * work, one warning is logged and the configuration stays as it is.
 *
 * <p>The static questions speak of the last check in this class loader; any thread may ask them.
 */
public final class RedisHealthChecker implements BeanDefinitionRegistryPostProcessor, PriorityOrdered, EnvironmentAware {
    /** The name of the property source with the healthy nodes. */
    public static final String SOURCE = "redisHealthProperties";

    /** The name of the keeper's bean. */
    public static final String KEEPER = "slotkeeper";

    /** The name of the gate's bean. */
    public static final String GATE = "slotkeeperGate";

    /** For all that happens at the start. */
    static final Logger LOG = LoggerFactory.getLogger(RedisHealthChecker.class);

    private ContextStart start;

    /** All configured nodes, as {@code host:port} in the order of the configuration; empty before the check. */
    public static List<String> getAllNodes() {
        return NodeCheck.last().all;
    }

    /** The configured nodes that were not found healthy at the start; {@link RedisNodeContext} knows how they are now. */
    public static List<String> getUnhealthyNodes() {
        return NodeCheck.last().unhealthy;
    }

    /** Whether the check is over, in whatever way: also if it was not wanted, or could not be made. */
    public static boolean isHealthCheckCompleted() {
        return NodeCheck.last().completed;
    }

    @Override
    public void setEnvironment(Environment given) {
        start = new ContextStart((ConfigurableEnvironment) given);
    }

    /** Ahead of the placeholder configurer, which is {@link PriorityOrdered} too and comes last. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    /**
     * Checks the nodes that are known already.
     *
     * @throws IllegalStateException if Slotkeeper is required, and does not work or finds no healthy node
     */
    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        start.postProcessBeanDefinitionRegistry(registry);
    }

    /**
     * Checks those that came later, and adds the keeper.
     *
     * @throws IllegalStateException if Slotkeeper is required, and does not work or finds no healthy node; or if the audit forbids the start
     */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        start.postProcessBeanFactory(beans);
    }
}
