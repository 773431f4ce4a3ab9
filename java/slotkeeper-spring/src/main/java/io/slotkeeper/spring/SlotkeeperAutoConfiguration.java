package io.slotkeeper.spring;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Gives a Boot application {@link SlotkeeperConfiguration} without a word of its own.
 *
 * <p>Steps back if the application has a bean {@code redisHealthChecker}: its old one, or ours declared by hand.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(name = "redisHealthChecker")
@Import(SlotkeeperConfiguration.class)
public class SlotkeeperAutoConfiguration {}
