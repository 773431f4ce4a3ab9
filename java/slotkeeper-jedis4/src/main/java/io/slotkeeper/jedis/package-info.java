/**
 * Jedis 4.3.2 to 8.x with the slot map of a {@link io.slotkeeper.Keeper}.
 *
 * <ul>
 *   <li>{@link io.slotkeeper.jedis.KeeperCluster}: a {@code JedisCluster} made from a keeper. The way to take.
 *   <li>{@link io.slotkeeper.jedis.JedisAttach}: the same map for a client that somebody else made.
 * </ul>
 *
 * <p>The names are those of the module for Jedis 2.9 to 3.x, in whose place this one comes: never both.
 *
 * <p>On the class path only: the jar has classes in Jedis's own packages, and a package cannot be split between modules.
 */
package io.slotkeeper.jedis;
