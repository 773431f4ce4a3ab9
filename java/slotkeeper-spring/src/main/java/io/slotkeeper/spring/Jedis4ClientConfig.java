package io.slotkeeper.spring;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.util.StringUtils;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;

/** How Jedis 4 and later connect to a node, from what Spring Data Redis was told. Of its own, since Jedis 2 lacks these classes. */
final class Jedis4ClientConfig {
    private Jedis4ClientConfig() {}

    static JedisClientConfig of(JedisConnectionFactory factory, RedisClusterConfiguration cluster) {
        JedisClientConfiguration client = factory.getClientConfiguration();
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .socketTimeoutMillis(factory.getTimeout())
                .connectionTimeoutMillis(KeeperJedisConnectionFactory.connectTimeout(client));
        if (StringUtils.hasText(cluster.getUsername())) {
            config.user(cluster.getUsername());
        }
        if (StringUtils.hasText(factory.getPassword())) {
            config.password(factory.getPassword());
        }
        if (StringUtils.hasText(factory.getClientName())) {
            config.clientName(factory.getClientName());
        }
        if (factory.isUseSsl()) {
            config.ssl(true);
            client.getSslSocketFactory().ifPresent(config::sslSocketFactory);
            client.getSslParameters().ifPresent(config::sslParameters);
            client.getHostnameVerifier().ifPresent(config::hostnameVerifier);
        }
        return config.build();
    }
}
