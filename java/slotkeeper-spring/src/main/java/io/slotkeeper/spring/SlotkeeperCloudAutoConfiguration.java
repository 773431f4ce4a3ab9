package io.slotkeeper.spring;

import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Has the gate follow {@code slotkeeper.gate} and what is below it through a refresh of the environment, where Spring Cloud is there. */
@Configuration(proxyBeanMethods = false)
public class SlotkeeperCloudAutoConfiguration {
    /** Named by text: the class does not have to be there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.cloud.context.environment.EnvironmentChangeEvent")
    static class OnCloud {
        @Bean
        GateRefresh slotkeeperGateRefresh(HierarchicalBeanFactory beans, Environment environment) {
            return new GateRefresh(beans, environment);
        }
    }
}
