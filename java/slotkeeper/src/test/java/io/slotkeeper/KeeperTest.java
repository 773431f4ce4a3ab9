package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.internal.Native;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** One real cluster; tests leave it whole, with whatever roles. */
@Timeout(60)
class KeeperTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A/B B/A A/B", "--password", "s3cret", "--node-timeout", "1000");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void the_first_topology_has_every_node_and_every_slot() {
        try (Keeper keeper = Keeper.open(config())) {
            Topology topology = keeper.awaitTopology(LIMIT);
            assertEquals(Health.OK, topology.health(), topology.toString());
            assertEquals(6, topology.nodes().size());
            for (int slot = 0; slot < KeySlot.COUNT; slot++) {
                assertTrue(topology.slotMap().serves(slot));
                assertEquals(Role.MASTER, topology.slotMap().ownerOf(slot).role());
            }
            int owned = topology.nodes().stream().flatMap(n -> n.slots().stream()).mapToInt(SlotRange::count).sum();
            assertEquals(KeySlot.COUNT, owned);
            assertEquals(3, topology.shards().size());
            for (Shard shard : topology.shards()) {
                assertEquals(topology.slotMap().ownerOf(shard.master().slots().get(0).first()), shard.master());
                assertEquals(1, shard.replicas().size(), shard.toString());
                assertEquals(shard.master().id(), shard.replicas().get(0).masterId());
                assertTrue(shard.master().isLinked());
                assertTrue(shard.master().busPort() > 0);
            }
        }
    }

    @Test
    void a_killed_master_gives_a_new_generation_with_another_owner() throws Exception {
        try (Keeper keeper = Keeper.open(config().with("refresh.interval-ms", "200"))) {
            Topology before = keeper.awaitTopology(LIMIT);
            List<Topology> handedOver = new CopyOnWriteArrayList<>();
            List<TopologyEvent> events = new CopyOnWriteArrayList<>();
            keeper.addHandOver(handedOver::add);
            keeper.addListener(events::add);
            TestNode victim = testNode(before.slotMap().ownerOf("a key"));

            cluster.kill(victim.name());
            Await.until("a new owner", Duration.ofSeconds(20), () -> {
                Node owner = keeper.slotMap().ownerOf("a key");
                return owner != null && !owner.id().equals(victim.id()) && keeper.slotMap().serves("a key");
            });

            Topology after = keeper.topology();
            assertTrue(after.generation() > before.generation());
            Await.until("the hand-over", LIMIT, () -> last(handedOver).generation() >= after.generation());
            Await.until("the event", LIMIT, () -> !events.isEmpty() && last(events).generation() >= after.generation());
            assertFalse(last(events).sentences().isEmpty());
            Node heir = after.slotMap().ownerOf("a key");
            Change failed = change(events, Change.Kind.FAILED, victim.id());
            assertEquals(victim.address(), failed.node().toString());
            assertEquals(Role.MASTER, failed.role());
            assertEquals(heir.address(), change(events, Change.Kind.PROMOTED, heir.id()).node().toString());
            Change moved = change(events, Change.Kind.SLOTS_MOVED, victim.id());
            assertEquals(heir.id(), moved.other().id());
            assertEquals(heir.slots(), moved.slots());
            assertTrue(moved.sentence().contains(" slots (" + heir.slots().get(0) + ") went from "), moved.sentence());
            List<Change> changes = events.stream().flatMap(event -> event.changes().stream()).collect(Collectors.toList());
            Change lost = changes.stream().filter(change -> change.trouble() != null).findFirst().get();
            assertFalse(lost.slots().isEmpty(), lost.sentence());
            assertTrue(lost.sentence().endsWith(lost.trouble().sentence()), lost.sentence());
            assertTrue(changes.stream().anyMatch(change -> change.kind() == Change.Kind.SLOTS_SERVED), changes.toString());
            assertNull(after.slotMap().reasonOf("a key"));
            KeeperStatus status = keeper.status();
            assertEquals(Collections.singletonList(victim.address()), status.unhealthyNodes(), status.toString());

            cluster.restart(victim.name());
            cluster.waitWhole(Duration.ofSeconds(20));
        }
    }

    @Test
    void refresh_shows_what_holds_after_the_call() throws Exception {
        try (Keeper keeper = Keeper.open(config())) {
            Topology before = keeper.awaitTopology(LIMIT);
            Node old = before.slotMap().ownerOf(0);
            Node replica = replicaOf(keeper, old);
            cluster.failover(testNode(replica).name());

            Topology after = keeper.refresh(LIMIT);

            assertEquals(replica.id(), after.slotMap().ownerOf(0).id());
            assertEquals(after, keeper.topology());
            Await.until("nothing changed, no new generation", LIMIT, () ->
                    keeper.topology().generation() == keeper.refreshFrom(replica.host(), replica.port(), LIMIT).generation());
            KeeperStatus status = keeper.status();
            assertEquals(keeper.topology().generation(), status.generation());
            assertEquals(6, status.knownNodes());
            assertEquals(Duration.ofSeconds(120), status.refreshInterval());
            assertNotNull(status.lastRefresh());
            assertTrue(status.rounds() >= 3, status.toString());
        }
    }

    @Test
    void after_close_maps_can_be_read_and_everything_else_is_code_20() {
        Keeper keeper = Keeper.open(config());
        Topology topology = keeper.awaitTopology(LIMIT);
        keeper.close();
        keeper.close();

        assertTrue(keeper.isClosed());
        assertEquals(topology, keeper.topology());
        assertNotNull(keeper.slotMap().ownerOf("a key"));
        for (Executable call : new Executable[] {
            () -> keeper.refresh(LIMIT), () -> keeper.awaitTopology(LIMIT), keeper::status,
            () -> keeper.addHandOver(t -> true), () -> keeper.addListener(event -> { }),
        }) {
            assertEquals(SlotkeeperException.CLOSED, assertThrows(SlotkeeperException.class, call).code());
        }
    }

    @Test
    void numbers_that_are_no_open_keeper_are_code_20_in_every_native_method() {
        Slotkeeper.load();
        long stale = Native.keeperOpen(new String[] {"seeds", "127.0.0.1:1"});
        Native.keeperClose(stale);
        for (long number : new long[] {0, -1, stale, Long.MAX_VALUE, Long.MIN_VALUE}) {
            for (Executable call : new Executable[] {
                () -> Native.keeperClose(number), () -> Native.keeperTopology(number, 0), () -> Native.keeperStatus(number),
                () -> Native.keeperRefresh(number, null, 0, 10), () -> Native.keeperNextEvent(number, 10),
            }) {
                assertEquals(SlotkeeperException.CLOSED, assertThrows(SlotkeeperException.class, call).code());
            }
        }
    }

    @Test
    void closing_wakes_who_waits() throws Exception {
        Keeper keeper = Keeper.open(Config.empty().with("seeds", "127.0.0.1:1"));
        List<Integer> codes = new CopyOnWriteArrayList<>();
        CountDownLatch started = new CountDownLatch(2);
        for (Executable call : new Executable[] {
            () -> keeper.refresh(Duration.ofDays(1)), () -> keeper.awaitTopology(Duration.ofDays(1)),
        }) {
            new Thread(() -> {
                started.countDown();
                codes.add(assertThrows(SlotkeeperException.class, call).code());
            }).start();
        }
        started.await();
        keeper.close();
        Await.until("both waits", LIMIT, () -> codes.size() == 2);
        assertEquals(Arrays.asList(20, 20), codes);
    }

    @Test
    void without_a_living_node_waits_end_with_code_40() {
        try (Keeper keeper = Keeper.open(Config.empty().with("seeds", "127.0.0.1:1"))) {
            assertEquals(0, keeper.topology().generation());
            for (Executable call : new Executable[] {
                () -> keeper.awaitTopology(Duration.ofMillis(50)), () -> keeper.refresh(Duration.ofMillis(50)),
            }) {
                assertEquals(SlotkeeperException.TIMEOUT, assertThrows(SlotkeeperException.class, call).code());
            }
            assertEquals(Health.UNKNOWN, keeper.status().health());
        }
    }

    @Test
    void a_hand_over_gets_the_present_topology_before_add_returns_and_again_until_it_is_taken() throws Exception {
        try (Keeper keeper = Keeper.open(config())) {
            Topology present = keeper.awaitTopology(LIMIT);
            AtomicInteger calls = new AtomicInteger();
            AtomicInteger taken = new AtomicInteger();
            keeper.addHandOver(topology -> {
                assertEquals(present.generation(), topology.generation());
                switch (calls.incrementAndGet()) {
                    case 1:
                    case 3:
                        return false;
                    case 2:
                        throw new IllegalStateException("a broken hand-over");
                    default:
                        taken.incrementAndGet();
                        return true;
                }
            });
            assertNotEquals(0, calls.get());
            Await.until("it is taken", LIMIT, () -> taken.get() == 1);
            assertEquals(4, calls.get());
        }
    }

    @Test
    void a_hand_over_whose_client_has_lost_the_topology_gets_it_again() throws Exception {
        try (Keeper keeper = Keeper.open(config())) {
            keeper.awaitTopology(LIMIT);
            AtomicInteger taken = new AtomicInteger();
            AtomicInteger lost = new AtomicInteger(2);
            keeper.addHandOver(new HandOver() {
                @Override
                public boolean accept(Topology topology) {
                    taken.incrementAndGet();
                    return true;
                }

                @Override
                public boolean isInPlace(Topology topology) {
                    assertNotEquals(0, taken.get());
                    return lost.getAndUpdate(left -> Math.max(left - 1, 0)) == 0;
                }
            });
            Await.until("it is given three times", LIMIT, () -> taken.get() == 3);
        }
    }

    @Test
    void listeners_that_throw_or_block_never_stop_hand_overs() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (Keeper keeper = Keeper.open(config())) {
            Topology before = keeper.awaitTopology(LIMIT);
            List<Topology> handedOver = new CopyOnWriteArrayList<>();
            CountDownLatch blocked = new CountDownLatch(1);
            keeper.addHandOver(handedOver::add);
            keeper.addListener(event -> {
                throw new IllegalStateException("a broken listener");
            });
            keeper.addListener(event -> {
                blocked.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 3; i++) {
                long known = last(handedOver).generation();
                cluster.failover(testNode(replicaOf(keeper, keeper.slotMap().ownerOf(0))).name());
                keeper.refresh(LIMIT);
                Await.until("hand-over " + i, LIMIT, () -> last(handedOver).generation() > known);
            }
            blocked.await();
            assertTrue(last(handedOver).generation() >= before.generation() + 3);
        } finally {
            release.countDown();
        }
    }

    private static Config config() {
        return Config.empty().with("seeds", cluster.seeds()).with("password", "s3cret");
    }

    /** The replica; waits for it, since a demoted master is one only a moment later. */
    private static Node replicaOf(Keeper keeper, Node master) throws Exception {
        Await.until("a replica of " + master, LIMIT, () -> keeper.refresh(LIMIT).nodes().stream()
                .anyMatch(node -> master.id().equals(node.masterId())));
        return keeper.topology().nodes().stream().filter(n -> master.id().equals(n.masterId())).findFirst().get();
    }

    /** The only change of this kind to this node; others may still settle from the test before. */
    private static Change change(List<TopologyEvent> events, Change.Kind kind, String id) {
        List<Change> found = events.stream().flatMap(event -> event.changes().stream())
                .filter(change -> change.kind() == kind && change.node().id().equals(id)).collect(Collectors.toList());
        assertEquals(1, found.size(), () -> kind + " in " + events);
        return found.get(0);
    }

    private static TestNode testNode(Node node) {
        return cluster.nodes().stream().filter(n -> n.id().equals(node.id())).findFirst().get();
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}
