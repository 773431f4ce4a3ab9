package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.Health;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import io.slotkeeper.SlotState;
import io.slotkeeper.test.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * What a gate does before a real cluster; where it steps aside shows {@link FailOpenTest}. What it decides is tested without one, in
 * {@code GateTest} of slotkeeper.
 */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class GatedClusterTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void a_master_that_is_killed_under_load_is_noticed_less_than_by_plain_jedis() throws IOException {
        failOver("killed", 4, Fixture.POOL, servers -> servers.kill("m0"));
    }

    @Test
    void a_master_that_falls_silent_under_load_is_noticed_less_than_by_plain_jedis() throws IOException {
        failOver("silent", 4, Fixture.POOL, servers -> servers.stop("m0"));
    }

    @Test
    void no_thread_stays_stuck_when_a_master_falls_silent_behind_small_pools() throws IOException {
        failOver("silent", 64, 8, servers -> servers.stop("m0"));
    }

    private static void failOver(String what, int threads, int pool, Consumer<TestCluster> blow) throws IOException {
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 1000);
                Keeper keeper = Fixture.readyKeeper(servers);
                JedisCluster plain = Fixture.plain(servers, 5, pool, "m1")) {
            AtomicLong handedOver = new AtomicLong();
            keeper.addListener(event -> handedOver.set(event.generation()));
            Gate gate = Gate.of(Gate.Mode.ON);
            try (KeeperCluster cluster = Fixture.gatedCluster(keeper, gate, pool)) {
                List<String> keys = Fixture.keys(0, KeySlot.COUNT - 1, 2000);
                Load[] loads = {Load.start(plain, threads, keys), Load.start(cluster, threads, keys)};
                long whole;
                long[] stuck = new long[2];
                try (Load gated = loads[1]) {
                    loads[0].awaitMore(1000);
                    gated.awaitMore(1000);
                    blow.accept(servers);
                    servers.waitFailover("m0", Fixture.LIMIT);
                    Fixture.await("the cluster is whole", () -> keeper.topology().health() == Health.OK);
                    long generation = keeper.topology().generation();
                    Fixture.await("listeners are told, which comes after the hand-over", () -> handedOver.get() >= generation);
                    whole = System.nanoTime();
                    gated.awaitMore(1000);
                    Fixture.await("a second has gone by", () -> System.nanoTime() - whole > SECOND);
                    stuck[0] = loads[0].stuck(SECOND);
                    stuck[1] = gated.stuck(SECOND);
                    // Not waited for: what hangs in plain Jedis ends with its pools and its nodes.
                    loads[0].stop();
                }
                System.out.println("master " + what + " under " + threads + " threads on pools of " + pool + " each");
                System.out.println("  plain Jedis: the last command in trouble ended " + loads[0].lastTroubleMs(whole)
                        + " ms after the cluster was whole, " + stuck[0] + " threads were stuck a second after it; " + loads[0]);
                System.out.println("  gate:        the last command in trouble ended " + loads[1].lastTroubleMs(whole)
                        + " ms after it, " + stuck[1] + " threads were stuck; " + loads[1] + "; " + gate.counters());
                assertEquals(0, stuck[1], "gate: " + loads[1]);
                assertEquals(0, loads[1].failedSince(whole), "gate: " + loads[1]);
                assertTrue(gate.counters().rescued() > 0, gate.counters().toString());
            }
        }
    }

    @Test
    void commands_for_lost_slots_fail_within_a_millisecond_and_the_others_go_on() throws Exception {
        try (TestCluster servers = Fixture.uncovered();
                Keeper keeper = Fixture.readyKeeper(servers)) {
            Gate gate = Gate.of(Gate.Mode.ON);
            try (KeeperCluster cluster = Fixture.gatedCluster(keeper, gate, Fixture.POOL)) {
                servers.stop("m0");
                Fixture.await("slots are lost", () -> keeper.slotMap().stateOf(0) == SlotState.UNSERVED);

                List<String> lost = Fixture.keys(0, 5000, 200);
                List<String> kept = Fixture.keys(6000, 16383, 200);
                List<Long> nanos = new ArrayList<>();
                for (int i = 0; i < lost.size(); i++) {
                    String key = lost.get(i);
                    long start = System.nanoTime();
                    assertThrows(JedisException.class, () -> cluster.get(key));
                    nanos.add(System.nanoTime() - start);
                    assertTrue(Fixture.works(cluster, kept.get(i)));
                }
                nanos.sort(null);
                System.out.println("lost slots: refused within " + nanos.get(100) / 1000 + " µs (median), "
                        + nanos.get(199) / 1000 + " µs at most; " + gate.counters());
                assertTrue(nanos.get(100) < 1_000_000, "median " + nanos.get(100) + " ns");
                JedisException refused = assertThrows(Family.NO_NODE, () -> cluster.get(lost.get(0)));
                assertTrue(refused.getMessage().startsWith("Slot " + KeySlot.of(lost.get(0)) + " is not served by "
                        + servers.node("m0").address() + ": "), refused.getMessage());

                servers.resume("m0");
                Fixture.await("it works again", () -> Fixture.works(cluster, lost.get(0)));
            }
        }
    }

    @Test
    void is_observed_first_and_switched_at_run_time() throws Exception {
        try (TestCluster servers = Fixture.uncovered();
                Keeper keeper = Fixture.readyKeeper(servers)) {
            Gate gate = Gate.of(Gate.Mode.OBSERVE);
            try (KeeperCluster cluster = Fixture.impatientCluster(keeper, gate)) {
                String lost = Fixture.keys(0, 5000, 1).get(0);
                cluster.set(lost, "value");
                servers.kill("m0");
                Fixture.await("slots are lost", () -> keeper.slotMap().stateOf(0) == SlotState.UNSERVED);

                Fixture.await("it would be refused", () -> {
                    assertFalse(Fixture.isRefused(cluster, lost));
                    return gate.counters().refused() > 0;
                });
                assertTrue(gate.counters().rescued() > 0, gate.counters().toString());

                gate.setMode(Gate.Mode.ON);
                Fixture.await("it is refused", () -> Fixture.isRefused(cluster, lost));

                gate.setMode(Gate.Mode.OFF);
                assertFalse(Fixture.isRefused(cluster, lost));
            }
        }
    }

    /** A rescued INCR whose answer was lost may have run: not to be repeated. */
    @Test
    void a_rescue_without_repetition_doubles_no_command() throws Exception {
        try (TestCluster servers = Fixture.cluster("A/B B/C C/A", 1000);
                Keeper keeper = Fixture.readyKeeper(servers)) {
            Gate gate = Gate.of(Gate.Mode.ON);
            gate.setRescueRetry(false);
            // So long that no command is lost by a time-out of Jedis, which would repeat it.
            int soTimeout = (int) Fixture.LIMIT.toMillis();
            try (KeeperCluster cluster = KeeperCluster.builder(keeper).password(Fixture.PASSWORD).soTimeout(soTimeout)
                    .poolConfig(Family.poolConfig(Fixture.POOL)).gate(gate).build()) {
                List<String> keys = Fixture.keys(0, 5000, 8);
                AtomicInteger unanswered = new AtomicInteger();
                AtomicInteger[] issued = new AtomicInteger[keys.size()];
                List<Thread> threads = new ArrayList<>();
                AtomicBoolean stopped = new AtomicBoolean();
                for (int i = 0; i < keys.size(); i++) {
                    String key = keys.get(i);
                    AtomicInteger count = issued[i] = new AtomicInteger();
                    Thread thread = new Thread(() -> {
                        while (!stopped.get()) {
                            count.incrementAndGet();
                            try {
                                cluster.incr(key);
                            } catch (JedisException e) {
                                if (e.getMessage().contains("nobody knows whether it has run")) {
                                    unanswered.incrementAndGet();
                                }
                            }
                        }
                    });
                    thread.setDaemon(true);
                    threads.add(thread);
                    thread.start();
                }
                Fixture.await("commands run", () -> issued[0].get() > 200);
                servers.stop("m0");
                servers.waitFailover("m0", Fixture.LIMIT);
                Fixture.await("the cluster is whole", () -> keeper.topology().health() == Health.OK);
                int whole = issued[0].get();
                Fixture.await("commands run again", () -> issued[0].get() > whole + 200);
                stopped.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
                System.out.println("INCR without repetition: " + unanswered + " lost their answer by a rescue; "
                        + gate.counters());
                for (int i = 0; i < keys.size(); i++) {
                    assertTrue(Long.parseLong(cluster.get(keys.get(i))) <= issued[i].get(), keys.get(i));
                }
                assertTrue(unanswered.get() > 0, gate.counters().toString());
            }
        }
    }
}
