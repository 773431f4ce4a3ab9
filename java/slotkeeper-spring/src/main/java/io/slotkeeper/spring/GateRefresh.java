package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Sets the gate anew when Spring Cloud has changed properties of it, in the environment of a context that goes on. Only these: what was
 * switched by hand, by JMX or Actuator, stays until its own property changes. A gate of the application is left to it.
 */
final class GateRefresh implements ApplicationListener<EnvironmentChangeEvent> {
    private final HierarchicalBeanFactory beans;
    private final Environment environment;

    GateRefresh(HierarchicalBeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public void onApplicationEvent(EnvironmentChangeEvent event) {
        Set<OwnProperty> changed = Settings.among(event.getKeys());
        changed.retainAll(OwnProperty.OF_GATE);
        if (changed.isEmpty() || !beans.containsLocalBean(RedisHealthChecker.GATE)) {
            return;
        }
        Gate gate = beans.getBean(RedisHealthChecker.GATE, Gate.class);
        try {
            new Settings(environment).set(gate, changed);
            RedisHealthChecker.LOG.info("The environment has changed: the gate is {}, after a change of {}", gate.mode(),
                    changed.stream().map(OwnProperty::fullName).collect(Collectors.joining(", ")));
        } catch (IllegalArgumentException failure) {
            RedisHealthChecker.LOG.warn("The gate stays as it is: {}", failure.getMessage());
        }
    }
}
