package io.slotkeeper;

import java.util.List;
import java.util.Map;

/** A keeper as JMX shows it; see {@link Jmx}. Attributes never wait. */
public interface KeeperMXBean {

    /** {@code OK}, {@code DEGRADED}, {@code DOWN} or {@code UNKNOWN}. */
    String getHealth();

    /** The number of the latest topology; 0 before the first. */
    long getGeneration();

    /** How long ago a node last showed that the topology holds, in ms; -1 before the first. */
    long getAgeMillis();

    /** All of the status in one line. */
    String getStatus();

    /** Each node with its role, its failure and its slots. */
    List<String> getNodes();

    /** {@code host:port} of the nodes that the cluster holds for failed. */
    List<String> getFailedNodes();

    /** How many slots are {@code SERVED}, {@code PENDING} and {@code UNSERVED}. */
    Map<String, Integer> getSlotsByState();

    /** For each reason why slots are not served, how many of them, and the reason in words. */
    List<String> getTroubles();

    /** What the audit finds wrong with the layout, the worst first, each with what mends it. */
    List<String> getFindings();

    /** The share of the slots, 0 to 1, that outlive any one zone and any one node; see {@link Audit#compliance}. */
    double getCompliance();

    /** All metrics by name and labels; of a histogram how many values ({@code _count}), and their sum ({@code _sum}). */
    Map<String, Double> getMetrics();

    /**
     * Asks the cluster now, and waits for the answer, five seconds at most.
     *
     * @return the generation and the health that hold then
     * @throws IllegalStateException if no node gave a usable answer in time; the message says why
     */
    String refresh();
}
