package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.JedisCluster;

class VersionTest {

    @Test
    void tests_run_with_the_version_of_jedis_that_they_are_told() {
        String jar = new File(JedisCluster.class.getProtectionDomain().getCodeSource().getLocation().getPath()).getName();

        assertEquals("jedis-" + System.getProperty("slotkeeper.jedis") + ".jar", jar);
    }
}
