package io.slotkeeper;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads a keeper's status as the native library gives it: name, value, name, value, … */
final class StatusReader {

    private final Map<String, String> values = new HashMap<>();

    StatusReader(String[] pairs) {
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    boolean bool(String name) {
        return Boolean.parseBoolean(text(name));
    }

    Health health() {
        return Health.valueOf(text("health").toUpperCase(Locale.ROOT));
    }

    /** Milliseconds since 1970; null if empty. */
    Instant instant(String name) {
        return text(name).isEmpty() ? null : Instant.ofEpochMilli(number(name));
    }

    /** Milliseconds; null if empty. */
    Duration duration(String name) {
        return text(name).isEmpty() ? null : Duration.ofMillis(number(name));
    }

    /** What stands between commas. */
    List<String> list(String name) {
        return split(name, ",");
    }

    /** What stands on a line each. */
    List<String> lines(String name) {
        return split(name, "\n");
    }

    private List<String> split(String name, String separator) {
        List<String> items = new ArrayList<>();
        for (String item : text(name).split(separator)) {
            if (!item.isEmpty()) {
                items.add(item);
            }
        }
        return Collections.unmodifiableList(items);
    }

    private String text(String name) {
        String text = values.get(name);
        if (text == null) {
            throw new SlotkeeperException(SlotkeeperException.PANIC, "the native library gave no " + name);
        }
        return text;
    }
}
