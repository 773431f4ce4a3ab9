package io.slotkeeper.demo.bank;

import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;

/** Makes the application's {@link JedisCluster}: the one place that differs with Slotkeeper, by one line. */
@Component
final class RedisFactory implements FactoryBean<JedisCluster> {
    private static final int TIMEOUT_MS = 1000;
    private static final int ATTEMPTS = 5;

    private final String url;
    private final String password;
    private final Keeper keeper;

    RedisFactory(
            @Value("${athena.redis.url}") String url,
            @Value("${athena.redis.password}") String password,
            ObjectProvider<Keeper> keeper) {
        this.url = url;
        this.password = password;
        this.keeper = keeper.getIfAvailable();
    }

    @Override
    public JedisCluster getObject() {
        return keeper == null
                ? new JedisCluster(nodes(), TIMEOUT_MS, TIMEOUT_MS, ATTEMPTS, password, pool())
                : KeeperCluster.builder(keeper).password(password).soTimeout(TIMEOUT_MS).poolConfig(pool()).build();
    }

    @Override
    public Class<?> getObjectType() {
        return JedisCluster.class;
    }

    private Set<HostAndPort> nodes() {
        return Arrays.stream(url.split(",")).map(HostAndPort::parseString).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static GenericObjectPoolConfig pool() {
        GenericObjectPoolConfig pool = new GenericObjectPoolConfig();
        pool.setJmxEnabled(false);
        return pool;
    }
}
