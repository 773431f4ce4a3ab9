package io.slotkeeper.examples.boot3;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;

/** Spring Boot 3 with a {@code JedisCluster} of its own, and with a {@code RedisTemplate}. */
@SpringBootApplication
public class BootApplication {

    /** Starts. */
    public static void main(String[] arguments) {
        SpringApplication.run(BootApplication.class, arguments);
    }

    @Bean
    JedisCluster redis(
            @Value("${spring.data.redis.cluster.nodes}") String nodes,
            @Value("${spring.data.redis.password}") String password,
            ObjectProvider<Keeper> keepers,
            ObjectProvider<Gate> gates) {
        Keeper keeper = keepers.getIfAvailable();
        if (keeper != null) {
            Gate gate = gates.getIfAvailable(() -> Gate.of(Gate.Mode.OFF));
            return KeeperCluster.builder(keeper).password(password).gate(gate).build();
        }
        Set<HostAndPort> seeds = Arrays.stream(nodes.split(",")).map(HostAndPort::from).collect(Collectors.toSet());
        return new JedisCluster(seeds, null, password);
    }
}
