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

    private static final int MASTER = Flag.MASTER.bit();
    private static final int REPLICA = Flag.REPLICA.bit();
    private static final int SUSPECTED = Flag.SUSPECTED.bit();
    private static final int FAILED = Flag.FAILED.bit();
    private static final String A = id('a');
    private static final String B = id('b');

    @Test
    void slots_have_the_owner_and_the_state_of_the_arrays() {
        int[] owners = new int[KeySlot.COUNT];
        int[] states = new int[KeySlot.COUNT];
        Arrays.fill(owners, 100, 200, 1);
        Arrays.fill(owners, 16000, 16384, -1);
        Arrays.fill(states, 100, 150, 1);
        Arrays.fill(states, 16000, 16384, 2);
        Packer packer = new Packer().longs(7).bytes(1).longs(42).counts(3);
        node(packer, 'a', "10.0.0.1", 7000, MASTER, 40).counts(2).shorts(0, 99, 200, 15999).counts(0);
        node(packer, 'b', "10.0.0.2", 7001, MASTER | FAILED, 41).counts(1).shorts(100, 199).counts(0);
        node(packer, 'c', "::1", 7002, REPLICA | SUSPECTED, 0).counts(0).counts(0);
        packer.shorts(owners).bytes(states).bytes(0, 2, 0).counts(1).shorts(16000, 16383);
        Topology topology = TopologyReader.read(packer.packed());
        SlotMap map = topology.slotMap();

        assertEquals(A, map.ownerOf(0).id());
        assertEquals(B, map.ownerOf(100).id());
        assertNull(map.ownerOf(16383));
        assertEquals(SlotState.SERVED, map.stateOf(99));
        assertEquals(SlotState.PENDING, map.stateOf(100));
        assertEquals(SlotState.UNSERVED, map.stateOf(16000));
        assertNull(map.reasonOf(99));
        assertEquals(Trouble.OWNER_FAILED, map.reasonOf(100));
        assertEquals(Trouble.NO_OWNER, map.reasonOf(16000));
        assertEquals(map.reasonOf(KeySlot.of("a key")), map.reasonOf("a key"));
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
        assertEquals(A, topology.nodes().get(2).masterId());
        assertTrue(topology.nodes().get(2).isSuspected());

        assertEquals(2, topology.shards().size());
        assertEquals(A, topology.shards().get(0).master().id());
        assertEquals(topology.nodes().subList(2, 3), topology.shards().get(0).replicas());
        assertEquals(B, topology.shards().get(1).master().id());
        assertEquals(Collections.emptyList(), topology.shards().get(1).replicas());
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

    /** A node up to its slots; a replica copies {@link #A}. */
    private static Packer node(Packer packer, char id, String host, int port, int flags, long epoch) {
        packer.id(id).text(host).shorts(port, 17000).text("").text("").text("flags as sent").shorts(flags);
        packer.bytes(flags & REPLICA);
        if ((flags & REPLICA) != 0) {
            packer.id('a');
        }
        return packer.longs(0, 0, epoch).bytes(1);
    }

    private static String id(char digit) {
        return new String(new char[40]).replace('\0', digit);
    }
}
