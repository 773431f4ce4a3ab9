package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Paths;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;

/** The tests run with the version of Boot that was asked for, not with the one that is compiled against. */
class VersionTest {
    @Test
    void spring_boot_is_the_one_that_was_asked_for() throws Exception {
        String jar = Paths.get(SpringApplication.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .getFileName()
                .toString();
        assertEquals("spring-boot-" + System.getProperty("slotkeeper.spring-boot") + ".jar", jar);
    }
}
