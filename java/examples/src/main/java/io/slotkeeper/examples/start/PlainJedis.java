package io.slotkeeper.examples.start;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import java.io.IOException;
import java.time.Duration;
import redis.clients.jedis.JedisCluster;

/** Jedis 2.9 and nothing else. Arguments: the nodes with commas between them, and the password. */
public final class PlainJedis {

    private PlainJedis() {}

    /** Writes and reads a key. */
    public static void main(String[] arguments) throws IOException {
        String nodes = arguments[0];
        String password = arguments[1];
        Config config = Config.empty().with("seeds", nodes).with("password", password);
        try (Keeper keeper = Keeper.open(config);
                JedisCluster redis = KeeperCluster.builder(keeper).password(password).build()) {
            keeper.awaitTopology(Duration.ofSeconds(5));
            redis.set("greeting", "hello");
            System.out.println(redis.get("greeting"));
        }
    }
}
