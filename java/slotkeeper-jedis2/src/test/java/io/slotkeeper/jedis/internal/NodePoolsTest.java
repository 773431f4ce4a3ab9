package io.slotkeeper.jedis.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisNoReachableClusterNodeException;

class NodePoolsTest {

    private final NodePools<NodePool> pools = pools();

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void a_new_map_keeps_the_pools() {
        pools.adopt(reply("10.0.0.1", "10.0.0.2"), "asked");
        NodePool first = pools.ofSlot(0);
        NodePool second = pools.ofSlot(1);

        pools.adopt(reply("10.0.0.2", "10.0.0.1"), "asked");

        assertSame(second, pools.ofSlot(0));
        assertSame(first, pools.ofSlot(1));
        assertNull(pools.ofSlot(2));
    }

    @Test
    void a_reply_without_owners_is_not_taken() {
        pools.adopt(reply("10.0.0.1"), "asked");

        assertFalse(pools.adopt(new ArrayList<>(), "asked"));
        assertFalse(pools.adopt(reply("?"), "asked"));

        assertTrue(pools.ofSlot(0) != null);
    }

    @Test
    void the_pool_of_a_departed_node_is_closed_once_two_maps_do_not_name_it() {
        pools.adopt(reply("10.0.0.1", "10.0.0.2"), "asked");
        NodePool departed = pools.ofSlot(1);

        pools.adopt(reply("10.0.0.1"), "asked");
        assertFalse(departed.isClosed(), "it may be back in the next map");
        pools.adopt(reply("10.0.0.1"), "asked");

        assertTrue(departed.isClosed());
        assertEquals(1, pools.byAddress().size());
    }

    @Test
    void the_pool_of_a_departed_node_stays_while_it_is_used() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.9"))) {
            NodePool departed = pools.ofNode("127.0.0.9", server.getLocalPort());
            Jedis borrowed = departed.getResource();
            pools.adopt(reply("10.0.0.1"), "asked");
            pools.adopt(reply("10.0.0.1"), "asked");
            assertFalse(departed.isClosed());

            borrowed.close();
            pools.adopt(reply("10.0.0.1"), "asked");

            assertTrue(departed.isClosed());
        }
    }

    @Test
    void a_node_that_is_back_in_the_next_map_keeps_its_pool() {
        pools.adopt(reply("10.0.0.1", "10.0.0.2"), "asked");
        NodePool away = pools.ofSlot(1);
        pools.adopt(reply("10.0.0.1"), "asked");
        pools.adopt(reply("10.0.0.1", "10.0.0.2"), "asked");
        pools.adopt(reply("10.0.0.1"), "asked");

        assertFalse(away.isClosed());
        assertSame(away, pools.byAddress().get("10.0.0.2:7000"));
    }

    @Test
    void after_closing_there_are_no_pools_and_none_are_made() {
        pools.adopt(reply("10.0.0.1"), "asked");
        NodePool pool = pools.ofSlot(0);

        pools.close();
        pools.close();

        assertTrue(pool.isClosed());
        assertNull(pools.ofSlot(0));
        assertFalse(pools.adopt(reply("10.0.0.1"), "asked"));
        assertThrows(JedisNoReachableClusterNodeException.class, () -> pools.ofNode("10.0.0.1", 7000));
        assertTrue(pools.byAddress().isEmpty());
    }

    private static NodePools<NodePool> pools() {
        GenericObjectPoolConfig config = new GenericObjectPoolConfig();
        config.setJmxEnabled(false);
        SlotGate gate = new SlotGate(new SwitchableGate(Gate.Mode.OFF), Duration.ZERO, null, IllegalStateException::new);
        return new NodePools<>(new JedisPools(config, 2000, 2000, null, gate), gate);
    }

    /** Slot 0 for the first host, slot 1 for the second, and so on. */
    private static List<Object> reply(String... hosts) {
        List<Object> reply = new ArrayList<>();
        for (long slot = 0; slot < hosts.length; slot++) {
            byte[] host = hosts[(int) slot].getBytes(StandardCharsets.UTF_8);
            reply.add(Arrays.asList(slot, slot, Arrays.asList(host, 7000L)));
        }
        return reply;
    }
}
