package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;

/** A web application without Boot, as its {@code web.xml} starts it, on a real cluster of which one node is dead. */
class ServletTest {
    private final Map<String, Object> attributes = new HashMap<>();
    private final Map<String, String> parameters = new HashMap<>();

    @Test
    void the_parameter_for_initializers_is_enough_and_the_keeper_ends_with_the_application() throws Exception {
        try (TestCluster cluster = TestCluster.start("A B B", "--password", "secret")) {
            cluster.kill("m0");
            String healthy = cluster.node("m1").address() + "," + cluster.node("m2").address();
            parameters.put("contextConfigLocation", "classpath:plain-beans.xml");
            parameters.put("contextInitializerClasses", SlotkeeperInitializer.class.getName());
            parameters.put("spring.redis.cluster.nodes", cluster.node("m0").address() + "," + healthy);
            parameters.put("spring.redis.password", "secret");
            parameters.put("athena.redis.url", "none");

            Object loader = Class.forName("org.springframework.web.context.ContextLoader").getConstructor().newInstance();
            Object servlets = servletContext();
            ApplicationContext context = (ApplicationContext) call(loader, "initWebApplicationContext", servlets);
            Keeper keeper = context.getBean(Keeper.class);
            assertEquals(healthy, context.getBean("url"));
            assertFalse(keeper.isClosed());
            call(loader, "closeWebApplicationContext", servlets);
            assertTrue(keeper.isClosed());
        }
    }

    private static Object call(Object loader, String name, Object argument) throws Exception {
        Method method = Stream.of(loader.getClass().getMethods()).filter(m -> m.getName().equals(name)).findFirst().get();
        try {
            return method.invoke(loader, argument);
        } catch (InvocationTargetException failure) {
            throw new AssertionError(failure.getCause());
        }
    }

    /** Of the package that this version of Spring knows; it answers what Spring asks at the start. */
    private Object servletContext() throws Exception {
        String name = Boot.isAtLeast(3) ? "jakarta.servlet.ServletContext" : "javax.servlet.ServletContext";
        ClassLoader ours = getClass().getClassLoader();
        return Proxy.newProxyInstance(ours, new Class<?>[] {ClassUtils.forName(name, ours)}, (proxy, method, arguments) -> {
            switch (method.getName()) {
                case "getInitParameter":
                    return parameters.get(arguments[0]);
                case "getInitParameterNames":
                    return Collections.enumeration(parameters.keySet());
                case "getAttribute":
                    return attributes.get(arguments[0]);
                case "getAttributeNames":
                    return Collections.enumeration(attributes.keySet());
                case "setAttribute":
                    attributes.put((String) arguments[0], arguments[1]);
                    return null;
                case "removeAttribute":
                    attributes.remove(arguments[0]);
                    return null;
                case "getContextPath":
                    return "";
                case "hashCode":
                    return System.identityHashCode(proxy);
                case "equals":
                    return proxy == arguments[0];
                case "getMajorVersion":
                    return 3;
                default:
                    return null;
            }
        });
    }
}
