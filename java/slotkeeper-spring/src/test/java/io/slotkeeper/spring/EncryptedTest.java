package io.slotkeeper.spring;

import static io.slotkeeper.spring.OneDead.DEAD;
import static io.slotkeeper.spring.OneDead.HEALTHY;
import static io.slotkeeper.spring.OneDead.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ulisesbocchio.jasyptspringboot.annotation.EnableEncryptableProperties;
import io.slotkeeper.Keeper;
import java.time.Duration;
import java.util.Collections;
import org.jasypt.encryption.StringEncryptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportResource;

/** A password that Jasypt has to decrypt before a node can be asked, on a real cluster of which one node is dead. */
@ExtendWith(Output.class)
@EnabledIfSystemProperty(
        named = "slotkeeper.spring-boot", matches = "[23]\\..*", disabledReason = "This Jasypt is for Boot 2 and 3")
class EncryptedTest {
    @Test
    void the_password_is_taken_once_it_is_decrypted(Output output) {
        try (ConfigurableApplicationContext context = Application.start(
                Encrypted.class,
                "spring.redis.cluster.nodes=" + NODES,
                "athena.redis.url=" + NODES,
                "spring.redis.password=ENC(terces)")) {
            assertEquals(HEALTHY, context.getBean("url"));
            assertTrue(context.getBean(Keeper.class).awaitTopology(Duration.ofSeconds(10)).generation() > 0);
        }
        assertEquals(
                Collections.singletonList(
                        "Only 2 of 3 nodes are healthy; left out are " + DEAD + " (refused)"),
                Warnings.in(output));
    }

    /** The bean {@code url} has its placeholder in XML, where it is resolved before the turn of Jasypt's own post-processor. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableEncryptableProperties
    @ImportResource("classpath:plain-beans.xml")
    static class Encrypted {
        @Bean
        static StringEncryptor jasyptStringEncryptor() {
            return new Backwards();
        }
    }

    /** Stands for a cipher. */
    static final class Backwards implements StringEncryptor {
        @Override
        public String encrypt(String message) {
            return new StringBuilder(message).reverse().toString();
        }

        @Override
        public String decrypt(String message) {
            return encrypt(message);
        }
    }
}
