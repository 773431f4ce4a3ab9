package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.util.Objects;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;

/**
 * Spring Data Redis's factory, with a {@link KeeperCluster} as its client: the slot map comes from a keeper, it starts without a living
 * node, and a gate may stand before its commands.
 *
 * <p>Boot applications need not name it: {@link SlotkeeperDataRedisAutoConfiguration} puts it in the place of the factory that Boot
 * makes. Others declare it as their bean; Spring closes it before its keeper. For Spring Data Redis 2 to 4.1 on Jedis 2.9 to 7, with
 * {@code slotkeeper-jedis2} or {@code slotkeeper-jedis4} beside it; for 1.8 there is {@link LegacyKeeperJedisConnectionFactory}. Of the
 * nodes in the cluster configuration nothing is taken: the keeper knows them.
 *
 * <p>With Jedis 2 and 3 without TLS, user names, client names and endless time-outs: one of these ends the start.
 */
public class KeeperJedisConnectionFactory extends JedisConnectionFactory {
    private final Keeper keeper;
    private final Gate gate;
    private final JedisClientConfiguration client;

    /**
     * Makes the client when Spring starts the factory.
     *
     * @param gate null: none
     */
    public KeeperJedisConnectionFactory(Keeper keeper, Gate gate, RedisClusterConfiguration cluster, JedisClientConfiguration client) {
        super(cluster, client);
        this.keeper = Objects.requireNonNull(keeper, "keeper");
        this.gate = gate;
        this.client = client;
    }

    /** False, whatever is set: Spring Data Redis 4.1 then asks {@link #createCluster} for its client, as those before it do. */
    public boolean isUseUnifiedJedis() {
        return false;
    }

    /** A keeper cluster. */
    @Override
    protected JedisCluster createCluster(RedisClusterConfiguration cluster, GenericObjectPoolConfig<Jedis> pools) {
        int connectTimeout = connectTimeout(client);
        String obstacle = KeeperClients.obstacle(this, cluster, connectTimeout);
        if (obstacle != null) {
            throw new IllegalStateException(obstacle);
        }
        KeeperCluster.Builder builder = KeeperClients.builder(keeper, gate, cluster, pools);
        return KeeperClients.isPlain(this, cluster, connectTimeout)
                ? KeeperClients.plain(builder, this, connectTimeout)
                : builder.clientConfig(Jedis4ClientConfig.of(this, cluster)).build();
    }

    static int connectTimeout(JedisClientConfiguration client) {
        return Math.toIntExact(client.getConnectTimeout().toMillis());
    }
}
