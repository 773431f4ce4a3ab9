package io.slotkeeper;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What a keeper is doing, at one moment. Immutable. */
public final class KeeperStatus {

    private final long generation;
    private final Health health;
    private final int knownNodes;
    private final List<String> unhealthyNodes;
    private final List<String> unreachableNodes;
    private final boolean refreshing;
    private final Instant lastRefresh;
    private final Duration age;
    private final Duration refreshInterval;
    private final long rounds;
    private final long roundsFailed;
    private final long viewsRejected;
    private final long credentialsRefused;
    private final long eventsDropped;
    private final long connectionsOpened;
    private final long requests;
    private final long bytesSent;
    private final long bytesReceived;
    private final Duration waited;

    KeeperStatus(StatusReader status, long droppedHere) {
        generation = status.number("generation");
        health = status.health();
        knownNodes = (int) status.number("known_nodes");
        unhealthyNodes = status.list("failed_nodes");
        unreachableNodes = status.lines("unreachable_nodes");
        refreshing = status.bool("refreshing");
        lastRefresh = status.instant("last_refresh_ms");
        age = status.duration("age_ms");
        refreshInterval = Duration.ofMillis(status.number("refresh_interval_ms"));
        rounds = status.number("rounds");
        roundsFailed = status.number("rounds_failed");
        viewsRejected = status.number("views_rejected");
        credentialsRefused = status.number("credentials_refused");
        eventsDropped = status.number("events_dropped") + droppedHere;
        connectionsOpened = status.number("connections_opened");
        requests = status.number("requests");
        bytesSent = status.number("bytes_sent");
        bytesReceived = status.number("bytes_received");
        waited = Duration.ofNanos(1000 * status.number("waited_us"));
    }

    /** The generation of the latest topology; 0 before the first. */
    public long generation() {
        return generation;
    }

    /** How the cluster is. */
    public Health health() {
        return health;
    }

    /** How many nodes are known. */
    public int knownNodes() {
        return knownNodes;
    }

    /** {@code host:port} of the nodes that the cluster holds for failed. */
    public List<String> unhealthyNodes() {
        return unhealthyNodes;
    }

    /**
     * Nodes that the cluster holds for alive and that have never answered at the address they announce, a sentence each: its
     * id, that address, why.
     */
    public List<String> unreachableNodes() {
        return unreachableNodes;
    }

    /** Whether nodes are being asked right now. */
    public boolean isRefreshing() {
        return refreshing;
    }

    /** When the last round ended that some node answered; null before the first. */
    public Instant lastRefresh() {
        return lastRefresh;
    }

    /** How long ago a node last showed that the latest topology holds; null before the first. */
    public Duration age() {
        return age;
    }

    /** The configured time between rounds. */
    public Duration refreshInterval() {
        return refreshInterval;
    }

    /** How many rounds there were. */
    public long rounds() {
        return rounds;
    }

    /** In how many of them no node gave a view that could be used. */
    public long roundsFailed() {
        return roundsFailed;
    }

    /** How many views were refused, as of another cluster or empty. */
    public long viewsRejected() {
        return viewsRejected;
    }

    /** How often a node has refused the credentials, or has asked for some where none are set. */
    public long credentialsRefused() {
        return credentialsRefused;
    }

    /** How many events and log lines were dropped because nobody took them in time. */
    public long eventsDropped() {
        return eventsDropped;
    }

    /** How many connections the keeper has opened. */
    public long connectionsOpened() {
        return connectionsOpened;
    }

    /** How many commands the keeper has sent, those that open a connection included. */
    public long requests() {
        return requests;
    }

    /** How many bytes the keeper has sent, without those of TLS and the network. */
    public long bytesSent() {
        return bytesSent;
    }

    /** How many bytes of replies the keeper has read. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /** How long the keeper has waited for replies, all told; side by side counts twice. */
    public Duration waited() {
        return waited;
    }

    /** All of it in one line. */
    @Override
    public String toString() {
        return "KeeperStatus(generation " + generation + ", " + health + ", " + knownNodes + " nodes, unhealthy "
                + unhealthyNodes + ", " + (refreshing ? "refreshing" : "idle") + ", last refresh " + lastRefresh
                + ", age " + age
                + ", every " + refreshInterval.toMillis() + " ms, " + rounds + " rounds, " + roundsFailed + " failed, "
                + viewsRejected + " views rejected, credentials refused " + credentialsRefused + " times, "
                + eventsDropped + " events dropped, " + connectionsOpened
                + " connections opened, " + requests + " requests, " + bytesSent + " bytes sent, " + bytesReceived
                + " received, " + waited.toMillis() + " ms waited)";
    }
}
