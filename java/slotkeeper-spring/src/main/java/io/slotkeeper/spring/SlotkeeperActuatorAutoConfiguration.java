package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfigureAfter;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What Actuator shows of Slotkeeper, if it is there: the health {@code slotkeeper} (Boot 1.5 to 4), and the endpoints
 * {@code slotkeeper} and {@code slotkeepergate} (Boot 2 to 4; 1.5 makes endpoints in another way, and has none).
 */
@Configuration(proxyBeanMethods = false)
@AutoConfigureAfter(SlotkeeperAutoConfiguration.class)
public class SlotkeeperActuatorAutoConfiguration {
    private static KeeperReport report(ObjectProvider<Keeper> keeper, ObjectProvider<Gate> gate, Environment environment) {
        return new KeeperReport(keeper.getIfUnique(), gate.getIfUnique(), environment);
    }

    /** The health, to Boot 3.5; the second condition is for 1.5, which has the first in another package and so does not see it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
    @ConditionalOnEnabledHealthIndicator("slotkeeper")
    @ConditionalOnProperty(name = "management.health.slotkeeper.enabled", matchIfMissing = true)
    static class Indicator {
        @Bean
        @ConditionalOnMissingBean(name = "slotkeeperHealthIndicator")
        SlotkeeperHealthIndicator slotkeeperHealthIndicator(
                ObjectProvider<Keeper> keeper, ObjectProvider<Gate> gate, Environment environment) {
            return new SlotkeeperHealthIndicator(report(keeper, gate, environment));
        }
    }

    /** The health, from Boot 4 on. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
    @org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator("slotkeeper")
    static class Contributor {
        @Bean
        @ConditionalOnMissingBean(name = "slotkeeperHealthIndicator")
        SlotkeeperHealthContributor slotkeeperHealthIndicator(
                ObjectProvider<Keeper> keeper, ObjectProvider<Gate> gate, Environment environment) {
            return new SlotkeeperHealthContributor(report(keeper, gate, environment));
        }
    }

    /** The endpoints. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.actuate.endpoint.annotation.Endpoint")
    static class Endpoints {
        @Bean
        @ConditionalOnBean(RedisClusterTopologyRefresher.class)
        @ConditionalOnAvailableEndpoint
        SlotkeeperEndpoint slotkeeperEndpoint(ObjectProvider<Keeper> keeper, ObjectProvider<Gate> gate,
                RedisClusterTopologyRefresher refresher, Environment environment) {
            return new SlotkeeperEndpoint(report(keeper, gate, environment), refresher);
        }

        @Bean
        @ConditionalOnAvailableEndpoint
        SlotkeeperGateEndpoint slotkeeperGateEndpoint(ObjectProvider<Gate> gate) {
            return new SlotkeeperGateEndpoint(gate.getIfUnique());
        }
    }
}
