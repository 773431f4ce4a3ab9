package io.slotkeeper.spring;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.slotkeeper.Config;
import io.slotkeeper.Property;
import io.slotkeeper.Slotkeeper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.core.env.PropertyResolver;

/** What the environment, or a file before it, says of Slotkeeper: {@link OwnProperty} and the core's. Read anew at each question. */
final class Settings {
    private static final String SEEDS = "seeds";
    private static final String USERNAME = "username";
    private static final String PASSWORD = "password";

    private final PropertyResolver properties;

    Settings(PropertyResolver properties) {
        this.properties = properties;
    }

    /** Whether both flags say so. */
    boolean isEnabled() {
        String flag = own(OwnProperty.ENABLED_PROPERTY);
        return properties.getProperty(OwnProperty.ENABLED.fullName(), Boolean.class, true)
                && (flag.isEmpty() || properties.getProperty(flag, Boolean.class, false));
    }

    /** Whether the application would rather not start than start without Slotkeeper. */
    boolean isRequired() {
        return properties.getProperty(OwnProperty.REQUIRED.fullName(), Boolean.class, false);
    }

    /** The names of the properties that the nodes may come from, the first to be asked first. */
    List<String> nodesProperties() {
        return both(SEEDS, OwnProperty.NODES_PROPERTIES);
    }

    /** The name of the property that the nodes come from; null if there are none. */
    String nodesProperty() {
        return firstWithValue(nodesProperties());
    }

    /** The nodes as configured, in order, each once; not checked. */
    List<String> nodes() {
        String name = nodesProperty();
        return name == null ? Collections.emptyList() : items(value(name));
    }

    /** The properties that are to name the healthy nodes, beside the one that the nodes came from. */
    List<String> targets() {
        return items(own(OwnProperty.TARGET_PROPERTIES));
    }

    /** Whether nodes, user or password look like what Jasypt has yet to decrypt. */
    boolean isEncrypted() {
        return Stream.of(
                        nodesProperties(),
                        both(USERNAME, OwnProperty.USERNAME_PROPERTIES),
                        both(PASSWORD, OwnProperty.PASSWORD_PROPERTIES))
                .map(this::firstWithValue)
                .anyMatch(name -> name != null && value(name).trim().startsWith("ENC(") && value(name).trim().endsWith(")"));
    }

    /**
     * The core's configuration, with these nodes as its seeds.
     *
     * @throws io.slotkeeper.SlotkeeperException if the library cannot be loaded, or a value is not allowed
     */
    Config config(List<String> nodes) {
        Config config = Config.empty();
        for (Property property : Slotkeeper.properties()) {
            String value = value(OwnProperty.PREFIX + property.name());
            config = value.isEmpty() ? config : config.with(property.name(), value);
        }
        String username = firstWithValue(both(USERNAME, OwnProperty.USERNAME_PROPERTIES));
        String password = firstWithValue(both(PASSWORD, OwnProperty.PASSWORD_PROPERTIES));
        config = username == null ? config : config.with(USERNAME, value(username));
        config = password == null ? config : config.with(PASSWORD, value(password));
        return config.with(SEEDS, String.join(",", nodes));
    }

    /**
     * All names that there are.
     *
     * @throws io.slotkeeper.SlotkeeperException if the library cannot be loaded
     */
    static List<String> known() {
        return Stream.concat(
                        Arrays.stream(OwnProperty.values()).map(OwnProperty::fullName),
                        Slotkeeper.properties().stream().map(property -> OwnProperty.PREFIX + property.name()))
                .collect(toList());
    }

    /**
     * Those of these names that are meant for Slotkeeper, and that it does not know; in whatever spelling Spring takes.
     *
     * @throws io.slotkeeper.SlotkeeperException if the library cannot be loaded
     */
    static Set<String> unknown(Stream<String> names) {
        Set<String> unknown = names.filter(name -> name.startsWith(OwnProperty.PREFIX)).collect(toCollection(LinkedHashSet::new));
        // The library is loaded only if there is something to know.
        Set<String> known = (unknown.isEmpty() ? Stream.<String>empty() : known().stream()).map(Settings::relaxed).collect(toSet());
        unknown.removeIf(name -> known.contains(relaxed(name)));
        return unknown;
    }

    /** The name without what spellings may differ in, and without the index of a list's item. */
    private static String relaxed(String name) {
        return name.replaceAll("\\[\\d+]$", "").replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    private List<String> both(String core, OwnProperty others) {
        List<String> names = new ArrayList<>();
        names.add(OwnProperty.PREFIX + core);
        names.addAll(items(own(others)));
        return names;
    }

    private String firstWithValue(List<String> names) {
        return names.stream().filter(name -> !value(name).isEmpty()).findFirst().orElse(null);
    }

    /** A text, or the items of an indexed list ({@code name[0]}, …: what YAML's lists become) with commas; empty if there is neither. */
    private String value(String name) {
        String text = properties.getProperty(name);
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
        return properties.getProperty(name + "[" + index + "]");
    }

    private String own(OwnProperty property) {
        String value = value(property.fullName());
        return value.isEmpty() ? property.defaultValue() : value;
    }

    private static List<String> items(String text) {
        List<String> items = new ArrayList<>();
        Arrays.stream(text.split("[,\\s]+")).filter(item -> !item.isEmpty() && !items.contains(item)).forEach(items::add);
        return items;
    }
}
