package io.slotkeeper;

import io.slotkeeper.internal.Native;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a cluster is reached by: named properties, each checked by the native library as it is set.
 *
 * <p>Immutable. {@link Slotkeeper#properties()} lists names, defaults and ranges.
 */
public final class Config {

    private static final Config EMPTY = new Config(Collections.<String, String>emptyMap());

    private final Map<String, String> values;

    private Config(Map<String, String> values) {
        this.values = values;
    }

    /** A configuration in which every property has its default. */
    public static Config empty() {
        return EMPTY;
    }

    /**
     * A configuration of these properties.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#UNKNOWN_PROPERTY} or
     *     {@link SlotkeeperException#INVALID_VALUE}; the message names the property, the value and what is allowed
     */
    public static Config of(Map<String, String> values) {
        Config config = new Config(new LinkedHashMap<>(values));
        Slotkeeper.load();
        Native.checkConfig(config.pairs());
        return config;
    }

    /**
     * This configuration with one property set.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#UNKNOWN_PROPERTY} or
     *     {@link SlotkeeperException#INVALID_VALUE}; the message names the property, the value and what is allowed
     */
    public Config with(String name, String value) {
        Slotkeeper.load();
        Native.checkConfig(new String[] {name, value});
        Map<String, String> copy = new LinkedHashMap<>(values);
        copy.put(name, value);
        return new Config(copy);
    }

    /** What a property is set to, or its default; the library is loaded. */
    String get(String name) {
        String value = values.get(name);
        return value != null ? value : Slotkeeper.properties().stream().filter(property -> property.name().equals(name))
                .findFirst().get().defaultValue();
    }

    /** Name, value, name, value, …: as the native library takes it. */
    String[] pairs() {
        String[] pairs = new String[values.size() * 2];
        int i = 0;
        for (Map.Entry<String, String> entry : values.entrySet()) {
            pairs[i++] = entry.getKey();
            pairs[i++] = entry.getValue();
        }
        return pairs;
    }

    /** The properties that were set; secrets are hidden, and what stands before an @ in a seed, where URLs have a password. */
    @Override
    public String toString() {
        Map<String, String> shown = new LinkedHashMap<>(values);
        if (!values.isEmpty()) {
            for (Property property : Slotkeeper.properties()) {
                if (property.isSecret()) {
                    shown.computeIfPresent(property.name(), (name, secret) -> "***");
                }
            }
            shown.computeIfPresent("seeds", (name, seeds) -> seeds.replaceAll("[^,\\s]*@", "***@"));
        }
        return "Config" + shown;
    }
}
