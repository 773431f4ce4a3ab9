package io.slotkeeper.spring;

import io.slotkeeper.Config;
import io.slotkeeper.Property;
import io.slotkeeper.Slotkeeper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.springframework.core.env.Environment;

/** What the environment says of Slotkeeper: the properties that the package's description names. Read anew at each question. */
final class Settings {
    private static final String PREFIX = "slotkeeper.";
    private static final String SEEDS = "seeds";
    private static final String USERNAME = "username";
    private static final String PASSWORD = "password";

    private final Environment environment;

    Settings(Environment environment) {
        this.environment = environment;
    }

    /** Whether both flags say so. */
    boolean isEnabled() {
        String flag = own("enabled-property", "");
        return environment.getProperty(PREFIX + "enabled", Boolean.class, true)
                && (flag.isEmpty() || environment.getProperty(flag, Boolean.class, false));
    }

    /** Whether the application would rather not start than start without Slotkeeper. */
    boolean isRequired() {
        return environment.getProperty(PREFIX + "required", Boolean.class, false);
    }

    /** The name of the property that the nodes come from; null if there are none. */
    String nodesProperty() {
        return firstWithValue(
                PREFIX + SEEDS, names("nodes-properties", "spring.redis.cluster.nodes,spring.data.redis.cluster.nodes"));
    }

    /** The nodes as configured, in order, each once; not checked. */
    List<String> nodes() {
        String name = nodesProperty();
        return name == null ? Collections.emptyList() : items(value(name));
    }

    /** The properties that are to name the healthy nodes, beside the one that the nodes came from. */
    List<String> targets() {
        return names("target-properties", "athena.redis.url");
    }

    /**
     * The core's configuration, with these nodes as its seeds.
     *
     * @throws io.slotkeeper.SlotkeeperException if the library cannot be loaded, or a value is not allowed
     */
    Config config(List<String> nodes) {
        Config config = Config.empty();
        for (Property property : Slotkeeper.properties()) {
            String value = value(PREFIX + property.name());
            config = value.isEmpty() ? config : config.with(property.name(), value);
        }
        String username = firstWithValue(
                PREFIX + USERNAME, names("username-properties", "spring.redis.username,spring.data.redis.username"));
        String password = firstWithValue(
                PREFIX + PASSWORD, names("password-properties", "spring.redis.password,spring.data.redis.password"));
        config = username == null ? config : config.with(USERNAME, value(username));
        config = password == null ? config : config.with(PASSWORD, value(password));
        return config.with(SEEDS, String.join(",", nodes));
    }

    private String firstWithValue(String first, List<String> others) {
        if (!value(first).isEmpty()) {
            return first;
        }
        return others.stream().filter(name -> !value(name).isEmpty()).findFirst().orElse(null);
    }

    /** A text, or the items of an indexed list ({@code name[0]}, …: what YAML's lists become) with commas; empty if there is neither. */
    private String value(String name) {
        String text = environment.getProperty(name);
        if (text != null && !text.trim().isEmpty()) {
            return text;
        }
        List<String> items = new ArrayList<>();
        for (String item = indexed(name, 0); item != null; item = indexed(name, items.size())) {
            items.add(item);
        }
        return String.join(",", items);
    }

    private String indexed(String name, int index) {
        return environment.getProperty(name + "[" + index + "]");
    }

    private List<String> names(String name, String defaults) {
        return items(own(name, defaults));
    }

    private String own(String name, String otherwise) {
        String value = value(PREFIX + name);
        return value.isEmpty() ? otherwise : value;
    }

    private static List<String> items(String text) {
        List<String> items = new ArrayList<>();
        Arrays.stream(text.split("[,\\s]+")).filter(item -> !item.isEmpty() && !items.contains(item)).forEach(items::add);
        return items;
    }
}
