/**
 * Jedis 2.9 to 3.x with the slot map of a {@link io.slotkeeper.Keeper}.
 *
 * <ul>
 *   <li>{@link io.slotkeeper.jedis.KeeperCluster}: a {@code JedisCluster} made from a keeper. The way to take.
 *   <li>{@link io.slotkeeper.jedis.JedisAttach}: the same map for a {@code JedisCluster} that somebody else made.
 * </ul>
 *
 * <p>On the class path only: the jar has one class in Jedis's own package, and a package cannot be split between modules.
 */
package io.slotkeeper.jedis;
