package io.slotkeeper.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigureAfter;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives Micrometer what the keeper measures, if Micrometer is there; Boot binds the bean to each registry that the application has. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(name = "io.micrometer.core.instrument.binder.MeterBinder")
@AutoConfigureAfter(SlotkeeperAutoConfiguration.class)
public class SlotkeeperMetersAutoConfiguration {

    /** Without a keeper, or with several, it binds nothing: an application with several says which is which by a tag. */
    @Bean
    @ConditionalOnMissingBean(name = "slotkeeperMeters")
    MeterBinder slotkeeperMeters(ObjectProvider<Keeper> keepers, ObjectProvider<Gate> gates) {
        Keeper keeper = keepers.getIfUnique();
        return keeper == null ? registry -> { } : new SlotkeeperMeters(keeper, gates.getIfUnique());
    }
}
