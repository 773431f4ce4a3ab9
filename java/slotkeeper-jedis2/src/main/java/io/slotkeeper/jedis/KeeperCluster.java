package io.slotkeeper.jedis;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.internal.KeeperKnowledge;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import io.slotkeeper.jedis.internal.JedisPools;
import io.slotkeeper.jedis.internal.KeeperHandler;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

/**
 * A {@link JedisCluster} whose slot map comes from a {@link Keeper}.
 *
 * <pre>{@code
 * JedisCluster cluster = KeeperCluster.builder(keeper).password(password).soTimeout(1000).poolConfig(config).build();
 * }</pre>
 *
 * <p>It has no seeds of its own, and making it does no network I/O, so it can be made while nodes, or all of them, are dead.
 * Until the keeper has heard from a node, commands fail with {@code JedisNoReachableClusterNodeException}; from then on
 * they work, without a restart. Each change of the cluster reaches it as soon as the keeper knows; what Jedis does by
 * itself when a node says MOVED or cannot be reached is answered by the keeper as well. Should the keeper not answer, or
 * be closed, the nodes are asked as plain Jedis would ask them.
 *
 * <p>May be shared between threads, as any {@code JedisCluster}. To be closed before its keeper, which it leaves open.
 */
public final class KeeperCluster extends JedisCluster {

    private KeeperCluster(Builder builder) {
        super(Collections.<HostAndPort>emptySet(), builder.connectionTimeout, builder.soTimeout, builder.maxAttempts,
                builder.password, builder.poolConfig);
        SlotGate gate = new SlotGate(builder.gate, Duration.ofMillis(builder.soTimeout), new KeeperKnowledge(builder.keeper),
                JedisNoReachableClusterNodeException::new);
        connectionHandler = new KeeperHandler(builder.keeper, new JedisPools(builder.poolConfig, builder.connectionTimeout,
                builder.soTimeout, builder.password, gate), gate);
    }

    /** Starts with this keeper and the defaults of Jedis. */
    public static Builder builder(Keeper keeper) {
        return new Builder(keeper);
    }

    /** Closes all connections, any number of times. Commands then fail; the keeper stays open. */
    @Override
    public void close() {
        connectionHandler.close();
    }

    /** What a {@link KeeperCluster} is made of. For one thread. */
    public static final class Builder {

        private final Keeper keeper;
        private int connectionTimeout = DEFAULT_TIMEOUT;
        private int soTimeout = DEFAULT_TIMEOUT;
        private int maxAttempts = DEFAULT_MAX_REDIRECTIONS;
        private String password;
        private SwitchableGate gate = new SwitchableGate(Gate.Mode.OFF);
        private GenericObjectPoolConfig poolConfig = new GenericObjectPoolConfig();

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

        /** How often a command is tried, redirections included, at least 1. Default: 5. */
        public Builder maxAttempts(int attempts) {
            maxAttempts = positive("maxAttempts", attempts);
            return this;
        }

        /** The password of all nodes; null: none. Default: none. */
        public Builder password(String text) {
            password = text;
            return this;
        }

        /** The settings of each node's pool; copied, so that later changes have no effect. Default: those of commons-pool. */
        public Builder poolConfig(GenericObjectPoolConfig config) {
            poolConfig = config.clone();
            return this;
        }

        /**
         * What stands before the commands. Default: none.
         *
         * <p>It covers commands with a key. It cannot stop those without one, which go to any node that lives; what follows a
         * redirection, which goes to the node that was named; what is sent to pools of {@link #getClusterNodes}. From all of
         * these it can rescue. A {@code CLUSTERDOWN} that comes before the keeper knows is not repeated, as in plain Jedis.
         */
        public Builder gate(Gate stands) {
            gate = (SwitchableGate) Objects.requireNonNull(stands, "gate");
            return this;
        }

        /**
         * Makes the cluster, at once and without network I/O.
         *
         * @throws io.slotkeeper.SlotkeeperException with code 20 if the keeper is closed
         */
        public KeeperCluster build() {
            return new KeeperCluster(this);
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is at least 1, not " + value);
            }
            return value;
        }
    }
}
