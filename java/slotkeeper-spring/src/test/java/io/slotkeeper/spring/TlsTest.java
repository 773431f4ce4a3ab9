package io.slotkeeper.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.Keeper;
import io.slotkeeper.jedis.KeeperCluster;
import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Spring Data Redis on a real cluster over TLS: what its factory was told of certificates goes to the keeper cluster. */
@Timeout(120)
@DisabledIfSystemProperty(
        named = "slotkeeper.spring-boot", matches = "[12]\\..*", disabledReason = "keeper clusters of Jedis 2 and 3 have no TLS")
class TlsTest {
    /** How far a node's port for TLS lies above the other. */
    private static final int TLS_ABOVE = 20_000;

    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    @TempDir
    Path directory;

    @Test
    void a_factory_with_a_bundle_of_certificates_has_a_keeper_cluster_that_speaks_tls() throws Exception {
        Path certificate = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        write(certificate, key);
        try (TestCluster cluster = TestCluster.start("A B A", "--password", "secret", "--tls", "yes", "--config", "tls-auth-clients no",
                "--config", "tls-ca-cert-file " + certificate, "--config", "tls-cert-file " + certificate, "--config", "tls-key-file " + key)) {
            String nodes = cluster.nodes().stream().map(TlsTest::address).collect(Collectors.joining(","));
            try (ConfigurableApplicationContext context = Application.start(OfBoot.class, Application.WITH_DATA_REDIS,
                    Boot.redis() + "cluster.nodes=" + nodes, Boot.redis() + "password=secret", Boot.redis() + "client-name=bank",
                    Boot.redis() + "ssl.bundle=bank", "spring.ssl.bundle.pem.bank.truststore.certificate=" + certificate.toUri(),
                    "slotkeeper.tls=on", "slotkeeper.tls.ca-file=" + certificate)) {
                context.getBean(Keeper.class).awaitTopology(Duration.ofSeconds(30));
                Object client = context.getBean(RedisConnectionFactory.class).getClusterConnection().getNativeConnection();
                assertEquals(KeeperCluster.class, client.getClass());
                StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
                for (int i = 0; i < 20; i++) {
                    template.opsForValue().set("key-" + i, "value");
                    assertEquals("value", template.opsForValue().get("key-" + i));
                }
                for (TestNode node : cluster.nodes()) {
                    List<String> clients = Arrays.stream(((String) cluster.command(node.name(), "CLIENT", "LIST")).split("\n"))
                            .filter(line -> line.contains(" name=bank ")).collect(Collectors.toList());
                    assertTrue(clients.stream().allMatch(line -> line.contains(" laddr=" + address(node) + " ")), clients.toString());
                    assertEquals(1, clients.size());
                }
            }
        }
    }

    private static String address(TestNode node) {
        return node.host() + ":" + (node.port() + TLS_ABOVE);
    }

    /** A certificate that trusts itself, for all the nodes, and its key. */
    private void write(Path certificate, Path key) throws Exception {
        Path store = directory.resolve("store");
        Process keytool = new ProcessBuilder(Paths.get(System.getProperty("slotkeeper.test-jdk"), "bin", "keytool").toString(), "-genkeypair",
                "-alias", "node", "-keyalg", "RSA", "-dname", "CN=node", "-ext", "SAN=ip:127.1.0.1,ip:127.1.0.2,ip:127.2.0.1",
                "-storetype", "PKCS12", "-keystore", store.toString(),
                "-storepass", new String(STORE_PASSWORD)).inheritIO().start();
        assertEquals(0, keytool.waitFor());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(store)) {
            keys.load(stream, STORE_PASSWORD);
        }
        writePem(certificate, "CERTIFICATE", keys.getCertificate("node").getEncoded());
        writePem(key, "PRIVATE KEY", keys.getKey("node", STORE_PASSWORD).getEncoded());
    }

    private static void writePem(Path file, String what, byte[] encoded) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        Files.write(file, ("-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OfBoot {}
}
