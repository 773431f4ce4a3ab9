package io.slotkeeper.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The warnings in what an application printed. */
final class Warnings {
    private static final Pattern WARNING = Pattern.compile(" WARN .*?RedisHealthChecker +[:-]+ (.*)");

    private Warnings() {}

    /** The texts of the health checker's warnings. */
    static List<String> in(Output output) {
        return in(output.toString());
    }

    /** As {@link #in(Output)}. */
    static List<String> in(String output) {
        List<String> warnings = new ArrayList<>();
        for (Matcher matcher = WARNING.matcher(output); matcher.find(); ) {
            warnings.add(matcher.group(1));
        }
        return warnings;
    }
}
