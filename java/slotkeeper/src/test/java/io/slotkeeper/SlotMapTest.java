package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** No native library is loaded here: reading a map is plain Java. */
class SlotMapTest {

    @Test
    void slots_have_the_owner_and_the_state_of_the_arrays() {
        short[] owners = new short[KeySlot.COUNT];
        byte[] states = new byte[KeySlot.COUNT];
        Arrays.fill(owners, 100, 200, (short) 1);
        Arrays.fill(owners, 16000, 16384, (short) -1);
        Arrays.fill(states, 100, 150, (byte) 1);
        Arrays.fill(states, 16000, 16384, (byte) 2);
        Topology topology = TopologyReader.read(new Object[] {
            new long[] {7, 1, 42},
            new String[] {
                "aa", "10.0.0.1", "7000", "master", "", "", "40", "one.example",
                "bb", "10.0.0.2", "7001", "master", "", "fail", "41", "",
                "cc", "::1", "7002", "replica", "aa", "fail?", "0", "",
            },
            owners, states, new int[] {16000, 16383},
        });
        SlotMap map = topology.slotMap();

        assertEquals("aa", map.ownerOf(0).id());
        assertEquals("bb", map.ownerOf(100).id());
        assertNull(map.ownerOf(16383));
        assertEquals(SlotState.SERVED, map.stateOf(99));
        assertEquals(SlotState.PENDING, map.stateOf(100));
        assertEquals(SlotState.UNSERVED, map.stateOf(16000));
        assertTrue(map.serves(15999));
        assertFalse(map.serves(100));
        assertEquals(map.ownerOf(KeySlot.of("a key")), map.ownerOf("a key"));
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> map.ownerOf(16384));

        assertEquals(7, topology.generation());
        assertEquals(7, map.generation());
        assertEquals(Health.DEGRADED, topology.health());
        assertEquals(42, topology.currentEpoch());
        assertEquals("[16000-16383]", topology.lostSlots().toString());
        assertEquals("[0-99, 200-15999]", topology.nodes().get(0).slots().toString());
        assertEquals("[100-199]", topology.nodes().get(1).slots().toString());
        assertTrue(topology.nodes().get(1).isFailed());
        assertEquals("::1:7002", topology.nodes().get(2).address());
        assertEquals(Role.REPLICA, topology.nodes().get(2).role());
        assertEquals("aa", topology.nodes().get(2).masterId());
        assertTrue(topology.nodes().get(2).isSuspected());
    }

    @Test
    void before_the_first_view_nothing_is_served_and_nothing_is_null() {
        Topology empty = Topology.EMPTY;
        assertEquals(0, empty.generation());
        assertEquals(Health.UNKNOWN, empty.health());
        assertEquals(Collections.emptyList(), empty.nodes());
        assertNull(empty.slotMap().ownerOf("a"));
        assertSame(SlotState.UNSERVED, empty.slotMap().stateOf("a"));
    }
}
