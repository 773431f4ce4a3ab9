package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodesReplyTest {

    private static final Path DATA = Paths.get("../../tests/data");
    private static final String ID = "07c37dfeb235213a872192d90877d0cd55635b91";
    private static final String OTHER = "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1";

    /** Each line is written anew of what was read, and must be the line that the server sent. */
    @Test
    void every_field_of_every_line_that_a_server_sent_is_there() throws IOException {
        int lines = 0;
        for (Path file : captures()) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            if (text.startsWith("ERR ")) {
                continue;
            }
            NodesReply reply = NodesReply.parse(text);
            assertEquals(0, reply.problemCount(), () -> file + ": " + reply.problems());
            List<String> sent = Arrays.stream(text.split("\n")).map(String::trim)
                    .filter(line -> !line.isEmpty() && !line.startsWith("vars ")).collect(Collectors.toList());
            assertEquals(sent.size(), reply.nodes().size(), file.toString());
            for (int i = 0; i < sent.size(); i++) {
                Node node = reply.nodes().get(i);
                assertEquals(sent.get(i), line(node, sent.get(i)), file.toString());
                assertEquals(node.flagsText().contains("myself"), node == reply.myself());
                lines++;
            }
        }
        assertTrue(lines > 4000, "only " + lines + " lines were read");
    }

    @Test
    void flags_are_typed_and_unknown_ones_stay_in_the_text() {
        Node node = NodesReply.parse(ID + " h:1@2 master,dreaming,fail?,nofailover - 5 6 7 disconnected 1 3-4").nodes().get(0);
        assertEquals(EnumSet.of(Flag.MASTER, Flag.SUSPECTED, Flag.NO_FAILOVER), node.flags());
        assertEquals("master,dreaming,fail?,nofailover", node.flagsText());
        assertTrue(node.isSuspected());
        assertFalse(node.isFailed());
        assertEquals(Role.MASTER, node.role());
        assertEquals("h:1 master fail?", node.toString());
        assertEquals(Arrays.asList(1L, 5L, 6L, 7L),
                Arrays.asList((long) node.port(), node.pingSent(), node.pongReceived(), node.configEpoch()));

        Node met = NodesReply.parse(ID + " :0@0 handshake,noaddr - 0 0 0 disconnected").nodes().get(0);
        assertEquals(EnumSet.of(Flag.HANDSHAKE, Flag.NO_ADDRESS), met.flags());
        assertNull(met.role());
        assertEquals("", met.host());

        Node failed = NodesReply.parse(ID + " h:1 slave,fail " + OTHER + " 0 0 0 connected").nodes().get(0);
        assertEquals(EnumSet.of(Flag.REPLICA, Flag.FAILED), failed.flags());
        assertEquals(OTHER, failed.masterId());
        assertEquals(0, failed.busPort());
    }

    @Test
    void slots_on_the_move_say_which_way_and_who_is_at_the_other_end() {
        String line = ID + " h:1@2 myself,master - 0 0 1 connected 0-9 [3->-" + OTHER + "] [77-<-" + OTHER + "]";
        List<MovingSlot> moving = NodesReply.parse(line).nodes().get(0).moving();
        assertEquals("[[3->-" + OTHER + "], [77-<-" + OTHER + "]]", moving.toString());
        assertEquals(MovingSlot.Direction.MIGRATING, moving.get(0).direction());
        assertEquals(MovingSlot.Direction.IMPORTING, moving.get(1).direction());
        assertEquals(77, moving.get(1).slot());
        assertEquals(OTHER, moving.get(1).otherId());
    }

    @Test
    void bad_lines_and_items_are_told_and_cost_nothing_else() {
        StringBuilder text = new StringBuilder(ID + " h:1@2 master - 0 0 1 connected 5 9-8 7\n\nnonsense\n");
        for (int i = 0; i < 5000; i++) {
            text.append("x\n");
        }
        NodesReply reply = NodesReply.parse(text.toString());
        assertEquals("[5, 7]", reply.nodes().get(0).slots().toString());
        assertEquals(5002, reply.problemCount());
        assertEquals(1000, reply.problems().size());
        assertEquals(1, reply.problems().get(0).line());
        assertEquals("slot range \"9-8\" ends before it starts", reply.problems().get(0).reason());
        assertEquals(3, reply.problems().get(1).line());
        assertNull(reply.myself());
    }

    @Test
    void bytes_that_are_no_utf_8_cost_nobody_the_line() {
        byte[] line = (ID + " h:1@2,h\u00e9,k=\u00fc master - 0 0 1 connected").getBytes(StandardCharsets.ISO_8859_1);
        Node node = NodesReply.parse(line).nodes().get(0);
        assertEquals("h\ufffd", node.hostname());
        assertEquals("k=\ufffd", node.auxiliary());
        Node utf8 = NodesReply.parse(new String(line, StandardCharsets.ISO_8859_1)).nodes().get(0);
        assertEquals("h\u00e9", utf8.hostname());
        assertEquals("k=\u00fc", utf8.auxiliary());
    }

    @Test
    void what_is_no_reply_at_all_has_a_code() {
        assertEquals(SlotkeeperException.BAD_REPLY, code(new byte[0]));
        assertEquals(SlotkeeperException.BAD_REPLY, code("-NOAUTH Authentication required.".getBytes(StandardCharsets.UTF_8)));
        assertEquals(SlotkeeperException.TOO_LARGE, code(new byte[16 * 1024 * 1024 + 1]));
        assertEquals(SlotkeeperException.INVALID_ARGUMENT, code(null));
    }

    private static int code(byte[] reply) {
        return assertThrows(SlotkeeperException.class, () -> NodesReply.parse(reply)).code();
    }

    private static List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.walk(DATA)) {
            List<Path> captures = files.filter(file -> file.toString().endsWith(".cluster_nodes.txt")
                    || file.toString().endsWith(".nodes.conf.txt")).collect(Collectors.toList());
            assertTrue(captures.size() > 400, "only " + captures.size() + " captures were found");
            return captures;
        }
    }

    /** The line of CLUSTER NODES that says this; of {@code sent} only how the address is written. */
    private static String line(Node node, String sent) {
        StringJoiner line = new StringJoiner(" ");
        line.add(node.id());
        line.add(address(node, sent.split(" ")[1]));
        line.add(node.flagsText());
        line.add(node.masterId() == null ? "-" : node.masterId());
        line.add(Long.toString(node.pingSent()));
        line.add(Long.toString(node.pongReceived()));
        line.add(Long.toString(node.configEpoch()));
        line.add(node.isLinked() ? "connected" : "disconnected");
        List<Object> items = new ArrayList<>(node.slots());
        items.addAll(node.moving());
        items.forEach(item -> line.add(item.toString()));
        return line.toString();
    }

    private static String address(Node node, String sent) {
        String address = node.address() + (sent.contains("@") ? "@" + node.busPort() : "");
        if (sent.contains(",")) {
            address += "," + node.hostname() + (node.auxiliary().isEmpty() ? "" : "," + node.auxiliary());
        }
        return address;
    }
}
