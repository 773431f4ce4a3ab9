package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.internal.NodePools;
import io.slotkeeper.internal.SlotGate;
import io.slotkeeper.internal.SwitchableGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a gate decides, and whom pools are rescued from. No native library is loaded, no server runs. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GateTest {

    private static final int MASTER = Flag.MASTER.bit();
    private static final int REPLICA = Flag.REPLICA.bit();
    private static final int SUSPECTED = Flag.SUSPECTED.bit();
    private static final int FAILED = Flag.FAILED.bit();
    /** Slots of the first master, and of the second. */
    private static final int A = 0;
    private static final int A_TOO = 1;
    private static final int B = 16383;

    private final SwitchableGate settings = new SwitchableGate(Gate.Mode.ON);
    private volatile boolean knowsBetter = true;
    private volatile boolean isConfirmed = true;
    private final SlotGate gate =
            new SlotGate(settings, Duration.ofSeconds(30), new Knowledge(), text -> new Refusal(text));
    private final Pools kind = new Pools();
    private final NodePools<Pool> pools = new NodePools<>(kind, gate);
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Object> outcomes = new ConcurrentLinkedQueue<>();
    private Health health = Health.DEGRADED;
    private long generation;

    @AfterEach
    void stop() throws InterruptedException {
        pools.close();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void everything_passes_before_the_first_topology_and_while_all_is_served() {
        assertNull(gate.enter(A));
        adopt(MASTER, SlotState.SERVED, 0);
        assertNull(gate.enter(A));
        assertNull(gate.enter(B));
        assertEquals(new GateCounters(0, 0, 0, 0, 0, 0, 0).toString(), settings.counters().toString());
    }

    @Test
    void an_unserved_slot_fails_at_once_and_says_which_slot_which_node_and_why() {
        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        gate.enter(A).end(false);

        assertEquals("Slot 0 is not served by 10.0.0.1:7000: " + Trouble.NO_REPLICA.sentence(), refusal(A).getMessage());
        assertNull(gate.enter(B));
        assertEquals(1, settings.counters().refused());
    }

    @Test
    void a_pending_slot_holds_until_it_is_served() {
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        enterLater(A);
        await("it waits", () -> settings.counters().held() == 1);
        assertTrue(outcomes.isEmpty());

        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        adopt(MASTER, SlotState.SERVED, 0);

        await("it goes on", () -> outcomes.contains("passed"));
        assertEquals(1, settings.counters().released());
    }

    @Test
    void a_pending_slot_that_becomes_unserved_fails_then() {
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        enterLater(A);
        enterLater(A);
        await("they wait", () -> settings.counters().held() == 2);

        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.FAILOVER_OVERDUE.ordinal() + 1);

        await("one is tried, one fails", () -> outcomes.size() == 2);
        assertTrue(outcomes.contains("tried"), outcomes.toString());
        assertTrue(outcomes.stream().anyMatch(outcome -> outcome instanceof Refusal), outcomes.toString());
    }

    @Test
    void after_a_hold_in_vain_all_slots_of_the_node_fail_fast_until_something_changes() {
        settings.setHold(Duration.ofMillis(20));
        adopt(MASTER | SUSPECTED, SlotState.PENDING, Trouble.OWNER_SUSPECTED.ordinal() + 1);
        gate.enter(A).end(false);

        assertTrue(refusal(A_TOO).getMessage().endsWith("; the last command has waited for a change in vain"));
        assertEquals(1, settings.counters().held());

        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        assertTrue(refusal(A).getMessage().endsWith("; waited 20 ms for a change"));
    }

    @Test
    void sixteen_wait_and_no_more() {
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        for (int i = 0; i < 16; i++) {
            enterLater(A);
        }
        await("they wait", () -> settings.counters().held() == 16);

        gate.enter(A).end(false);
        assertTrue(refusal(A).getMessage().endsWith("; 16 commands wait for a change already"));

        adopt(MASTER, SlotState.SERVED, 0);
        await("they go on", () -> outcomes.size() == 16);
        assertEquals(16, settings.counters().released());
    }

    @Test
    void more_wait_while_the_whole_cluster_refuses_for_a_failover() {
        health = Health.DOWN;
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.CLUSTER_PENDING.ordinal() + 1);
        for (int i = 0; i < 40; i++) {
            enterLater(A);
        }
        await("they wait", () -> settings.counters().held() == 40);

        health = Health.OK;
        adopt(MASTER, SlotState.SERVED, 0);
        await("they go on", () -> outcomes.size() == 40);
        assertEquals(40, settings.counters().released());
    }

    @Test
    void each_measure_can_be_turned_off() {
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        settings.setHold(Duration.ZERO);
        assertNull(gate.enter(A));

        settings.setHold(Duration.ofMillis(1));
        settings.setFailFast(false);
        assertNull(gate.enter(A));
        assertEquals(1, settings.counters().held());

        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        assertNull(gate.enter(A));
        settings.setRescue(false);
        assertFalse(gate.rescues());
    }

    @Test
    void is_switched_at_run_time_and_lets_go_of_what_waits() {
        settings.setMode(Gate.Mode.OFF);
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        assertNull(gate.enter(A));
        assertEquals(0, settings.counters().held());

        settings.setMode(Gate.Mode.OBSERVE);
        assertNull(gate.enter(A));
        assertEquals(1, settings.counters().held());

        settings.setMode(Gate.Mode.ON);
        enterLater(A);
        await("it waits", () -> settings.counters().held() == 2);
        assertEquals(1, settings.counters(Gate.Mode.OBSERVE).held());
        assertEquals(1, settings.counters(Gate.Mode.ON).held());
        assertEquals(0, settings.counters(Gate.Mode.OFF).held());
        settings.setMode(Gate.Mode.OFF);
        await("it goes on", () -> outcomes.contains("passed"));
    }

    @Test
    void steps_aside_while_the_keeper_does_not_know_better_also_for_what_waits() {
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);
        enterLater(A);
        await("it waits", () -> settings.counters().held() == 1);

        knowsBetter = false;

        await("it goes on", () -> outcomes.contains("passed"));
        assertNull(gate.enter(A));
        assertEquals(1, settings.counters().steppedAside());
    }

    /** A keeper that is cut off finds one node silent, and then all. */
    @Test
    void the_suspicion_of_a_keeper_whom_nobody_has_answered_since_refuses_nothing_and_holds_for_half_a_second() {
        isConfirmed = false;
        settings.setHold(Duration.ofMillis(1));
        adopt(MASTER, SlotState.PENDING, Trouble.OWNER_SUSPECTED.ordinal() + 1);
        assertNull(gate.enter(A));
        assertNull(gate.enter(A));
        assertEquals(2, settings.counters().steppedAside());

        settings.setHold(null);
        assertNull(gate.enter(A));
        assertEquals(0, settings.counters().refused());

        isConfirmed = true;
        settings.setHold(Duration.ofMillis(1));
        adopt(MASTER, SlotState.PENDING, Trouble.OWNER_SUSPECTED.ordinal() + 1);
        gate.enter(A).end(false);
        refusal(A);
    }

    /** Not all nodes hear at the same moment that the others have been taken over. */
    @Test
    void after_the_whole_cluster_has_refused_commands_go_on_a_moment_later_and_what_is_not_served_stays_refused() {
        health = Health.DOWN;
        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.CLUSTER_PENDING.ordinal() + 1);
        health = Health.OK;
        adopt(MASTER, SlotState.SERVED, 0);
        adopt(MASTER, SlotState.SERVED, 0);
        long start = System.nanoTime();
        assertNull(gate.enter(A));
        assertTrue(System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(10), "the command has waited");
        assertNull(gate.enter(B));
        assertEquals(1, settings.counters().released());

        health = Health.DOWN;
        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        gate.enter(A).end(false);
        health = Health.DEGRADED;
        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        refusal(A);
        assertNull(gate.enter(B));
    }

    @Test
    void one_command_a_second_is_tried_and_its_success_opens_all_slots_of_the_node_until_something_changes() {
        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        gate.enter(A).end(false);
        refusal(A);
        refusal(A_TOO);

        SlotGate.Trial[] next = new SlotGate.Trial[1];
        await("the next is tried", () -> (next[0] = tried(A_TOO)) != null);
        assertEquals(A_TOO, KeySlot.of(next[0].key()));
        next[0].end(true);
        assertNull(gate.enter(A));
        assertEquals(1, settings.counters().reopened());

        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        await("it is refused again", () -> tried(A) == null);
    }

    @Test
    void the_success_of_a_trial_that_began_before_a_change_opens_nothing() {
        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.NO_REPLICA.ordinal() + 1);
        SlotGate.Trial trial = gate.enter(A);

        adopt(MASTER | FAILED, SlotState.UNSERVED, Trouble.FAILOVER_OVERDUE.ordinal() + 1);
        trial.end(true);

        refusal(A);
    }

    @Test
    void connections_to_a_node_are_closed_when_it_has_failed_and_not_when_it_is_suspected() {
        adopt(MASTER, SlotState.SERVED, 0);
        Pool first = pools.ofSlot(A);
        first.used = true;
        adopt(MASTER | SUSPECTED, SlotState.PENDING, Trouble.OWNER_SUSPECTED.ordinal() + 1);
        assertFalse(first.rescued);

        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);

        assertTrue(first.rescued);
        Pool fresh = pools.ofSlot(A);
        assertFalse(fresh.rescued);
        adopt(MASTER, SlotState.SERVED, 0);
        assertEquals(fresh, pools.ofSlot(A));
        assertEquals(1, settings.counters().rescued());
    }

    @Test
    void connections_to_a_replaced_master_are_closed_if_it_was_silent() {
        for (boolean wasSilent : new boolean[] {false, true}) {
            adopt(wasSilent ? MASTER | SUSPECTED : MASTER, SlotState.SERVED, 0);
            Pool first = pools.ofSlot(A);
            first.used = true;

            adoptWithout(REPLICA);

            assertEquals(wasSilent, first.rescued);
        }
    }

    @Test
    void an_observing_gate_closes_no_connection() {
        settings.setMode(Gate.Mode.OBSERVE);
        adopt(MASTER, SlotState.SERVED, 0);
        pools.ofSlot(A).used = true;

        adopt(MASTER | FAILED, SlotState.PENDING, Trouble.OWNER_FAILED.ordinal() + 1);

        assertFalse(pools.ofSlot(A).rescued);
        assertEquals(1, settings.counters().rescued());
    }

    @Test
    void a_hold_is_not_negative() {
        assertThrows(IllegalArgumentException.class, () -> settings.setHold(Duration.ofMillis(-1)));
    }

    /** The first master has the lower half of the slots, in this state. */
    private void adopt(int flags, SlotState state, int trouble) {
        pools.adopt(topology(flags, 8192, state, trouble));
    }

    /** The first node has no slots any more. */
    private void adoptWithout(int flags) {
        pools.adopt(topology(flags, 0, SlotState.SERVED, 0));
    }

    private Topology topology(int flags, int slotsOfFirst, SlotState state, int trouble) {
        int[] owners = new int[KeySlot.COUNT];
        int[] states = new int[KeySlot.COUNT];
        Arrays.fill(owners, slotsOfFirst, KeySlot.COUNT, 1);
        Arrays.fill(states, 0, slotsOfFirst, state.ordinal());
        Packer packer = new Packer().longs(++generation).bytes(health.ordinal()).longs(42).counts(2);
        node(packer, 'a', "10.0.0.1", flags, 0, slotsOfFirst - 1);
        node(packer, 'b', "10.0.0.2", MASTER, slotsOfFirst, 16383);
        packer.shorts(owners).bytes(states).bytes(trouble, 0).counts(0);
        return TopologyReader.read(packer.packed());
    }

    private static void node(Packer packer, char id, String host, int flags, int first, int last) {
        packer.id(id).text(host).shorts(7000, 17000).text("").text("").text("").shorts(flags).bytes(0).longs(0, 0, 1).bytes(1);
        if (last < first) {
            packer.counts(0);
        } else {
            packer.counts(1).shorts(first, last);
        }
        packer.counts(0);
    }

    private static void await(String what, Callable<Boolean> holds) {
        try {
            Await.until(what, Duration.ofSeconds(30), holds);
        } catch (Exception e) {
            throw new AssertionError(what, e);
        }
    }

    private void enterLater(int slot) {
        Thread thread = new Thread(() -> {
            try {
                SlotGate.Trial trial = gate.enter(slot);
                outcomes.add(trial == null ? "passed" : "tried");
            } catch (Refusal e) {
                outcomes.add(e);
            }
        });
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private Refusal refusal(int slot) {
        return assertThrows(Refusal.class, () -> gate.enter(slot));
    }

    /** Null if the command was refused. */
    private SlotGate.Trial tried(int slot) {
        try {
            SlotGate.Trial trial = gate.enter(slot);
            assertNotNull(trial);
            return trial;
        } catch (Refusal e) {
            return null;
        }
    }

    private final class Knowledge implements SlotGate.Knowledge {

        @Override
        public boolean isBetter() {
            return knowsBetter;
        }

        @Override
        public boolean isConfirmedSince(long nanos) {
            return isConfirmed;
        }

        @Override
        public void reportTrouble(String host, int port) {}
    }

    private static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refusal(String message) {
            super(message);
        }
    }

    private static final class Pool {
        boolean used;
        boolean rescued;
    }

    private static final class Pools implements NodePools.Kind<Pool> {

        @Override
        public Pool open(String host, int port) {
            return new Pool();
        }

        @Override
        public boolean isUsed(Pool pool) {
            return false;
        }

        @Override
        public boolean wasUsed(Pool pool) {
            return pool.used;
        }

        @Override
        public void close(Pool pool) {}

        @Override
        public void rescue(Pool pool) {
            pool.rescued = true;
        }

        @Override
        public RuntimeException afterClose() {
            return new IllegalStateException();
        }
    }
}
