package io.slotkeeper.jedis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.AttachedHandler;
import redis.clients.jedis.CacheView;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisClusterConnectionHandler;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // An attachment does its work by being open.
class AttachedHandlerTest {

    private TestCluster servers;
    private Keeper keeper;

    @BeforeEach
    void start() {
        servers = Fixture.cluster("A/B B/C C/A", 1000);
        keeper = Fixture.readyKeeper(servers);
    }

    @AfterEach
    void stop() {
        keeper.close();
        servers.close();
    }

    @Test
    void a_map_that_jedis_drops_is_given_again_until_it_takes_it() throws Exception {
        try (JedisCluster cluster = Fixture.plain(servers, 1, "m0")) {
            JedisClusterConnectionHandler own = AttachedHandler.of(cluster);
            StaleNode stale = new StaleNode(servers.node("m2"));
            AtomicLong announced = new AtomicLong();
            keeper.addListener(event -> announced.set(event.generation()));
            try (Attachment attachment = JedisAttach.attach(keeper, cluster)) {
                Thread renewal = new Thread(() -> own.renewSlotCache(stale), "a renewal of Jedis's own");
                renewal.start();
                assertTrue(stale.asked.await(Fixture.LIMIT.toMillis(), TimeUnit.MILLISECONDS));

                servers.moveSlots("m0", "m1", 7, 7);
                long generation = keeper.refresh(Fixture.LIMIT).generation();
                // Jedis drops what is pushed until the slow node has answered, with a map that was never right.
                Fixture.await("a hand-over was tried", () -> announced.get() >= generation);
                stale.answer.countDown();
                renewal.join(Fixture.LIMIT.toMillis());

                Fixture.await("the keeper's map is in place", () -> CacheView.ownerOf(cluster, 7).equals(servers.node("m1").address()));
            }
        }
    }

    @Test
    void closing_puts_the_own_handler_back_and_keeps_connections_and_map() throws IOException {
        try (JedisCluster cluster = Fixture.plain(servers, 5, "m0")) {
            JedisClusterConnectionHandler own = AttachedHandler.of(cluster);
            Attachment attachment = JedisAttach.attach(keeper, cluster);
            assertTrue(AttachedHandler.of(cluster) instanceof AttachedHandler);

            attachment.close();
            attachment.close();

            assertSame(own, AttachedHandler.of(cluster));
            assertTrue(Fixture.works(cluster, "key"));
        }
    }

    @Test
    void a_factory_may_give_its_cluster_later_and_another_one_after_that() throws IOException {
        AtomicReference<JedisCluster> made = new AtomicReference<>();
        try (Attachment attachment = JedisAttach.attach(keeper, made::get);
                JedisCluster first = Fixture.plain(servers, 1, "m0");
                JedisCluster second = Fixture.plain(servers, 1, "m0")) {
            made.set(first);
            Fixture.await("the first is attached", () -> AttachedHandler.of(first) instanceof AttachedHandler);

            made.set(second);
            servers.moveSlots("m0", "m1", 9, 9);
            keeper.refresh(Fixture.LIMIT);

            Fixture.await("the second is attached", () -> AttachedHandler.of(second) instanceof AttachedHandler);
            assertFalse(AttachedHandler.of(first) instanceof AttachedHandler);
            Fixture.await("it has the map", () -> CacheView.ownerOf(second, 9).equals(servers.node("m1").address()));
        }
    }

    /** A node that takes its time to answer CLUSTER SLOTS, and then knows only an old map: all slots are its own. */
    private static final class StaleNode extends Jedis {

        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);
        private final TestNode node;

        StaleNode(TestNode node) {
            super(node.host(), node.port());
            this.node = node;
        }

        @Override
        public List<Object> clusterSlots() {
            asked.countDown();
            try {
                assertTrue(answer.await(Fixture.LIMIT.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Arrays.asList(Arrays.asList(0L, 16383L,
                    Arrays.asList(node.host().getBytes(StandardCharsets.UTF_8), (long) node.port())));
        }
    }
}
