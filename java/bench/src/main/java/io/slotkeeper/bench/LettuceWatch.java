package io.slotkeeper.bench;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Lettuce beside a keeper in the convergence benchmark: prints each map that it comes to, with the wall clock. It refreshes each second (the
 * default is never), has all adaptive triggers on, as is the default, and their rate limit down from 5 s to 100 ms. One client asks for
 * nothing, one every 10 ms for the key that it is told.
 *
 * <p>Arguments: the seeds with commas between, the password. Input, a line each: {@code ask KEY}, {@code rest}; its end ends the program.
 * Output, a line each: {@code NAME NANOSECONDS ID:FIRST-LAST ...}, with a range for each run of slots.
 */
public final class LettuceWatch {

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration TRIGGERS_AT_MOST_EVERY = Duration.ofMillis(100);
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final long ASK_EVERY_MS = 10;

    private final String name;
    private final RedisClusterClient client;
    private final StatefulRedisClusterConnection<String, String> connection;
    private String last = "";
    private volatile String key;

    private LettuceWatch(String name, List<RedisURI> seeds) {
        this.name = name;
        client = RedisClusterClient.create(seeds);
        client.setOptions(ClusterClientOptions.builder()
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .adaptiveRefreshTriggersTimeout(TRIGGERS_AT_MOST_EVERY)
                        .enablePeriodicRefresh(PERIOD)
                        .build())
                .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).build())
                .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
                .build());
        connection = client.connect();
        client.getResources().eventBus().get().ofType(ClusterTopologyChangedEvent.class)
                .subscribe(event -> tell(event.after()));
        tell(client.getPartitions());
    }

    /** Prints the maps until the input ends. */
    public static void main(String[] arguments) throws IOException {
        List<RedisURI> seeds = new ArrayList<>();
        for (String seed : arguments[0].split(",")) {
            int colon = seed.lastIndexOf(':');
            seeds.add(RedisURI.builder()
                    .withHost(seed.substring(0, colon))
                    .withPort(Integer.parseInt(seed.substring(colon + 1)))
                    .withPassword(arguments[1].toCharArray())
                    .build());
        }
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        LettuceWatch idle = new LettuceWatch("lettuce-idle", seeds);
        LettuceWatch asking = new LettuceWatch("lettuce-asking", seeds);
        try {
            Thread asker = new Thread(asking::ask, "asker");
            asker.setDaemon(true);
            asker.start();
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                asking.key = line.startsWith("ask ") ? line.substring(4) : null;
            }
        } finally {
            idle.close();
            asking.close();
        }
    }

    /** Asks for the key of the latest line. What comes of it is Lettuce's to react to: MOVED, a lost connection, a time-out. */
    private void ask() {
        while (!Thread.currentThread().isInterrupted()) {
            String wanted = key;
            if (wanted != null) {
                connection.async().get(wanted);
            }
            try {
                Thread.sleep(ASK_EVERY_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized void tell(Iterable<RedisClusterNode> nodes) {
        Instant now = Instant.now();
        StringBuilder map = new StringBuilder();
        for (RedisClusterNode node : nodes) {
            List<Integer> slots = node.getSlots();
            for (int at = 0; at < slots.size(); ) {
                int end = at;
                while (end + 1 < slots.size() && slots.get(end + 1) == slots.get(end) + 1) {
                    end++;
                }
                map.append(' ').append(node.getNodeId()).append(':').append(slots.get(at)).append('-').append(slots.get(end));
                at = end + 1;
            }
        }
        if (!map.toString().equals(last)) {
            last = map.toString();
            System.out.println(name + " " + (now.getEpochSecond() * 1_000_000_000L + now.getNano()) + map);
        }
    }

    private void close() {
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
