package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Gives the clients of Spring Data Redis 2 and later the keeper's slot map and the gate, where Jedis and {@code slotkeeper-jedis2} or
 * {@code slotkeeper-jedis4} are on the class path; off by {@code slotkeeper.connection-factories=false}.
 *
 * <p>With Spring Data Redis 1.8, whose factory does not show its configuration, declare a {@link LegacyKeeperJedisConnectionFactory}.
 */
@Configuration(proxyBeanMethods = false)
public class SlotkeeperDataRedisAutoConfiguration {
    /** Named by text: none of these classes has to be there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = {
        "org.springframework.data.redis.connection.jedis.JedisClientConfiguration",
        "redis.clients.jedis.JedisCluster",
        "io.slotkeeper.jedis.KeeperCluster"
    })
    static class OnJedis {
        @Bean
        static KeeperConnectionFactories slotkeeperConnectionFactories(DefaultListableBeanFactory beans, Environment environment,
                ObjectProvider<Keeper> keeper, ObjectProvider<Gate> gate) {
            return new KeeperConnectionFactories(beans, environment, keeper, gate);
        }
    }
}
