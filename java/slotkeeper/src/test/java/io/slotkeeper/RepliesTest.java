package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** CLUSTER INFO, and error replies. */
class RepliesTest {

    private static final Path DATA = Paths.get("../../tests/data");

    @Test
    void every_number_of_every_cluster_info_that_a_server_sent_is_there() throws IOException {
        int replies = 0;
        for (Path file : captures()) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            if (text.startsWith("ERR ")) {
                continue;
            }
            Map<String, String> sent = new HashMap<>();
            for (String line : text.trim().split("\r?\n")) {
                sent.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).trim());
            }
            ClusterInfo info = ClusterInfo.parse(text);
            assertEquals(sent.get("cluster_state").equals("ok"), info.isOk(), file.toString());
            Object[][] numbers = {
                {"slots_assigned", info.slotsAssigned(), 0}, {"slots_ok", info.slotsOk(), 0},
                {"slots_pfail", info.slotsSuspected(), 0}, {"slots_fail", info.slotsFailed(), 0},
                {"known_nodes", info.knownNodes(), 0}, {"size", info.size(), 0},
                {"current_epoch", info.currentEpoch(), 0}, {"my_epoch", info.myEpoch(), 0},
                {"stats_messages_sent", info.messagesSent(), 0}, {"stats_messages_received", info.messagesReceived(), 0},
                {"nodes_pfail", info.nodesSuspected(), -1}, {"nodes_fail", info.nodesFailed(), -1},
                {"voting_nodes_pfail", info.votingNodesSuspected(), -1},
                {"voting_nodes_fail", info.votingNodesFailed(), -1},
            };
            for (Object[] number : numbers) {
                String expected = sent.getOrDefault("cluster_" + number[0], number[2].toString());
                assertEquals(expected, number[1].toString(), file + ": " + number[0]);
            }
            assertEquals(sent.getOrDefault("total_cluster_links_buffer_limit_exceeded", "-1"), Long.toString(info.linksCut()));
            replies++;
        }
        assertTrue(replies > 400, "only " + replies + " replies were read");
    }

    @Test
    void what_is_no_cluster_info_has_a_code() {
        assertEquals(SlotkeeperException.BAD_REPLY, code(new byte[0]));
        assertEquals(SlotkeeperException.BAD_REPLY, code("ERR no".getBytes(StandardCharsets.UTF_8)));
        assertEquals(SlotkeeperException.TOO_LARGE, code(new byte[64 * 1024 + 1]));
        assertEquals(SlotkeeperException.INVALID_ARGUMENT, code(null));
    }

    @Test
    void each_error_reply_has_its_meaning() {
        Object[][] replies = {
            {"MOVED 3999 127.0.0.1:6381", ErrorReply.Kind.MOVED},
            {"-ASK 16383 ::1:6381\r\n", ErrorReply.Kind.ASK},
            {"TRYAGAIN Multiple keys request during rehashing of slot", ErrorReply.Kind.TRY_AGAIN},
            {"CLUSTERDOWN Hash slot not served", ErrorReply.Kind.CLUSTER_DOWN},
            {"LOADING Redis is loading the dataset in memory", ErrorReply.Kind.LOADING},
            {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", ErrorReply.Kind.MASTER_DOWN},
            {"READONLY You can't write against a read only replica.", ErrorReply.Kind.READ_ONLY},
            {"NOAUTH Authentication required.", ErrorReply.Kind.NO_AUTH},
            {"WRONGPASS invalid username-password pair or user is disabled.", ErrorReply.Kind.WRONG_PASS},
            {"NOPERM this user has no permissions to run the 'get' command", ErrorReply.Kind.NO_PERM},
            {"ERR This instance has cluster support disabled", ErrorReply.Kind.CLUSTER_DISABLED},
            {"ERR unknown command 'CLUSTER'", ErrorReply.Kind.UNKNOWN_COMMAND},
            {"WRONGTYPE Operation against a key holding the wrong kind of value", ErrorReply.Kind.OTHER},
            {"MOVED 16384 127.0.0.1:6381", ErrorReply.Kind.OTHER},
            {"", ErrorReply.Kind.OTHER},
        };
        for (Object[] reply : replies) {
            assertEquals(reply[1], ErrorReply.parse((String) reply[0]).kind(), (String) reply[0]);
        }
        for (ErrorReply.Kind kind : ErrorReply.Kind.values()) {
            assertTrue(Stream.of(replies).anyMatch(reply -> reply[1] == kind), kind + " is not tried");
        }
    }

    @Test
    void redirections_say_which_slot_is_where() {
        assertEquals("MOVED 3999 127.0.0.1:6381", ErrorReply.parse("MOVED 3999 127.0.0.1:6381").toString());
        ErrorReply ask = ErrorReply.parse("-ASK 16383 ::1:6381\r\n");
        assertEquals(16383, ask.slot());
        assertEquals("::1", ask.host());
        assertEquals(6381, ask.port());
        assertEquals("", ErrorReply.parse("MOVED 1 :6381").host());
        assertEquals("?", ErrorReply.parse("MOVED 1 ?:6381").host());
        assertEquals(-1, ErrorReply.parse("LOADING").slot());
        assertEquals(SlotkeeperException.INVALID_ARGUMENT,
                assertThrows(SlotkeeperException.class, () -> ErrorReply.parse(null)).code());
    }

    private static int code(byte[] reply) {
        return assertThrows(SlotkeeperException.class, () -> ClusterInfo.parse(reply)).code();
    }

    private static List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.walk(DATA)) {
            return files.filter(file -> file.toString().endsWith(".cluster_info.txt")).collect(Collectors.toList());
        }
    }
}
