package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.internal.KeeperKnowledge;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import io.slotkeeper.jedis.internal.KeeperProvider;
import io.slotkeeper.jedis.internal.NodeConfig;
import io.slotkeeper.jedis.internal.NodePoolKind;
import java.time.Duration;
import java.util.Objects;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/**
 * A {@link JedisCluster} whose slot map comes from a {@link Keeper}.
 *
 * <pre>{@code
 * JedisCluster cluster = KeeperCluster.builder(keeper).password(password).soTimeout(1000).poolConfig(config).build();
 * }</pre>
 *
 * <p>It has no seeds of its own, and making it asks no node, so it can be made while nodes, or all of them, are dead.
 * Until the keeper has heard from a node, commands fail with {@code JedisClusterOperationException}; from then on
 * they work, without a restart. Each change of the cluster reaches it as soon as the keeper knows; what Jedis does by
 * itself when a node says MOVED or cannot be reached is answered by the keeper as well. Should the keeper not answer, or
 * be closed, the nodes are asked as plain Jedis would ask them.
 *
 * <p>Other clients of Jedis take the same from {@link Builder#buildProvider}.
 *
 * <p>May be shared between threads, as any {@code JedisCluster}. To be closed before its keeper, which it leaves open.
 */
public final class KeeperCluster extends JedisCluster {

    private KeeperCluster(Builder builder, KeeperProvider provider) {
        super(provider, builder.maxAttempts, builder.maxTotalRetries());
        provider.clientIsMade();
    }

    /** Starts with this keeper and the defaults of Jedis. */
    public static Builder builder(Keeper keeper) {
        return new Builder(keeper);
    }

    /** What a {@link KeeperCluster} is made of. For one thread. */
    public static final class Builder {

        private final Keeper keeper;
        private int connectionTimeout = DEFAULT_TIMEOUT;
        private int soTimeout = DEFAULT_TIMEOUT;
        private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
        private String password;
        private JedisClientConfig clientConfig;
        private SwitchableGate gate = new SwitchableGate(Gate.Mode.OFF);
        private GenericObjectPoolConfig<Connection> poolConfig = new GenericObjectPoolConfig<>();

        private Builder(Keeper keeper) {
            this.keeper = Objects.requireNonNull(keeper, "keeper");
        }

        /** How long connecting to a node may take, in ms, at least 1. Default: 2000. */
        public Builder connectionTimeout(int millis) {
            connectionTimeout = positive("connectionTimeout", millis);
            return this;
        }

        /** How long a node's answer may take, in ms, at least 1. Default: 2000. */
        public Builder soTimeout(int millis) {
            soTimeout = positive("soTimeout", millis);
            return this;
        }

        /**
         * How often a command is tried, redirections included, at least 1. Default: 5. All attempts together take at most so
         * many times the {@code soTimeout}, as in {@code JedisCluster}.
         */
        public Builder maxAttempts(int attempts) {
            maxAttempts = positive("maxAttempts", attempts);
            return this;
        }

        /** The password of all nodes; null: none. Default: none. */
        public Builder password(String text) {
            password = text;
            return this;
        }

        /**
         * How nodes are connected to: user, TLS, client name and all else; in the place of {@code connectionTimeout},
         * {@code soTimeout} and {@code password}, which are not looked at then. Default: none, and connections speak RESP2.
         *
         * <p>Jedis 5 and later learn the protocol from a node while the cluster is made, and take it for RESP2 if none
         * answers. So to start with all nodes dead name RESP2 here, or make a {@code RedisClusterClient} with
         * {@link #buildProvider}, which is told the protocol.
         */
        public Builder clientConfig(JedisClientConfig config) {
            clientConfig = config;
            return this;
        }

        /** The settings of each node's pool; copied, so that later changes have no effect. Default: those of commons-pool. */
        @SuppressWarnings("unchecked") // The parameter says whose eviction policy it is; Jedis has none that asks.
        public Builder poolConfig(GenericObjectPoolConfig<?> config) {
            poolConfig = (GenericObjectPoolConfig<Connection>) config.clone();
            return this;
        }

        /**
         * What stands before the commands. Default: none.
         *
         * <p>It covers commands with a key. It cannot stop those without one, which go to any node that lives, or to all;
         * what follows a redirection, which goes to the node that was named; pipelines; reads from replicas; what is sent to pools of
         * {@link #getClusterNodes}. From all of these it can rescue, once the connection stands: connecting has its own
         * time-out. A {@code CLUSTERDOWN} that comes before the keeper knows is not repeated, as in plain Jedis.
         * With {@code setRescueRetry(false)} a connection whose token was renewed does not log in again while it lives.
         */
        public Builder gate(Gate stands) {
            gate = (SwitchableGate) Objects.requireNonNull(stands, "gate");
            return this;
        }

        /**
         * Makes the cluster, at once. No node is asked unless there is a {@link #clientConfig}.
         *
         * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
         */
        public KeeperCluster build() {
            return new KeeperCluster(this, provider(clientConfig == null));
        }

        /**
         * Makes what other clients of Jedis get their connections from, at once and without asking a node. They own it, and
         * close it:
         *
         * <ul>
         *   <li>{@code RedisClusterClient} (Jedis 7 and later):
         *       {@code RedisClusterClient.builder().nodes(any).connectionProvider(provider).build()}; it wants at least one
         *       node, and does not look at it. {@code clientConfig} must name the protocol that the provider's does.
         *   <li>{@code UnifiedJedis} (before Jedis 8): {@code new UnifiedJedis(provider, maxAttempts, maxTotalRetries)}.
         * </ul>
         *
         * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
         */
        public ClusterConnectionProvider buildProvider() {
            return provider(false);
        }

        private KeeperProvider provider(boolean quietUntilMade) {
            int soTimeout = config().getSocketTimeoutMillis();
            // To Jedis 0 means for ever, which no command should be held.
            Duration hold = Duration.ofMillis(soTimeout > 0 ? soTimeout : DEFAULT_TIMEOUT);
            SlotGate slots = new SlotGate(gate, hold, new KeeperKnowledge(keeper), JedisClusterOperationException::new);
            return KeeperProvider.make(keeper, new NodePoolKind(config(), poolConfig, slots), slots, quietUntilMade);
        }

        private JedisClientConfig config() {
            return clientConfig != null ? clientConfig : new NodeConfig(connectionTimeout, soTimeout, password);
        }

        private Duration maxTotalRetries() {
            return Duration.ofMillis((long) config().getSocketTimeoutMillis() * maxAttempts);
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is at least 1, not " + value);
            }
            return value;
        }
    }
}
