package io.slotkeeper.spring;

import io.slotkeeper.Keeper;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * All that Slotkeeper adds to a Spring application; Boot imports it by itself, others by
 * {@code @Import(SlotkeeperConfiguration.class)}.
 *
 * <p>The beans {@code slotkeeper}, a {@link Keeper}, and {@code slotkeeperGate}, a {@link io.slotkeeper.Gate}, are added by {@link RedisHealthChecker}, and the first only if it could be opened; the
 * beans here are always there, and do without it.
 */
@Configuration(proxyBeanMethods = false)
public class SlotkeeperConfiguration {
    /** The check at the start; static, so that it can run before any other bean is made. */
    @Bean
    public static RedisHealthChecker redisHealthChecker() {
        return new RedisHealthChecker();
    }

    /** Which nodes there are, and which are unhealthy. */
    @Bean
    public RedisNodeContext redisNodeContext(RedisHealthChecker checked, ObjectProvider<Keeper> keeper) {
        return new RedisNodeContext(RedisHealthChecker.getAllNodes(), RedisHealthChecker.getUnhealthyNodes(), keeper.getIfUnique());
    }

    /** Tells the application's listeners what the keeper tells; the keeper of a parent context does so there. */
    @Bean
    TopologyPublisher slotkeeperTopologyPublisher(ListableBeanFactory local, ObjectProvider<Keeper> keeper,
            ApplicationEventPublisher publisher) {
        boolean hasOwn = local.getBeanNamesForType(Keeper.class, true, false).length > 0;
        return new TopologyPublisher(hasOwn ? keeper.getIfUnique() : null, publisher);
    }

    /** Shows keeper and gate; not lazy where all beans are, since nobody asks for it. */
    @Bean(destroyMethod = "close")
    @Lazy(false)
    KeeperMBeans slotkeeperMBeans(ListableBeanFactory local, Environment environment) {
        return new KeeperMBeans(local, environment);
    }

    /** A refresh at will, and its status. */
    @Bean
    public RedisClusterTopologyRefresher redisClusterTopologyRefresher(RedisNodeContext nodes, ObjectProvider<Keeper> keeper) {
        return new RedisClusterTopologyRefresher(nodes, keeper.getIfUnique());
    }
}
