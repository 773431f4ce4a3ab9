package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.test.Json;
import io.slotkeeper.test.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.ConfigurableApplicationContext;

/** What Actuator says of a real cluster: whole, then without one of its masters. */
@ExtendWith(Output.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ActuatorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String WEB = "spring.main.web-application-type=servlet,server.port=0,server.address=127.2.0.80,"
            + "management.endpoints.web.exposure.include=*";

    private static TestCluster cluster;

    @BeforeAll
    static void a_whole_cluster() {
        cluster = TestCluster.start("A B B/A", "--password", "secret", "--node-timeout", "1000");
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void the_health_is_up_and_says_how_the_cluster_is() throws Exception {
        try (ConfigurableApplicationContext context = start("slotkeeper.gate=observe")) {
            context.getBean(Keeper.class).awaitTopology(LIMIT);
            Object health = health(context);
            assertEquals("UP", status(health));
            Map<?, ?> details = details(health);
            assertEquals("ok", details.get("health"));
            assertEquals(4, details.get("knownNodes"));
            assertEquals(Collections.emptyList(), details.get("unhealthyNodes"));
            assertEquals(Collections.emptyList(), details.get("lostSlots"));
            assertEquals("observe", details.get("gate"));
            assertTrue((Long) details.get("generation") > 0);
            assertEquals("UP", whole(context));
        }
    }

    @Test
    void a_cluster_that_is_down_takes_no_application_with_it_unless_that_is_configured() throws Exception {
        cluster.kill("m0");
        try {
            try (ConfigurableApplicationContext context = start("")) {
                awaitHealth(context, "down");
                assertEquals("UP", status(health(context)));
                assertEquals("UP", whole(context));
                assertEquals(Arrays.asList(cluster.node("m0").address()), details(health(context)).get("unhealthyNodes"));
                assertFalse(((List<?>) details(health(context)).get("lostSlots")).isEmpty());
            }
            try (ConfigurableApplicationContext context = start("slotkeeper.health.down-for=down unknown")) {
                awaitHealth(context, "down");
                assertEquals("DOWN", status(health(context)));
                assertEquals("DOWN", whole(context));
            }
            try (ConfigurableApplicationContext context = start("slotkeeper.health.out-of-service-for=degraded down")) {
                awaitHealth(context, "down");
                assertEquals("OUT_OF_SERVICE", status(health(context)));
            }
        } finally {
            cluster.restart("m0");
            cluster.waitWhole(LIMIT);
        }
    }

    @Test
    void without_a_keeper_the_health_is_unknown_and_the_application_up() throws Exception {
        try (ConfigurableApplicationContext context = Application.start("slotkeeper.enabled=false")) {
            assertEquals("UNKNOWN", status(health(context)));
            assertEquals(Collections.singletonMap("keeper", "none"), details(health(context)));
            assertEquals("UP", whole(context));
        }
    }

    @Test
    void the_health_can_be_switched_off() {
        try (ConfigurableApplicationContext context =
                Application.start("slotkeeper.enabled=false", "management.health.slotkeeper.enabled=false")) {
            assertFalse(context.containsBean("slotkeeperHealthIndicator"));
        }
    }

    @Test
    void a_health_that_does_not_exist_is_one_warning(Output output) throws Exception {
        try (ConfigurableApplicationContext context = start("slotkeeper.health.down-for=broken")) {
            assertEquals("UNKNOWN", status(health(context)));
        }
        assertEquals(
                Collections.singletonList("Slotkeeper does not work, and the application goes on with the configuration as it is:"
                        + " java.lang.IllegalArgumentException: slotkeeper.health.down-for is \"broken\","
                        + " and allowed is degraded, down and unknown"),
                Warnings.in(output));
    }

    @Test
    void the_endpoint_shows_the_topology_and_refreshes() throws Exception {
        assumeTrue(Boot.isAtLeast(2), "Boot 1.5 makes endpoints in another way");
        try (ConfigurableApplicationContext context = start(WEB)) {
            Map<?, ?> refreshed = ask(context, "slotkeeper", "{}");
            assertEquals(true, refreshed.get("refreshed"));
            Map<?, ?> shown = ask(context, "slotkeeper", null);
            assertEquals("ok", shown.get("health"));
            List<?> shards = (List<?>) shown.get("shards");
            assertEquals(3, shards.size());
            Map<?, ?> first = (Map<?, ?>) shards.get(0);
            assertEquals(new HashSet<>(Arrays.asList("slots", "master", "replicas")), first.keySet());
            assertEquals("ok", ((Map<?, ?>) first.get("master")).get("state"));
            assertTrue((Long) ((Map<?, ?>) shown.get("refresh")).get("rounds") > 0);
            assertFalse(shown.toString().contains("secret"), shown.toString());
        }
    }

    @Test
    void the_gate_is_seen_and_switched() throws Exception {
        assumeTrue(Boot.isAtLeast(2), "Boot 1.5 makes endpoints in another way");
        try (ConfigurableApplicationContext context = start(WEB + ",slotkeeper.gate=observe,slotkeeper.gate.hold-ms=700")) {
            Map<?, ?> gate = ask(context, "slotkeepergate", null);
            assertEquals("observe", gate.get("mode"));
            assertEquals(700L, gate.get("holdMs"));
            assertEquals(0L, gate.get("held"));
            assertEquals("on", ask(context, "slotkeepergate", "{\"mode\": \"on\"}").get("mode"));
            assertEquals(Gate.Mode.ON, context.getBean(Gate.class).mode());
            assertEquals(400, connection(context, "slotkeepergate", "{\"mode\": \"ajar\"}").getResponseCode());
            assertEquals(Gate.Mode.ON, context.getBean(Gate.class).mode());
        }
        try (ConfigurableApplicationContext context = start(WEB + ",slotkeeper.enabled=false")) {
            assertEquals(404, connection(context, "slotkeepergate", null).getResponseCode());
            assertEquals("none", ask(context, "slotkeeper", null).get("keeper"));
        }
    }

    private static ConfigurableApplicationContext start(String more) {
        String properties = "spring.redis.cluster.nodes=" + cluster.seeds().replace(",", " ")
                + ",spring.redis.password=secret,slotkeeper.refresh.interval-ms=500," + more;
        return Application.start(properties.split(","));
    }

    private static void awaitHealth(ConfigurableApplicationContext context, String expected) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!expected.equals(details(health(context)).get("health"))) {
            assertTrue(System.nanoTime() < deadline, () -> "not " + expected + " after 30 s: " + context.getBean(Keeper.class).topology());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** The classes are others in Boot 4, the methods the same. */
    private static Object health(ConfigurableApplicationContext context) throws Exception {
        Object indicator = context.getBean("slotkeeperHealthIndicator");
        return indicator.getClass().getInterfaces()[0].getMethod("health").invoke(indicator);
    }

    private static String status(Object health) throws Exception {
        return health.getClass().getMethod("getStatus").invoke(health).toString();
    }

    private static Map<?, ?> details(Object health) throws Exception {
        return (Map<?, ?>) health.getClass().getMethod("getDetails").invoke(health);
    }

    /** The status of the whole application, as its load balancer would see it. */
    private static String whole(ConfigurableApplicationContext context) throws Exception {
        Object endpoint = context.getBean("healthEndpoint");
        Method method = endpoint.getClass().getMethod(Boot.isAtLeast(2) ? "health" : "invoke");
        Object health = method.invoke(endpoint);
        return method.getReturnType().getMethod("getStatus").invoke(health).toString();
    }

    private static Map<?, ?> ask(ConfigurableApplicationContext context, String endpoint, String body) throws Exception {
        try (InputStream answer = connection(context, endpoint, body).getInputStream()) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (int octet = answer.read(); octet >= 0; octet = answer.read()) {
                whole.write(octet);
            }
            return (Map<?, ?>) Json.read(new String(whole.toByteArray(), StandardCharsets.UTF_8));
        }
    }

    /** GET without a body, else POST. */
    private static HttpURLConnection connection(ConfigurableApplicationContext context, String endpoint, String body) throws Exception {
        String port = context.getEnvironment().getProperty("local.server.port");
        URL url = new URL("http://127.2.0.80:" + port + "/actuator/" + endpoint);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) LIMIT.toMillis());
        connection.setReadTimeout((int) LIMIT.toMillis());
        if (body != null) {
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            try (OutputStream sent = connection.getOutputStream()) {
                sent.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        return connection;
    }
}
