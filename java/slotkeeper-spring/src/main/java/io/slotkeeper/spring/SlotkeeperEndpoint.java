package io.slotkeeper.spring;

import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Actuator's endpoint {@code slotkeeper}: {@code GET} shows the topology, how its refreshing goes, and the gate; {@code POST}
 * refreshes. Boot 2 to 4.
 */
@Endpoint(id = "slotkeeper")
public final class SlotkeeperEndpoint {
    private final KeeperReport report;
    private final RedisClusterTopologyRefresher refresher;

    SlotkeeperEndpoint(KeeperReport report, RedisClusterTopologyRefresher refresher) {
        this.report = report;
        this.refresher = refresher;
    }

    /** Shards with their nodes and slots, {@code refresh} and {@code gate}; {@code keeper}, in words, if there is none. */
    @ReadOperation
    public Map<String, Object> slotkeeper() {
        return report.all();
    }

    /**
     * Reads the topology anew, as {@link RedisClusterTopologyRefresher#refreshNow}.
     *
     * @return whether that worked, as {@code refreshed}, and all that {@link #slotkeeper} shows
     */
    @WriteOperation
    public Map<String, Object> refresh() {
        boolean refreshed = refresher.refreshNow();
        Map<String, Object> shown = report.all();
        shown.put("refreshed", refreshed);
        return shown;
    }
}
