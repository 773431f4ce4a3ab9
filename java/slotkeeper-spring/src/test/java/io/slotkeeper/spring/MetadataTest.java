package io.slotkeeper.spring;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Property;
import io.slotkeeper.Slotkeeper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What IDEs complete, and what the package's description lists, is what the core and {@link OwnProperty} have. */
class MetadataTest {
    private static final Path FILE = Paths.get("src/main/resources/META-INF/spring-configuration-metadata.json");

    @Test
    void the_metadata_for_ides_are_those_of_the_tables() throws IOException {
        List<String> properties = new ArrayList<>();
        List<String> hints = new ArrayList<>();
        for (OwnProperty own : OwnProperty.values()) {
            properties.add(property(own.fullName(), own.type(), own.sentence(), own.defaultValue()));
            if (!own.choices().isEmpty()) {
                hints.add(hint(own.fullName(), own.choices().stream()));
            }
        }
        for (Property core : Slotkeeper.properties()) {
            String name = OwnProperty.PREFIX + core.name();
            boolean isTime = core.type().equals("milliseconds");
            String sentence = core.sentence() + (isTime ? " Allowed is " + core.allowed() + "." : "");
            // A family is a map: what stands behind its name is the key.
            properties.add(property(name.replace(".<name>", ""), type(core), sentence, core.defaultValue()));
            if (core.type().equals("choice") && !isFlag(core)) {
                hints.add(hint(name, Stream.of(core.allowed().split(" or "))));
            }
        }
        String generated = "{\n  \"properties\": [\n" + String.join(",\n", properties) + "\n  ],\n  \"hints\": [\n"
                + String.join(",\n", hints) + "\n  ]\n}\n";
        if (System.getenv("UPDATE_DOCS") != null) {
            Files.write(FILE, generated.getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(generated, read(FILE), FILE + " is behind the tables: run this test with UPDATE_DOCS=1");
    }

    @Test
    void the_description_of_the_package_lists_each_property_that_only_spring_has() throws IOException {
        String description = read(Paths.get("src/main/java/io/slotkeeper/spring/package-info.java"));
        for (OwnProperty own : OwnProperty.values()) {
            assertTrue(description.contains("<tr><td>{@code " + own.fullName() + "}</td>"), own.fullName());
        }
    }

    private static String type(Property core) {
        switch (core.type()) {
            case "milliseconds":
                return "java.lang.Long";
            case "zone":
                return "java.util.Map<java.lang.String,java.lang.String>";
            default:
                return isFlag(core) ? "java.lang.Boolean" : "java.lang.String";
        }
    }

    private static boolean isFlag(Property core) {
        return core.allowed().equals("false or true");
    }

    private static String property(String name, String type, String sentence, String defaultValue) {
        boolean isText = type.endsWith("String") || type.endsWith(">");
        return "    {\n      \"name\": " + quoted(name) + ",\n      \"type\": " + quoted(type) + ",\n      \"description\": "
                + quoted(sentence)
                + (defaultValue.isEmpty() ? "" : ",\n      \"defaultValue\": " + (isText ? quoted(defaultValue) : defaultValue))
                + "\n    }";
    }

    private static String hint(String name, Stream<String> words) {
        return "    {\n      \"name\": " + quoted(name) + ",\n      \"values\": ["
                + words.map(word -> "{\"value\": " + quoted(word) + "}").collect(joining(", ")) + "]\n    }";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
    }
}
