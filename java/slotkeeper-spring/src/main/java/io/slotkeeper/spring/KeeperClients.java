package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;
import redis.clients.jedis.JedisCluster;

/** Keeper clusters from what a factory of Spring Data Redis was told. Names only what all versions of it, and of Jedis, have. */
final class KeeperClients {
    private static final ClassLoader LOADER = KeeperClients.class.getClassLoader();
    private static final boolean IS_JEDIS_4 = ClassUtils.isPresent("redis.clients.jedis.UnifiedJedis", LOADER);
    /** Earlier ones have no users, and Spring Data Redis then has no method to ask for them. */
    private static final boolean HAS_USERS = ClassUtils.isPresent("redis.clients.jedis.JedisClientConfig", LOADER);
    /** What Spring Data Redis gives if nothing else is configured. */
    private static final int ATTEMPTS = 5;

    private KeeperClients() {}

    /** Whether time-outs and a password say all about how nodes are connected to. */
    static boolean isPlain(JedisConnectionFactory factory, RedisClusterConfiguration cluster, int connectTimeout) {
        return !factory.isUseSsl()
                && !StringUtils.hasText(factory.getClientName())
                && !(HAS_USERS && StringUtils.hasText(cluster.getUsername()))
                && factory.getTimeout() > 0
                && connectTimeout > 0;
    }

    /** What keeps a factory from having a keeper cluster, in words; null if nothing does. */
    static String obstacle(JedisConnectionFactory factory, RedisClusterConfiguration cluster, int connectTimeout) {
        return IS_JEDIS_4 || isPlain(factory, cluster, connectTimeout)
                ? null
                : "with Jedis 2 and 3 a keeper cluster has no TLS, no user name, no client name and no endless time-out";
    }

    /** A builder with all that is not about how nodes are connected to. {@code gate} and {@code pools} may be null: none. */
    static KeeperCluster.Builder builder(Keeper keeper, Gate gate, RedisClusterConfiguration cluster, GenericObjectPoolConfig<?> pools) {
        KeeperCluster.Builder builder = KeeperCluster.builder(keeper)
                .maxAttempts(cluster.getMaxRedirects() == null ? ATTEMPTS : cluster.getMaxRedirects());
        if (gate != null) {
            builder.gate(gate);
        }
        return pools == null ? builder : builder.poolConfig(pools);
    }

    /** A keeper cluster whose nodes are connected to with time-outs and a password alone; no node is asked. */
    static JedisCluster plain(KeeperCluster.Builder builder, JedisConnectionFactory factory, int connectTimeout) {
        String password = factory.getPassword();
        return builder.connectionTimeout(connectTimeout)
                .soTimeout(factory.getTimeout())
                .password(StringUtils.hasText(password) ? password : null)
                .build();
    }
}
