package io.slotkeeper.spring;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * The first property source: under the names of the nodes and of the targets, the healthy ones.
 *
 * <p>Asks the other sources at each read, since nodes may come with a source that is added late ({@code @PropertySource}), and may
 * change when the environment is refreshed. What it found is kept for as long as they name the same nodes.
 */
final class HealthyNodes extends EnumerablePropertySource<Object> {
    /** Asked for this, the source gives itself: others, such as Jasypt, wrap sources. */
    private static final String SELF = HealthyNodes.class.getName();

    private final ConfigurableEnvironment environment;
    private final NodeCheck check = new NodeCheck();
    private final ThreadLocal<Boolean> reading = new ThreadLocal<>();
    private volatile Set<String> answered = Collections.emptySet();
    private volatile String[] names = new String[0];
    private volatile boolean isSettled;
    private volatile boolean isRemoved;

    private HealthyNodes(ConfigurableEnvironment environment) {
        super(RedisHealthChecker.SOURCE);
        this.environment = environment;
    }

    /** Puts a new one in front of all others, and checks the nodes if they are known already. */
    static HealthyNodes install(ConfigurableEnvironment environment) {
        HealthyNodes nodes = new HealthyNodes(environment);
        environment.getPropertySources().addFirst(nodes);
        nodes.renew();
        return nodes;
    }

    /** The one that is there and that a context relies on, perhaps the parent's; null if there is none. */
    static HealthyNodes settledIn(ConfigurableEnvironment environment) {
        MutablePropertySources sources = environment.getPropertySources();
        PropertySource<?> source = sources.get(RedisHealthChecker.SOURCE);
        Object nodes = source == null ? null : source.getProperty(SELF);
        return nodes instanceof HealthyNodes && ((HealthyNodes) nodes).isSettled ? (HealthyNodes) nodes : null;
    }

    /** From now on all sources are there, and what looks encrypted is meant so. */
    void settle() {
        isSettled = true;
        renew();
    }

    /** Takes it out of the environment. */
    void remove() {
        isRemoved = true;
        environment.getPropertySources().remove(RedisHealthChecker.SOURCE);
    }

    /** Whether it was taken out. */
    boolean isRemoved() {
        return isRemoved;
    }

    /** The check behind it. */
    NodeCheck check() {
        return check;
    }

    /** The healthy nodes by name, read now; empty if the configuration is to stay as it is. */
    Map<String, Object> properties() {
        reading.set(true);
        try {
            Settings settings = new Settings(environment);
            Map<String, Object> properties = isTooEarly(settings) ? Collections.emptyMap() : check.properties(settings);
            names = properties.keySet().toArray(new String[0]);
            return properties;
        } finally {
            reading.remove();
        }
    }

    @Override
    public Object getProperty(String name) {
        if (name.equals(SELF)) {
            return this;
        }
        // What is read for the check itself must not wait for the check.
        boolean isOurs = reading.get() == null && answered.contains(name.replaceAll("\\[\\d+]$", ""));
        return isOurs ? properties().get(name) : null;
    }

    @Override
    public boolean containsProperty(String name) {
        return getProperty(name) != null;
    }

    /** Those of the last read: binders ask for them thousands of times. */
    @Override
    public String[] getPropertyNames() {
        return reading.get() == null ? names.clone() : new String[0];
    }

    private void renew() {
        reading.set(true);
        try {
            Settings settings = new Settings(environment);
            Set<String> known = new HashSet<>(settings.nodesProperties());
            known.addAll(settings.targets());
            answered = known;
        } catch (IllegalArgumentException unresolved) {
            if (isSettled) {
                check.fail(unresolved, false);
            }
        } finally {
            reading.remove();
        }
        properties();
    }

    /** Whether what the nodes and the password refer to, or what decrypts them, may yet come. */
    private boolean isTooEarly(Settings settings) {
        try {
            return !isSettled && settings.isEncrypted();
        } catch (IllegalArgumentException unresolved) {
            return true;
        }
    }
}
