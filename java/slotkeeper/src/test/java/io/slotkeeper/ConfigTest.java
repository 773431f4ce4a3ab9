package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConfigTest {

    @Test
    void unknown_names_and_bad_values_are_errors_that_say_what_is_allowed() {
        SlotkeeperException name = assertThrows(SlotkeeperException.class, () -> Config.empty().with("sedes", "x"));
        assertEquals(SlotkeeperException.UNKNOWN_PROPERTY, name.code());
        assertTrue(name.getMessage().contains("\"sedes\"") && name.getMessage().contains("seeds"), name.getMessage());

        SlotkeeperException value = assertThrows(SlotkeeperException.class,
                () -> Config.of(Collections.singletonMap("refresh.interval-ms", "soon")));
        assertEquals(SlotkeeperException.INVALID_VALUE, value.code());
        assertTrue(value.getMessage().contains("\"soon\"") && value.getMessage().contains("ms"), value.getMessage());
    }

    @Test
    void a_null_is_an_invalid_argument_and_no_crash() {
        SlotkeeperException error = assertThrows(SlotkeeperException.class, () -> Config.empty().with("seeds", null));
        assertEquals(SlotkeeperException.INVALID_ARGUMENT, error.code());
    }

    @Test
    void with_gives_a_copy_and_leaves_the_original_alone() {
        Config empty = Config.empty();
        Config seeds = empty.with("seeds", "a:1");
        assertEquals("Config{}", empty.toString());
        assertEquals("Config{seeds=a:1}", seeds.toString());
    }

    @Test
    void secrets_are_not_shown() {
        String shown = Config.empty().with("seeds", "a:1").with("password", "s3cret").toString();
        assertEquals("Config{seeds=a:1, password=***}", shown);
    }

    @Test
    void texts_cross_unharmed() {
        String odd = "ü€\uD83D\uDE00\u0000\"";
        SlotkeeperException error = assertThrows(SlotkeeperException.class, () -> Config.empty().with(odd, "x"));
        assertTrue(error.getMessage().contains("ü€\uD83D\uDE00"), error.getMessage());
    }

    @Test
    void the_table_of_properties_comes_from_the_library() {
        List<Property> properties = Slotkeeper.properties();
        List<String> names = properties.stream().map(Property::name).collect(Collectors.toList());
        assertTrue(names.contains("seeds") && names.contains("password"), names.toString());
        for (Property property : properties) {
            assertFalse(property.sentence().isEmpty() || property.allowed().isEmpty(), property.toString());
        }
    }
}
