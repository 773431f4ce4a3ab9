package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.util.HashSet;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

/**
 * Puts a {@link KeeperJedisConnectionFactory} in the place of each {@code JedisConnectionFactory} for the nodes that were checked, before
 * it has opened a connection.
 *
 * <p>A factory for other nodes, one of a subclass, and one that no keeper cluster can stand for stay as they are. So does each if
 * anything goes wrong, with one warning. What a factory does not show of itself, which is the executor of Boot's virtual threads, is not
 * taken over.
 */
final class KeeperConnectionFactories implements BeanPostProcessor {
    private final DefaultSingletonBeanRegistry beans;
    private final Environment environment;
    private final ObjectProvider<Keeper> keeper;
    private final ObjectProvider<Gate> gate;

    KeeperConnectionFactories(DefaultSingletonBeanRegistry beans, Environment environment, ObjectProvider<Keeper> keeper,
            ObjectProvider<Gate> gate) {
        this.beans = beans;
        this.environment = environment;
        this.keeper = keeper;
        this.gate = gate;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean.getClass() != JedisConnectionFactory.class) {
            return bean;
        }
        JedisConnectionFactory plain = (JedisConnectionFactory) bean;
        try {
            JedisConnectionFactory kept = kept(plain, name);
            return kept == null ? plain : kept;
        } catch (RuntimeException | LinkageError failure) {
            RedisHealthChecker.LOG.warn("The bean {} has a plain JedisCluster, since a keeper cluster could not be made for it: {}",
                    name, failure.toString());
            return plain;
        }
    }

    /** Spring 4.3 has no default for it. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean;
    }

    /** Null if it is to stay as it is. */
    private JedisConnectionFactory kept(JedisConnectionFactory plain, String name) {
        Settings settings = new Settings(environment);
        Keeper open = plain.isRedisClusterAware() && settings.isEnabled() && settings.takesConnectionFactories() ? keeper.getIfUnique() : null;
        if (open == null || open.isClosed()) {
            return null;
        }
        RedisClusterConfiguration cluster = plain.getClusterConfiguration();
        int connectTimeout = KeeperJedisConnectionFactory.connectTimeout(plain.getClientConfiguration());
        String obstacle = areChecked(cluster, settings)
                ? KeeperClients.obstacle(plain, cluster, connectTimeout) : "its nodes are not those that were checked";
        if (obstacle != null) {
            RedisHealthChecker.LOG.info("The bean {} stays without the keeper: {}", name, obstacle);
            return null;
        }
        Gate stands = gate.getIfUnique();
        KeeperJedisConnectionFactory kept =
                new KeeperJedisConnectionFactory(open, stands, cluster, plain.getClientConfiguration());
        kept.setConvertPipelineAndTxResults(plain.getConvertPipelineAndTxResults());
        // Spring would end only what the definition has made.
        beans.registerDisposableBean(name + " with a keeper", kept);
        RedisHealthChecker.LOG.info("The bean {} has its slot map from the keeper; the gate is {}", name,
                stands == null ? "off" : stands.mode());
        return kept;
    }

    /** Whether these are nodes as configured, or what stands for them because it is healthy. */
    private static boolean areChecked(RedisClusterConfiguration cluster, Settings settings) {
        Set<String> checked = new HashSet<>(settings.nodes());
        checked.addAll(RedisHealthChecker.getAllNodes());
        return !cluster.getClusterNodes().isEmpty()
                && cluster.getClusterNodes().stream().map(RedisNode::asString).allMatch(checked::contains);
    }
}
