package io.slotkeeper.spring;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Health;
import io.slotkeeper.Property;
import io.slotkeeper.Slotkeeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.PropertySource;

/** What the environment, or a file before it, says of Slotkeeper: {@link OwnProperty} and the core's. Read anew at each question. */
final class Settings {
    private static final String SEEDS = "seeds";
    private static final String USERNAME = "username";
    private static final String PASSWORD = "password";
    private static final String BOOT_JMX = "spring.jmx.enabled";
    private static final long LONGEST_HOLD_MS = 600_000;

    /** {@code slotkeeper.zone.dc-a}, {@code slotkeeper.zone[dc-a]}, and the same with the index of a list's item. */
    private static final Pattern ZONE = Pattern.compile("(slotkeeper\\.zone(?:\\.([^\\[\\]]+)|\\[([^\\]]+)]))(?:\\[\\d+])?");
    private static final String ZONE_VARIABLE = "SLOTKEEPER_ZONE_";

    private final PropertyResolver properties;
    /** Those that the properties come from, as far as they tell what they have. */
    private final Iterable<PropertySource<?>> sources;

    Settings(PropertyResolver properties) {
        this(properties, properties instanceof ConfigurableEnvironment
                ? ((ConfigurableEnvironment) properties).getPropertySources() : Collections.emptyList());
    }

    Settings(PropertyResolver properties, Iterable<PropertySource<?>> sources) {
        this.properties = properties;
        this.sources = sources;
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
     * Whether factories of Spring Data Redis get the keeper's slot map.
     *
     * @throws IllegalArgumentException as {@link #gate}
     */
    boolean takesConnectionFactories() {
        return flag(OwnProperty.CONNECTION_FACTORIES);
    }

    /**
     * Whether JMX shows keeper and gate. What Boot says of JMX counts if the application has set it: its default, false since 2.2, spares
     * the start Spring's own exporter, and has never kept a library's MBeans away, such as those of the pools that Jedis makes.
     *
     * @throws IllegalArgumentException as {@link #gate}
     */
    boolean showsMBeans() {
        return flag(OwnProperty.JMX_ENABLED) && !"false".equalsIgnoreCase(value(BOOT_JMX).trim());
    }

    /**
     * A new gate.
     *
     * @throws IllegalArgumentException if a value is not allowed; the message names the property, the value and what is allowed
     */
    Gate gate() {
        Gate gate = Gate.of(Gate.Mode.OFF);
        set(gate, OwnProperty.OF_GATE);
        return gate;
    }

    /**
     * Sets what these properties say of a gate; others stay as they are, and so do all if a value is not allowed.
     *
     * @throws IllegalArgumentException as {@link #gate}
     */
    void set(Gate gate, Set<OwnProperty> changed) {
        Duration hold = hold();
        boolean failsFast = flag(OwnProperty.GATE_FAIL_FAST);
        boolean rescues = flag(OwnProperty.GATE_RESCUE);
        boolean retriesRescued = flag(OwnProperty.GATE_RESCUE_RETRY);
        Gate.Mode mode = Gate.Mode.valueOf(choice(OwnProperty.GATE).toUpperCase(Locale.ROOT));
        if (changed.contains(OwnProperty.GATE_HOLD)) {
            gate.setHold(hold);
        }
        if (changed.contains(OwnProperty.GATE_FAIL_FAST)) {
            gate.setFailFast(failsFast);
        }
        if (changed.contains(OwnProperty.GATE_RESCUE)) {
            gate.setRescue(rescues);
        }
        if (changed.contains(OwnProperty.GATE_RESCUE_RETRY)) {
            gate.setRescueRetry(retriesRescued);
        }
        if (changed.contains(OwnProperty.GATE)) {
            gate.setMode(mode);
        }
    }

    /**
     * The healths of the cluster with which the application counts as down.
     *
     * @throws IllegalArgumentException as {@link #gate}
     */
    Set<Health> downFor() {
        return healths(OwnProperty.HEALTH_DOWN_FOR);
    }

    /**
     * The healths of the cluster with which the application counts as out of service.
     *
     * @throws IllegalArgumentException as {@link #gate}
     */
    Set<Health> outOfServiceFor() {
        return healths(OwnProperty.HEALTH_OUT_OF_SERVICE_FOR);
    }

    /**
     * The core's configuration, with these nodes as its seeds.
     *
     * @throws io.slotkeeper.SlotkeeperException if the library cannot be loaded, or a value is not allowed
     */
    Config config(List<String> nodes) {
        Config config = Config.empty();
        for (Property property : Slotkeeper.properties()) {
            String value = property.type().equals("zone") ? "" : value(OwnProperty.PREFIX + property.name());
            value = property.type().equals("choice") ? unYaml(value, property.allowed().split(" or ")) : value;
            config = value.isEmpty() ? config : config.with(property.name(), value);
        }
        for (Map.Entry<String, String> zone : zones().entrySet()) {
            config = config.with("zone." + zone.getKey(), value(zone.getValue()));
        }
        String username = firstWithValue(both(USERNAME, OwnProperty.USERNAME_PROPERTIES));
        String password = firstWithValue(both(PASSWORD, OwnProperty.PASSWORD_PROPERTIES));
        config = username == null ? config : config.with(USERNAME, value(username));
        config = password == null ? config : config.with(PASSWORD, value(password));
        return config.with(SEEDS, String.join(",", nodes));
    }

    /** Those that only Spring has among these names, in whatever spelling Spring takes. */
    static Set<OwnProperty> among(Set<String> names) {
        Set<String> relaxed = names.stream().map(Settings::relaxed).collect(toSet());
        return Arrays.stream(OwnProperty.values()).filter(own -> relaxed.contains(relaxed(own.fullName())))
                .collect(toCollection(() -> EnumSet.noneOf(OwnProperty.class)));
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
        unknown.removeIf(name -> ZONE.matcher(name).matches() || known.contains(relaxed(name)));
        return unknown;
    }

    /**
     * The properties that define zones, by zone. What an environment variable alone defines has its name in small letters, with hyphens.
     */
    private Map<String, String> zones() {
        Map<String, String> zones = new LinkedHashMap<>();
        Map<String, String> variables = new LinkedHashMap<>();
        for (PropertySource<?> source : sources) {
            if (!(source instanceof EnumerablePropertySource)) {
                continue;
            }
            for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
                Matcher zone = ZONE.matcher(name);
                if (zone.matches()) {
                    zones.putIfAbsent(zone.group(2) != null ? zone.group(2) : zone.group(3), zone.group(1));
                } else if (name.startsWith(ZONE_VARIABLE)) {
                    variables.putIfAbsent(name.substring(ZONE_VARIABLE.length()).toLowerCase(Locale.ROOT).replace('_', '-'), name);
                }
            }
        }
        // Of a zone that has a property too the environment knows already that the variable stands in for it.
        Set<String> known = zones.keySet().stream().map(Settings::relaxed).collect(toSet());
        variables.keySet().removeIf(zone -> known.contains(relaxed(zone)));
        zones.putAll(variables);
        return zones;
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

    private String choice(OwnProperty property) {
        String[] choices = property.choices().toArray(new String[0]);
        String word = unYaml(own(property).trim().toLowerCase(Locale.ROOT), choices);
        if (!property.choices().contains(word)) {
            throw notAllowed(property, word, String.join(" or ", choices));
        }
        return word;
    }

    private boolean flag(OwnProperty property) {
        String word = own(property).trim().toLowerCase(Locale.ROOT);
        if (!word.equals("true") && !word.equals("false")) {
            throw notAllowed(property, word, "true or false");
        }
        return word.equals("true");
    }

    private Set<Health> healths(OwnProperty property) {
        Set<Health> healths = EnumSet.noneOf(Health.class);
        for (String word : items(own(property))) {
            Health health = Stream.of(Health.DEGRADED, Health.DOWN, Health.UNKNOWN)
                    .filter(known -> known.name().equalsIgnoreCase(word))
                    .findFirst()
                    .orElseThrow(() -> notAllowed(property, word, "degraded, down and unknown"));
            healths.add(health);
        }
        return healths;
    }

    private Duration hold() {
        String ms = own(OwnProperty.GATE_HOLD).trim();
        if (ms.isEmpty()) {
            return null;
        }
        if (!ms.matches("[0-9]{1,6}") || Long.parseLong(ms) > LONGEST_HOLD_MS) {
            throw notAllowed(OwnProperty.GATE_HOLD, ms, "0 to " + LONGEST_HOLD_MS + " ms");
        }
        return Duration.ofMillis(Long.parseLong(ms));
    }

    /** To YAML on and off are true and false: so they arrive here if nobody has put them into quotes. */
    private static String unYaml(String word, String... allowed) {
        String meant = word.equals("true") ? "on" : word.equals("false") ? "off" : word;
        return Arrays.asList(allowed).contains(meant) ? meant : word;
    }

    private static IllegalArgumentException notAllowed(OwnProperty property, String value, String allowed) {
        return new IllegalArgumentException(property.fullName() + " is \"" + value + "\", and allowed is " + allowed);
    }

    private static List<String> items(String text) {
        List<String> items = new ArrayList<>();
        Arrays.stream(text.split("[,\\s]+")).filter(item -> !item.isEmpty() && !items.contains(item)).forEach(items::add);
        return items;
    }
}
