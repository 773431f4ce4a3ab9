package io.slotkeeper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void names_are_those_of_the_jars_directories() {
        assertEquals("linux-x86_64", Platform.name("Linux", "amd64", Arrays.asList("/usr/lib/x86_64-linux-gnu/libc.so.6")));
        assertEquals("linux-aarch64", Platform.name("Linux", "aarch64", Collections.<String>emptyList()));
        assertEquals("macosx-aarch64", Platform.name("Mac OS X", "aarch64", Collections.<String>emptyList()));
    }

    @Test
    void musl_is_what_the_process_has_mapped() {
        assertEquals("linux-x86_64-musl", Platform.name("Linux", "amd64", Arrays.asList("/lib/ld-musl-x86_64.so.1")));
    }
}
