package io.slotkeeper.examples.start;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.beans.factory.ObjectProvider;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;

/** Makes the client of the application whose beans stand in {@code redis-beans.xml}. */
public final class Clusters {

    private Clusters() {}

    /** There is no keeper if Slotkeeper is switched off or does not work: then plain Jedis, as before. */
    public static JedisCluster make(String nodes, String password, ObjectProvider<Keeper> keepers, ObjectProvider<Gate> gates) {
        Keeper keeper = keepers.getIfAvailable();
        if (keeper != null) {
            Gate gate = gates.getIfAvailable(() -> Gate.of(Gate.Mode.OFF));
            return KeeperCluster.builder(keeper).password(password).gate(gate).build();
        }
        Set<HostAndPort> seeds = Arrays.stream(nodes.split(",")).map(HostAndPort::parseString).collect(Collectors.toSet());
        return new JedisCluster(seeds, 2000, 2000, 5, password, new GenericObjectPoolConfig());
    }
}
