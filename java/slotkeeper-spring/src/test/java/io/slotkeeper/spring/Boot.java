package io.slotkeeper.spring;

/** Which Spring Boot the tests run with, and what it calls things. */
final class Boot {
    private static final int MAJOR = Integer.parseInt(System.getProperty("slotkeeper.spring-boot").split("\\.")[0]);

    private Boot() {}

    /** Whether it is this major version or a later one. */
    static boolean isAtLeast(int major) {
        return MAJOR >= major;
    }

    /** What its own properties for Redis begin with. */
    static String redis() {
        return isAtLeast(3) ? "spring.data.redis." : "spring.redis.";
    }
}
