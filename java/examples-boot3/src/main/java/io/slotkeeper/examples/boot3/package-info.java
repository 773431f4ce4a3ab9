/** From nothing to running with Spring Boot 3, as {@code docs/java.md} shows it. */
package io.slotkeeper.examples.boot3;
