package io.slotkeeper.spring;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * What Slotkeeper does while one context starts: once, whether the initializer or the bean {@code redisHealthChecker} begins.
 *
 * <p>Puts {@link HealthyNodes} into the environment, {@link PropertyFiles} before the files, and once all property sources are
 * there a gate and a keeper into the bean factory; takes all of it away with the context.
 */
final class ContextStart implements BeanDefinitionRegistryPostProcessor {
    private static final String CHECKER = "redisHealthChecker";
    private static final String MARK = ContextStart.class.getName();
    private static final String JASYPT = "enableEncryptablePropertySourcesPostProcessor";

    private static final List<String> PROCESS = Arrays.asList(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);

    /** Not this object itself, which Spring would find among the beans, and call again. */
    private final Object mark = new Object();
    private final ConfigurableEnvironment environment;
    private HealthyNodes nodes;
    private ConfigurableListableBeanFactory beans;
    private boolean isLeftToOther;

    ContextStart(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /** Checks the nodes if they are known already. */
    void begin() {
        if (HealthyNodes.settledIn(environment) == null) {
            nodes = HealthyNodes.install(environment);
        } else {
            RedisHealthChecker.LOG.debug("A parent context has checked the nodes, and has the keeper");
        }
    }

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        beans = (ConfigurableListableBeanFactory) registry;
        if (beans.containsSingleton(MARK)) {
            return;
        }
        beans.registerSingleton(MARK, mark);
        isLeftToOther = false;
        if (nodes == null || nodes.isRemoved()) {
            begin();
        }
        if (nodes != null) {
            ((DefaultSingletonBeanRegistry) beans).registerDisposableBean(MARK, nodes::remove);
            beans.addBeanPostProcessor(new PropertyFiles(this, environment, beans));
        }
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory factory) {
        if (nodes == null || beans.getSingleton(MARK) != mark) {
            return;
        }
        if (beans.containsBean(CHECKER) && !beans.isTypeMatch(CHECKER, RedisHealthChecker.class)) {
            RedisHealthChecker.LOG.info("Slotkeeper leaves the check to the application's own {}", CHECKER);
            isLeftToOther = true;
            nodes.remove();
            return;
        }
        Settings settings = new Settings(environment);
        boolean isRequired = false;
        try {
            isRequired = settings.isRequired();
            settle(settings, isRequired);
        } catch (RuntimeException | LinkageError failure) {
            nodes.check().fail(failure, isRequired);
        } finally {
            NodeCheck.complete();
        }
    }

    /** Whether the application has a check of its own, beside which there is to be no other. */
    boolean isLeftToOther() {
        return isLeftToOther;
    }

    /** Adds a keeper of the nodes that were checked, unless there is one; it is closed after all beans that may use it. */
    void open(NodeCheck check) {
        Config config = check.keeperConfig();
        if (config != null && beans.getBeanNamesForType(Keeper.class, true, false).length == 0) {
            Keeper keeper = Keeper.open(config);
            ((DefaultSingletonBeanRegistry) beans).registerDisposableBean(RedisHealthChecker.KEEPER, keeper::close);
            beans.registerSingleton(RedisHealthChecker.KEEPER, keeper);
        }
    }

    /** What the environment has in place of those properties that this file has, too. */
    Map<String, Object> healthy(Properties file) {
        Map<String, Object> healthy = new HashMap<>(nodes.properties());
        healthy.keySet().retainAll(file.keySet());
        return healthy;
    }

    private void settle(Settings settings, boolean isRequired) {
        if (!settings.isEnabled()) {
            RedisHealthChecker.LOG.info("Slotkeeper is switched off");
            nodes.remove();
            return;
        }
        if (settings.isEncrypted() && beans.containsBean(JASYPT)) {
            // Its turn comes after the placeholders', for which the nodes must be known. Twice does no harm: it leaves out what it has done.
            beans.getBean(JASYPT, BeanFactoryPostProcessor.class).postProcessBeanFactory(beans);
        }
        nodes.settle();
        addGate(settings);
        if (settings.nodesProperty() == null && !PropertyFiles.mayName(beans)) {
            complainOfNoNodes(isRequired);
        }
        complainOfUnknown();
        open(nodes.check());
    }

    /** For clients that the application makes, also before there is a keeper; not beside one of its own. */
    private void addGate(Settings settings) {
        // These are only looked at here: what is wrong with them is to be told at the start.
        settings.downFor();
        settings.outOfServiceFor();
        settings.takesConnectionFactories();
        settings.showsMBeans();
        Gate gate = settings.gate();
        if (beans.getBeanNamesForType(Gate.class, true, false).length == 0) {
            beans.registerSingleton(RedisHealthChecker.GATE, gate);
        }
    }

    private void complainOfNoNodes(boolean isRequired) {
        if (isRequired) {
            throw new IllegalStateException("no property names the nodes; see slotkeeper.nodes-properties");
        }
        RedisHealthChecker.LOG.info("Slotkeeper has nothing to do: no property names nodes of a Redis Cluster");
    }

    /** Those of the JVM and of the process are not looked at: there the loader and others have names of their own. */
    private void complainOfUnknown() {
        Stream<String> names = StreamSupport.stream(environment.getPropertySources().spliterator(), false)
                .filter(source -> source instanceof EnumerablePropertySource && !PROCESS.contains(source.getName()))
                .flatMap(source -> Stream.of(((EnumerablePropertySource<?>) source).getPropertyNames()));
        for (String name : Settings.unknown(names)) {
            RedisHealthChecker.LOG.warn("There is no property {}; there are {}", name, String.join(", ", Settings.known()));
        }
    }
}
