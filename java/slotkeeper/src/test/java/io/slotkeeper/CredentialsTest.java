package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each test begins with the user {@code keeper} and the password {@code first}. */
@Timeout(60)
class CredentialsTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Two of its letters take more than a byte. */
    private static final String SECOND = "zw\u00f6lf \u20ac";

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.start("A A A", "--password", "s3cret");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void first() {
        rotate("first");
    }

    @Test
    void a_supplier_is_called_once_at_open_and_anew_when_a_node_refuses() throws Exception {
        AtomicReference<String> password = new AtomicReference<>("first");
        List<String> callers = new CopyOnWriteArrayList<>();
        try (Keeper keeper = Keeper.open(config(), () -> {
            callers.add(Thread.currentThread().getName());
            return Credentials.of("keeper", password.get().toCharArray());
        })) {
            keeper.awaitTopology(LIMIT);
            assertEquals(1, callers.size());
            assertEquals(0, keeper.status().credentialsRefused());

            password.set(SECOND);
            rotate(SECOND);
            Await.until("a refresh with the new password", LIMIT, () -> refreshes(keeper));
            assertTrue(keeper.status().credentialsRefused() > 0);
            assertEquals("slotkeeper-credentials", callers.get(1));
            assertEquals(2, callers.size(), "asked once, since the answer was right");
            Await.until("the end of that thread", LIMIT, () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("slotkeeper-credentials")));
        }
    }

    @Test
    void a_supplier_that_throws_or_gives_the_same_is_asked_again_until_it_is_right() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Keeper keeper = Keeper.open(config(), () -> {
            switch (calls.incrementAndGet()) {
                case 1:
                case 2:
                    return Credentials.of("keeper", "first".toCharArray());
                case 3:
                    throw new IllegalStateException("the vault is sealed");
                default:
                    return Credentials.of("keeper", SECOND.toCharArray());
            }
        })) {
            keeper.awaitTopology(LIMIT);
            rotate(SECOND);
            Await.until("a refresh with the new password", Duration.ofSeconds(30), () -> refreshes(keeper));
            assertEquals(4, calls.get());
        }
    }

    @Test
    void a_supplier_that_blocks_holds_up_neither_hand_overs_nor_closing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Keeper keeper = Keeper.open(config(), () -> {
            if (calls.incrementAndGet() > 1) {
                asked.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return Credentials.of("keeper", "first".toCharArray());
        });
        try {
            keeper.awaitTopology(LIMIT);
            rotate(SECOND);
            Await.until("the supplier to be asked", LIMIT, () -> {
                refreshes(keeper);
                return asked.getCount() == 0;
            });
            keeper.setPassword(SECOND.toCharArray());
            assertEquals(3, keeper.refresh(LIMIT).nodes().size());
            long start = System.nanoTime();
            keeper.close();
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(1).toNanos());
        } finally {
            release.countDown();
            keeper.close();
        }
    }

    @Test
    void credentials_are_told_by_the_application_and_a_closed_keeper_takes_none() throws Exception {
        Keeper keeper = Keeper.open(config().with("username", "keeper").with("password", "first"));
        keeper.awaitTopology(LIMIT);
        rotate(SECOND);
        assertThrows(SlotkeeperException.class, () -> keeper.refresh(Duration.ofMillis(300)));
        keeper.setPassword(SECOND.toCharArray());
        keeper.refresh(LIMIT);
        keeper.setCredentials(Credentials.of("", "s3cret".toCharArray()));
        keeper.refresh(LIMIT);
        keeper.close();
        SlotkeeperException closed = assertThrows(SlotkeeperException.class, () -> keeper.setPassword(new char[0]));
        assertEquals(SlotkeeperException.CLOSED, closed.code());
    }

    @Test
    void the_readme_tells_it_so() {
        Config config = config();
        Vault vault = "first"::toCharArray;
        try (Keeper keeper = Keeper.open(config, () -> Credentials.of("keeper", vault.password()))) {
            assertEquals(3, keeper.awaitTopology(LIMIT).nodes().size());
        }
    }

    private interface Vault {
        char[] password();
    }

    @Test
    void nothing_is_shown() {
        String shown = Credentials.of("keeper", SECOND.toCharArray()).toString();
        assertFalse(shown.contains(SECOND) || shown.contains("keeper"), shown);
    }

    private static Config config() {
        return Config.empty().with("seeds", cluster.seeds());
    }

    /** Gives the user another password on all nodes, and ends its connections. */
    private static void rotate(String password) {
        cluster.nodes().forEach(node -> {
            cluster.command(node.name(), "ACL", "SETUSER", "keeper", "on", "resetpass", ">" + password, "+ping", "+cluster|nodes",
                    "+cluster|info", "+client|setname");
            cluster.command(node.name(), "CLIENT", "KILL", "USER", "keeper");
        });
    }

    private static boolean refreshes(Keeper keeper) {
        try {
            keeper.refresh(Duration.ofSeconds(1));
            return true;
        } catch (SlotkeeperException e) {
            assertEquals(SlotkeeperException.TIMEOUT, e.code());
            return false;
        }
    }
}
