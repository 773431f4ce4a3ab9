package io.slotkeeper.jedis.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Set;
import redis.clients.jedis.HostAndPort;

/**
 * A node that Jedis may start from when no real one lives, on the loopback device of this machine: it says that all slots
 * are its own. It is gone again before a command could be sent to it.
 *
 * <p>Needed because a {@code ClusterConnectionProvider} cannot be made without a node that answers. The system property
 * {@code jedis.cluster.initNoError} would do as well, but only from Jedis 4.4.2 on, and for all clients of the process.
 */
final class LoopbackSeed implements AutoCloseable {

    /** Nobody but Jedis should be here, and it asks at once. */
    private static final int READ_TIMEOUT_MS = 1000;
    /** No command of Jedis's has more words. */
    private static final int MAX_WORDS = 16;

    private final ServerSocket listener;
    private final HostAndPort address;

    /** Listens from now until it is closed. */
    LoopbackSeed() {
        try {
            listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("Jedis needs a node to start from, but nothing can listen on the loopback device", e);
        }
        address = new HostAndPort(listener.getInetAddress().getHostAddress(), listener.getLocalPort());
        Thread thread = new Thread(this::serve, "slotkeeper-loopback-seed");
        thread.setDaemon(true);
        thread.start();
    }

    Set<HostAndPort> address() {
        return Collections.singleton(address);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept()) {
                client.setSoTimeout(READ_TIMEOUT_MS);
                answer(client);
            } catch (IOException | NumberFormatException e) {
                // Closed, which ends the loop; or it was not Jedis, which may come next.
            }
        }
    }

    /** A command comes as {@code *2, $7, CLUSTER, $5, SLOTS}, a line each. */
    private void answer(Socket client) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        for (String count = lines.readLine(); count != null && count.startsWith("*"); count = lines.readLine()) {
            StringBuilder command = new StringBuilder();
            for (int left = Math.min(Integer.parseInt(count.substring(1)), MAX_WORDS); left > 0; left--) {
                lines.readLine();
                command.append(lines.readLine()).append(' ');
            }
            String reply = command.toString().equals("CLUSTER SLOTS ") ? slots() : "+OK\r\n";
            client.getOutputStream().write(reply.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private String slots() {
        return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$" + address.getHost().length() + "\r\n" + address.getHost() + "\r\n:"
                + address.getPort() + "\r\n";
    }
}
