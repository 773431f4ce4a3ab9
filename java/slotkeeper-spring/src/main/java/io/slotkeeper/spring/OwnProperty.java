package io.slotkeeper.spring;

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
            "The names of the properties that are set to the healthy nodes, beside the one that the nodes came from.");

    /** What stands before each name, also before those of the core. */
    static final String PREFIX = "slotkeeper.";

    private final String name;
    private final String type;
    private final String defaultValue;
    private final String sentence;

    OwnProperty(String name, String type, String defaultValue, String sentence) {
        this.name = PREFIX + name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.sentence = sentence;
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
}
