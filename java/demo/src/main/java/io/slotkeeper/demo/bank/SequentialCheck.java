package io.slotkeeper.demo.bank;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.Profile;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.stereotype.Component;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** The check that Slotkeeper replaces: each node in turn is given 5 s to answer PING, and those that do are kept. */
@Component
@Profile("sequential-check")
final class SequentialCheck implements BeanFactoryPostProcessor, PriorityOrdered, EnvironmentAware {
    private static final int TIMEOUT_MS = 5000;

    private ConfigurableEnvironment environment;

    @Override
    public void setEnvironment(Environment given) {
        environment = (ConfigurableEnvironment) given;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<String> healthy = new ArrayList<>();
        for (String node : environment.getRequiredProperty("athena.redis.url").split(",")) {
            long start = System.nanoTime();
            boolean answers = answersPing(HostAndPort.parseString(node));
            Console.say("checked", "node", node, "answers", answers, "ms", (System.nanoTime() - start) / 1_000_000);
            if (answers) {
                healthy.add(node);
            }
        }
        environment.getPropertySources().addFirst(new MapPropertySource(
                "redisHealthProperties", Collections.singletonMap("athena.redis.url", String.join(",", healthy))));
    }

    private boolean answersPing(HostAndPort node) {
        try (Jedis jedis = new Jedis(node.getHost(), node.getPort(), TIMEOUT_MS)) {
            jedis.auth(environment.getRequiredProperty("athena.redis.password"));
            return "PONG".equals(jedis.ping());
        } catch (JedisException dead) {
            return false;
        }
    }
}
