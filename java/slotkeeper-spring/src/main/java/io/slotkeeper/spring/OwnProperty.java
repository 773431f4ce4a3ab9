package io.slotkeeper.spring;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The properties that only Spring has, each with {@code slotkeeper.} in front; all others are the core's.
 *
 * <p>The table from which come their defaults, the names that are allowed, and what IDEs show.
 */
enum OwnProperty {
    ENABLED("enabled", "java.lang.Boolean", "true", "false: Slotkeeper does nothing."),
    ENABLED_PROPERTY(
            "enabled-property",
            "java.lang.String",
            "",
            "The name of the application's own flag, such as athena.cluster.enabled; unless that is true, Slotkeeper does nothing."),
    REQUIRED(
            "required",
            "java.lang.Boolean",
            "false",
            "true: without a working library and one healthy node the application does not start."),
    NODES_PROPERTIES(
            "nodes-properties",
            "java.util.List<java.lang.String>",
            "spring.redis.cluster.nodes,spring.data.redis.cluster.nodes",
            "The names of the properties with the nodes; the first that has some counts."),
    USERNAME_PROPERTIES(
            "username-properties",
            "java.util.List<java.lang.String>",
            "spring.redis.username,spring.data.redis.username",
            "The names of the properties with the user's name; the first that has one counts."),
    PASSWORD_PROPERTIES(
            "password-properties",
            "java.util.List<java.lang.String>",
            "spring.redis.password,spring.data.redis.password",
            "The names of the properties with the password; the first that has one counts."),
    TARGET_PROPERTIES(
            "target-properties",
            "java.util.List<java.lang.String>",
            "athena.redis.url",
            "The names of the properties that are set to the healthy nodes, beside the one that the nodes came from."),
    GATE(
            "gate",
            "java.lang.String",
            "off",
            "What the gate before the commands of keeper clusters does; observe only counts and logs, and is the first step of a rollout.",
            "off", "observe", "on"),
    GATE_HOLD(
            "gate.hold-ms",
            "java.lang.Long",
            "",
            "How long a command waits for a pending slot; 0: not at all. Without it for the client's socket timeout."
                    + " Allowed is 0 to 600000 ms."),
    GATE_FAIL_FAST("gate.fail-fast", "java.lang.Boolean", "true", "Whether commands that would be in vain fail at once; else they pass."),
    GATE_RESCUE("gate.rescue", "java.lang.Boolean", "true", "Whether the gate closes connections to failed nodes."),
    GATE_RESCUE_RETRY(
            "gate.rescue.retry",
            "java.lang.Boolean",
            "true",
            "Whether Jedis repeats a command whose connection was closed by a rescue; the failed node may have run it."),
    CONNECTION_FACTORIES(
            "connection-factories",
            "java.lang.Boolean",
            "true",
            "Whether each JedisConnectionFactory of Spring Data Redis for the checked nodes gets its slot map from the keeper, and the gate."),
    JMX_ENABLED(
            "jmx.enabled",
            "java.lang.Boolean",
            "true",
            "Whether keeper and gate are MBeans, by which the gate can be switched, too; spring.jmx.enabled=false also takes them away."),
    HEALTH_DOWN_FOR(
            "health.down-for",
            "java.util.List<java.lang.String>",
            "",
            "With which healths of the cluster Actuator's health is DOWN: degraded, down, unknown; with none it stays UP."),
    HEALTH_OUT_OF_SERVICE_FOR(
            "health.out-of-service-for",
            "java.util.List<java.lang.String>",
            "",
            "With which healths of the cluster Actuator's health is OUT_OF_SERVICE: degraded, down, unknown.");

    /** What stands before each name, also before those of the core. */
    static final String PREFIX = "slotkeeper.";

    /** Those that the gate is set by, which can change while it stands. */
    static final Set<OwnProperty> OF_GATE =
            Collections.unmodifiableSet(EnumSet.of(GATE, GATE_HOLD, GATE_FAIL_FAST, GATE_RESCUE, GATE_RESCUE_RETRY));

    private final String name;
    private final String type;
    private final String defaultValue;
    private final String sentence;
    private final List<String> choices;

    OwnProperty(String name, String type, String defaultValue, String sentence, String... choices) {
        this.name = PREFIX + name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.sentence = sentence;
        this.choices = Collections.unmodifiableList(Arrays.asList(choices));
    }

    /** The whole name. */
    String fullName() {
        return name;
    }

    /** The Java type, for IDEs. */
    String type() {
        return type;
    }

    /** What holds if it is not set; empty for nothing. */
    String defaultValue() {
        return defaultValue;
    }

    /** What it does. */
    String sentence() {
        return sentence;
    }

    /** The words that are allowed; empty if others are. */
    List<String> choices() {
        return choices;
    }
}
