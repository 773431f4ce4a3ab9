package io.slotkeeper.spring;

import io.slotkeeper.Keeper;
import io.slotkeeper.KeeperStatus;
import io.slotkeeper.SlotkeeperException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A refresh of the topology at will, and how the refreshing goes. The keeper refreshes by itself; nobody has to call this.
 *
 * <p>Threads may share it; those that ask at the same time share one round.
 */
public final class RedisClusterTopologyRefresher {
    private static final Logger LOG = LoggerFactory.getLogger(RedisClusterTopologyRefresher.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final RedisNodeContext nodes;
    private final Keeper keeper;

    /** {@code keeper} may be null: then nothing can be refreshed. */
    RedisClusterTopologyRefresher(RedisNodeContext nodes, Keeper keeper) {
        this.nodes = nodes;
        this.keeper = keeper;
    }

    /**
     * Reads the topology anew, and returns when a view that was asked for after this call is in; at most 5 s.
     *
     * @return false if no node answered, or there is no keeper; the log says why
     */
    public boolean refreshNow() {
        if (keeper == null) {
            LOG.warn("The topology cannot be refreshed: there is no keeper");
            return false;
        }
        try {
            keeper.refresh(LIMIT);
            return true;
        } catch (SlotkeeperException failure) {
            LOG.warn("The topology could not be refreshed: {}", failure.getMessage());
            return false;
        }
    }

    /**
     * Five entries: {@code unhealthyNodes} (list of {@code host:port}), {@code unhealthyNodeCount} (int), {@code isRefreshing}
     * (boolean), {@code lastRefreshTime} (long, ms since 1970; 0 for never) and {@code refreshInterval} (long, ms; 0 for no keeper).
     */
    public Map<String, Object> getStatus() {
        KeeperStatus status = status();
        Instant last = status == null ? null : status.lastRefresh();
        List<String> unhealthy = nodes.getUnhealthyNodes();
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("unhealthyNodes", unhealthy);
        entries.put("unhealthyNodeCount", unhealthy.size());
        entries.put("isRefreshing", status != null && status.isRefreshing());
        entries.put("lastRefreshTime", last == null ? 0L : last.toEpochMilli());
        entries.put("refreshInterval", status == null ? 0L : status.refreshInterval().toMillis());
        return entries;
    }

    /** Null if there is none to be had. */
    private KeeperStatus status() {
        try {
            return keeper == null || keeper.isClosed() ? null : keeper.status();
        } catch (SlotkeeperException failure) {
            LOG.debug("The keeper does not tell its status", failure);
            return null;
        }
    }
}
