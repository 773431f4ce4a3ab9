package io.slotkeeper;

import io.slotkeeper.internal.MBeans;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keepers and gates as MBeans of the platform's server: {@code io.slotkeeper:type=Keeper,name=…} and {@code type=Gate}. Only what is
 * registered here is there.
 *
 * <pre>{@code
 * Registration shown = Jmx.register("orders", keeper, gate);
 * }</pre>
 *
 * <p>A name that is taken, as by the same application in another class loader, gets a number behind it. Where there is no JMX, or
 * it refuses, that is one line in the log: nothing is ever thrown. An MBean goes when its registration or its keeper is closed;
 * whoever forgets both leaves the class loader to the MBean server.
 */
public final class Jmx {

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private Jmx() {}

    /**
     * Shows a keeper and its gate.
     *
     * @param name what they are to be called, such as the cluster
     * @param gate may be null
     */
    public static Registration register(String name, Keeper keeper, Gate gate) {
        Registration ofKeeper = show("Keeper", name, () -> MBeans.register("Keeper", name, new KeeperMBean(keeper), KeeperMXBean.class));
        Registration ofGate = gate == null ? () -> { } : register(name, gate);
        Registration both = () -> {
            ofKeeper.close();
            ofGate.close();
        };
        return keeper.closing(both);
    }

    /** Shows a gate alone, until the registration is closed: one that is of several keepers, or of nobody knows which. */
    public static Registration register(String name, Gate gate) {
        Objects.requireNonNull(gate, "gate");
        return show("Gate", name, () -> MBeans.register("Gate", name, new GateMBean(gate), GateMXBean.class));
    }

    private interface Attempt {
        Registration make() throws Exception;
    }

    private static Registration show(String type, String name, Attempt attempt) {
        try {
            return attempt.make();
        } catch (Exception | LinkageError e) {
            // A LinkageError: an image of Java without the module java.management.
            LOG.info("JMX does not show the {} {}: {}", type, name, e.toString());
            return () -> { };
        }
    }
}
