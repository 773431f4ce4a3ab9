package io.slotkeeper.examples.start;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;

/** Spring Boot 2 with Jedis 2.9. */
@SpringBootApplication
public class BootApplication {

    /** Starts. */
    public static void main(String[] arguments) {
        SpringApplication.run(BootApplication.class, arguments);
    }

    @Bean
    JedisCluster redis(
            @Value("${spring.redis.cluster.nodes}") String nodes,
            @Value("${spring.redis.password}") String password,
            ObjectProvider<Keeper> keepers,
            ObjectProvider<Gate> gates) {
        Keeper keeper = keepers.getIfAvailable();
        if (keeper != null) {
            Gate gate = gates.getIfAvailable(() -> Gate.of(Gate.Mode.OFF));
            return KeeperCluster.builder(keeper).password(password).gate(gate).build();
        }
        Set<HostAndPort> seeds = Arrays.stream(nodes.split(",")).map(HostAndPort::parseString).collect(Collectors.toSet());
        return new JedisCluster(seeds, 2000, 2000, 5, password, new GenericObjectPoolConfig());
    }
}
