package io.slotkeeper;

/** One property of the configuration, as the native library documents it. */
public final class Property {

    private final String name;
    private final String type;
    private final String defaultValue;
    private final String allowed;
    private final String sentence;

    Property(String name, String type, String defaultValue, String allowed, String sentence) {
        this.name = name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.allowed = allowed;
        this.sentence = sentence;
    }

    /** The name for {@link Config#with}, such as {@code refresh.interval-ms}. */
    public String name() {
        return name;
    }

    /** The kind of value in a word; {@code secret} is never shown. */
    public String type() {
        return type;
    }

    /** What holds if the property is not set; empty if nothing does. */
    public String defaultValue() {
        return defaultValue;
    }

    /** Which values are allowed, in words. */
    public String allowed() {
        return allowed;
    }

    /** What the property does, in one sentence. */
    public String sentence() {
        return sentence;
    }

    /** Whether values must not be shown. */
    boolean isSecret() {
        return type.equals("secret");
    }

    @Override
    public String toString() {
        return name + " (" + type + ", " + allowed + (defaultValue.isEmpty() ? "" : ", default " + defaultValue) + "): "
                + sentence;
    }
}
