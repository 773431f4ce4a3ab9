package io.slotkeeper.examples.boot3;

import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Component;

/** Spring Data Redis, in which nothing speaks of Slotkeeper. */
@Component
class Greetings {
    private final StringRedisTemplate redis;

    Greetings(StringRedisTemplate redis) {
        this.redis = redis;
    }

    String greet() {
        redis.opsForValue().set("greeting", "hello");
        return redis.opsForValue().get("greeting");
    }
}
