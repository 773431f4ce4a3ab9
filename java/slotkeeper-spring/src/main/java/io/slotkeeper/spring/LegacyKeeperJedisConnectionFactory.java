package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.util.Objects;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisPoolConfig;

/**
 * {@link KeeperJedisConnectionFactory} for Spring Data Redis 1.8 (Boot 1.5), which lacks a class that the other names; with
 * {@code slotkeeper-jedis2}. Password and time-out are its properties, as those of any {@code JedisConnectionFactory} there:
 *
 * <pre>{@code
 * <bean id="redisConnectionFactory" class="io.slotkeeper.spring.LegacyKeeperJedisConnectionFactory">
 *   <constructor-arg ref="slotkeeper"/>
 *   <constructor-arg ref="slotkeeperGate"/>
 *   <constructor-arg ref="clusterConfiguration"/>
 *   <constructor-arg ref="poolConfiguration"/>
 *   <property name="password" value="${spring.redis.password}"/>
 * </bean>
 * }</pre>
 */
public class LegacyKeeperJedisConnectionFactory extends JedisConnectionFactory {
    private final Keeper keeper;
    private final Gate gate;

    /**
     * Makes the client when Spring starts the factory.
     *
     * @param gate null: none
     */
    public LegacyKeeperJedisConnectionFactory(Keeper keeper, Gate gate, RedisClusterConfiguration cluster, JedisPoolConfig pools) {
        super(cluster, pools);
        this.keeper = Objects.requireNonNull(keeper, "keeper");
        this.gate = gate;
    }

    /** A keeper cluster. */
    @Override
    protected JedisCluster createCluster(RedisClusterConfiguration cluster, GenericObjectPoolConfig<Jedis> pools) {
        if (!KeeperClients.isPlain(this, cluster, getTimeout())) {
            throw new IllegalStateException("this factory has no TLS, no user name, no client name and no endless time-out");
        }
        return KeeperClients.plain(KeeperClients.builder(keeper, gate, cluster, pools), this, getTimeout());
    }
}
