package io.slotkeeper.jedis;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/** What the tests for all families of Jedis share: clusters with a password and full coverage, and clients of them. */
final class Fixture {

    static final String PASSWORD = "s3cret";
    static final Duration LIMIT = Duration.ofSeconds(30);
    /** As many as a pool may have connections, so that a node's pool is never the bottleneck. */
    static final int POOL = 64;

    private Fixture() {}

    /** A cluster whose nodes call another dead after {@code nodeTimeout} ms. */
    static TestCluster cluster(String layout, int nodeTimeout) {
        return TestCluster.start(layout, "--password", PASSWORD, "--node-timeout", Integer.toString(nodeTimeout));
    }

    /** Three masters without replicas: what one has is lost with it, the others go on. */
    static TestCluster uncovered() {
        return TestCluster.start("A B C", "--password", PASSWORD, "--node-timeout", "1000", "--full-coverage", "no");
    }

    /** A keeper that makes no round by itself for a day while all is well. */
    static Keeper keeper(TestCluster cluster) {
        return Keeper.open(config(cluster));
    }

    /** One that looks five times as often as usual whether anything has changed, and knows as much sooner that it is blind. */
    static Keeper quickKeeper(TestCluster cluster) {
        Keeper keeper = Keeper.open(config(cluster).with("pulse.interval-ms", "200"));
        keeper.awaitTopology(LIMIT);
        return keeper;
    }

    private static Config config(TestCluster cluster) {
        return Config.empty().with("seeds", cluster.seeds()).with("password", PASSWORD).with("refresh.interval-ms", "86400000");
    }

    /** A keeper that has its first topology. */
    static Keeper readyKeeper(TestCluster cluster) {
        Keeper keeper = keeper(cluster);
        keeper.awaitTopology(LIMIT);
        return keeper;
    }

    static KeeperCluster keeperCluster(Keeper keeper, int maxAttempts) {
        return KeeperCluster.builder(keeper).password(PASSWORD).maxAttempts(maxAttempts).poolConfig(Family.poolConfig(POOL)).build();
    }

    /** With connections of this many at most to each node. */
    static KeeperCluster gatedCluster(Keeper keeper, Gate gate, int pool) {
        return gated(keeper, gate, pool).build();
    }

    /** One whose commands do not time out while a master fails over: Jedis repeats those that do. */
    static KeeperCluster patientCluster(Keeper keeper, Gate gate) {
        return gated(keeper, gate, POOL).soTimeout(20_000).build();
    }

    /** One that tries a command once: Jedis 4 and later try a node that is dead for ten seconds. */
    static KeeperCluster impatientCluster(Keeper keeper, Gate gate) {
        return gated(keeper, gate, POOL).maxAttempts(1).build();
    }

    private static KeeperCluster.Builder gated(Keeper keeper, Gate gate, int pool) {
        return KeeperCluster.builder(keeper).password(PASSWORD).poolConfig(Family.poolConfig(pool)).gate(gate);
    }

    /** Plain Jedis, started from the first node that {@code seeds} names. */
    static JedisCluster plain(TestCluster cluster, int maxAttempts, String... seeds) {
        return plain(cluster, maxAttempts, POOL, seeds);
    }

    static JedisCluster plain(TestCluster cluster, int maxAttempts, int pool, String... seeds) {
        Set<HostAndPort> nodes = new LinkedHashSet<>();
        for (String seed : seeds) {
            TestNode node = cluster.node(seed);
            nodes.add(new HostAndPort(node.host(), node.port()));
        }
        return new JedisCluster(nodes, 2000, 2000, maxAttempts, PASSWORD, Family.poolConfig(pool));
    }

    /** So many keys whose slots are within a range. */
    static List<String> keys(int firstSlot, int lastSlot, int count) {
        return IntStream.iterate(0, i -> i + 1).mapToObj(i -> "key-" + i)
                .filter(key -> KeySlot.of(key) >= firstSlot && KeySlot.of(key) <= lastSlot)
                .limit(count).collect(Collectors.toList());
    }

    /** Waits until something holds; fails with {@code what} if it does not within {@link #LIMIT}. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + LIMIT.getSeconds() + " s in vain: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Whether a command succeeds. */
    static boolean works(JedisCluster cluster, String key) {
        try {
            cluster.set(key, "value");
            return true;
        } catch (JedisException e) {
            return false;
        }
    }

    /** Whether a gate stops a command. */
    static boolean isRefused(JedisCluster cluster, String key) {
        try {
            cluster.get(key);
            return false;
        } catch (JedisException e) {
            return String.valueOf(e.getMessage()).contains("is not served");
        }
    }
}
