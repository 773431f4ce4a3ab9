/**
 * Healthy seeds and fresh slot maps of a Redis Cluster.
 *
 * <ul>
 *   <li>{@link io.slotkeeper.SeedFilter}: which of the configured nodes can a client start from?
 *   <li>{@link io.slotkeeper.Keeper}: the latest {@link io.slotkeeper.Topology}, kept fresh in the background.
 *   <li>{@link io.slotkeeper.SlotMap}: who serves a key, by one array read.
 *   <li>{@link io.slotkeeper.NodesReply}: reads a CLUSTER NODES reply, without any network; {@link io.slotkeeper.ClusterInfo}
 *       reads CLUSTER INFO, {@link io.slotkeeper.ErrorReply} sorts errors.
 * </ul>
 *
 * <p>Everything here may be shared between threads. What goes wrong is a {@link io.slotkeeper.SlotkeeperException}.
 */
package io.slotkeeper;
