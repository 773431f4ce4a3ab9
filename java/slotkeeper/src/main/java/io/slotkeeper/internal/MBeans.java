package io.slotkeeper.internal;

import io.slotkeeper.Registration;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The platform's MBean server. Apart from all else, since an image of Java may be without its classes. */
public final class MBeans {

    /** So many of one name, in as many class loaders, are hardly meant. */
    private static final int SAME_NAME_AT_MOST = 1000;

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private MBeans() {}

    /**
     * Registers {@code bean} under {@code io.slotkeeper:type=…,name=…}, with a number behind the name if that is taken.
     *
     * @throws JMException if the server refuses
     */
    public static <T> Registration register(String type, String name, T bean, Class<T> face) throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        StandardMBean mbean = new StandardMBean(bean, face, true);
        for (int number = 1; ; number++) {
            ObjectName objectName = name(type, number == 1 ? name : name + "-" + number);
            try {
                server.registerMBean(mbean, objectName);
                AtomicBoolean isOver = new AtomicBoolean();
                return () -> {
                    if (isOver.compareAndSet(false, true)) {
                        unregister(server, objectName);
                    }
                };
            } catch (InstanceAlreadyExistsException e) {
                if (number == SAME_NAME_AT_MOST) {
                    throw e;
                }
            }
        }
    }

    private static ObjectName name(String type, String name) throws JMException {
        boolean isPlain = name.matches("[\\w.-]+");
        return new ObjectName("io.slotkeeper:type=" + type + ",name=" + (isPlain ? name : ObjectName.quote(name)));
    }

    private static void unregister(MBeanServer server, ObjectName name) {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            LOG.debug("{} is gone already", name);
        } catch (JMException | RuntimeException e) {
            LOG.info("JMX does not let go of {}: {}", name, e.toString());
        }
    }
}
