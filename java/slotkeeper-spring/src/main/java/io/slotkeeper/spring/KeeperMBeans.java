package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Jmx;
import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.env.Environment;

/**
 * The keepers and gates of one context as MBeans, each under the name of its bean, until the context closes. The only gate has the name of
 * the only keeper; with several nobody but the application knows which gate is whose. Those of a parent context are shown by that.
 */
final class KeeperMBeans implements AutoCloseable {
    private final List<Registration> shown = new ArrayList<>();

    KeeperMBeans(ListableBeanFactory local, Environment environment) {
        try {
            show(local, new Settings(environment));
        } catch (RuntimeException | LinkageError failure) {
            RedisHealthChecker.LOG.warn("JMX does not show all keepers: {}", failure.toString());
        }
    }

    @Override
    public void close() {
        shown.forEach(Registration::close);
    }

    private void show(ListableBeanFactory local, Settings settings) {
        // Only singletons: of any other scope one would be made that is nobody's.
        String[] keepers = local.getBeanNamesForType(Keeper.class, false, false);
        String[] gates = local.getBeanNamesForType(Gate.class, false, false);
        // What is not allowed was told at the start, and then there is no keeper.
        if (keepers.length == 0 || !settings.isEnabled() || !settings.showsMBeans()) {
            return;
        }
        boolean isPair = keepers.length == 1 && gates.length == 1;
        for (String name : keepers) {
            shown.add(Jmx.register(name, local.getBean(name, Keeper.class), null));
        }
        for (String name : gates) {
            shown.add(Jmx.register(isPair ? keepers[0] : name, local.getBean(name, Gate.class)));
        }
    }
}
