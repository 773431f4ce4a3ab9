package io.slotkeeper.jedis;

import io.slotkeeper.test.TestNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What living nodes say of themselves, over connections of its own that neither keeper nor Jedis knows: when the cluster is whole, and how
 * often nodes were asked for the topology. It asks for INFO and CLUSTER INFO only, which are not counted. Needs Redis 7 for the counts. For
 * one thread.
 */
final class NodeWatch implements AutoCloseable {

    private static final long PAUSE_NANOS = 2_000_000;

    private final Map<String, Talk> talks = new LinkedHashMap<>();
    private final long epoch;

    /** Connects to these nodes. */
    NodeWatch(List<TestNode> nodes) {
        try {
            for (TestNode node : nodes) {
                talks.put(node.name(), new Talk(node));
            }
            long highest = 0;
            for (Talk talk : talks.values()) {
                highest = Math.max(highest, number(talk.ask("CLUSTER INFO"), "cluster_current_epoch:"));
            }
            epoch = highest;
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until all nodes say that all slots are served, and these are masters; gives the {@link System#nanoTime}. For replicas that
     * win a vote after the watch began.
     */
    long awaitHeirs(List<String> heirs, Duration limit) {
        return await(limit, () -> {
            for (String heir : heirs) {
                if (!talks.get(heir).ask("INFO replication").contains("role:master")) {
                    return false;
                }
            }
            return isWhole(epoch + 1);
        });
    }

    /** Waits until all nodes say that all slots are served; gives the {@link System#nanoTime}. */
    long awaitWhole(Duration limit) {
        return await(limit, () -> isWhole(epoch));
    }

    /** How often all nodes together were asked for CLUSTER SLOTS since they started. */
    long slotsRequests() {
        return calls("cluster|slots");
    }

    /** How often all nodes together were asked for CLUSTER NODES since they started. */
    long nodesRequests() {
        return calls("cluster|nodes");
    }

    @Override
    public void close() {
        talks.values().forEach(Talk::close);
    }

    private boolean isWhole(long leastEpoch) throws IOException {
        for (Talk talk : talks.values()) {
            String info = talk.ask("CLUSTER INFO");
            if (!info.contains("cluster_state:ok") || number(info, "cluster_slots_ok:") != 16384
                    || number(info, "cluster_current_epoch:") < leastEpoch) {
                return false;
            }
        }
        return true;
    }

    private long calls(String command) {
        try {
            long sum = 0;
            for (Talk talk : talks.values()) {
                String stats = talk.ask("INFO commandstats");
                sum += stats.contains("cmdstat_" + command + ":") ? number(stats, "cmdstat_" + command + ":calls=") : 0;
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long await(Duration limit, Question question) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                long now = System.nanoTime();
                if (question.holds()) {
                    return System.nanoTime();
                }
                if (now - deadline > 0) {
                    throw new AssertionError("the cluster was not whole within " + limit);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(String text, String before) {
        int start = text.indexOf(before) + before.length();
        int end = start;
        while (Character.isDigit(text.charAt(end))) {
            end++;
        }
        return Long.parseLong(text.substring(start, end));
    }

    private interface Question {
        boolean holds() throws IOException;
    }

    /** A connection to one node, logged in. */
    private static final class Talk {

        private final Socket socket;
        private final BufferedReader replies;

        Talk(TestNode node) throws IOException {
            socket = new Socket(node.host(), node.port());
            socket.setSoTimeout((int) Fixture.LIMIT.toMillis());
            replies = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            send("AUTH " + Fixture.PASSWORD);
            replies.readLine();
        }

        /** The text that a node answers to words. */
        String ask(String words) throws IOException {
            send(words);
            String head = replies.readLine();
            if (head == null || !head.startsWith("$")) {
                throw new IOException(words + ": " + head);
            }
            char[] text = new char[Integer.parseInt(head.substring(1)) + "\r\n".length()];
            int read = 0;
            while (read < text.length) {
                int more = replies.read(text, read, text.length - read);
                if (more < 0) {
                    throw new IOException(words + ": the connection has ended");
                }
                read += more;
            }
            return new String(text);
        }

        private void send(String words) throws IOException {
            socket.getOutputStream().write((words + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
