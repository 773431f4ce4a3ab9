package io.slotkeeper.demo.bank;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Stands in for the bank's application: Spring Boot 2.7, Jedis 2.9.0 from a factory bean.
 *
 * <p>{@code --athena.cluster.enabled=false} is the application without Slotkeeper; with
 * {@code --spring.profiles.active=sequential-check} it has the check that the bank wrote itself.
 */
@SpringBootApplication
public class BankApplication {
    /** Starts, and obeys the lines of the standard input until it ends. */
    public static void main(String[] arguments) {
        SpringApplication.run(BankApplication.class, arguments);
    }
}
