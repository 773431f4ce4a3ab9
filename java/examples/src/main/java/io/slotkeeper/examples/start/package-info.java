/** From nothing to running, as {@code docs/java.md} shows it: with plain Jedis, with Spring and XML, with Spring Boot 2. */
package io.slotkeeper.examples.start;
