/**
 * Slotkeeper in a Spring application: only healthy nodes at the start, a keeper from then on.
 *
 * <p>Boot (1.5 to 4) finds it by itself; others import {@link io.slotkeeper.spring.SlotkeeperConfiguration}, declare
 * {@link io.slotkeeper.spring.RedisHealthChecker} as a bean, or name {@link io.slotkeeper.spring.SlotkeeperInitializer}, which is the
 * earliest. A property that Slotkeeper does not know is one warning, unless it comes from the JVM's or the process's own. Values that
 * look like {@code ENC(…)} are awaited until Jasypt's post-processor has decrypted them. The properties that only Spring has:
 *
 * <table>
 * <caption>Properties that only Spring has; names of properties are separated by commas</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code slotkeeper.enabled}</td><td>true</td><td>false: Slotkeeper does nothing</td></tr>
 * <tr><td>{@code slotkeeper.enabled-property}</td><td>none</td><td>the name of the application's own flag, such as
 *     {@code athena.cluster.enabled}; unless that is true, Slotkeeper does nothing</td></tr>
 * <tr><td>{@code slotkeeper.required}</td><td>false</td><td>true: without a working library and one healthy node the application
 *     does not start</td></tr>
 * <tr><td>{@code slotkeeper.nodes-properties}</td><td>{@code spring.redis.cluster.nodes, spring.data.redis.cluster.nodes}</td>
 *     <td>where the nodes are; the first that has some counts</td></tr>
 * <tr><td>{@code slotkeeper.username-properties}</td><td>{@code spring.redis.username, spring.data.redis.username}</td>
 *     <td>where the user's name is; the first that has one counts</td></tr>
 * <tr><td>{@code slotkeeper.password-properties}</td><td>{@code spring.redis.password, spring.data.redis.password}</td>
 *     <td>where the password is; the first that has one counts</td></tr>
 * <tr><td>{@code slotkeeper.target-properties}</td><td>{@code athena.redis.url}</td><td>what is set to the healthy nodes, beside the
 *     property that the nodes came from</td></tr>
 * <tr><td>{@code slotkeeper.gate}</td><td>off</td><td>off, observe or on: what the bean {@code slotkeeperGate} does, a
 *     {@link io.slotkeeper.Gate} for keeper clusters; {@code observe} is the first step of a rollout</td></tr>
 * <tr><td>{@code slotkeeper.gate.hold-ms}</td><td>the client's socket timeout</td><td>how long a command waits for a pending slot;
 *     0: not at all</td></tr>
 * <tr><td>{@code slotkeeper.gate.fail-fast}</td><td>true</td><td>whether commands that would be in vain fail at once</td></tr>
 * <tr><td>{@code slotkeeper.gate.rescue}</td><td>true</td><td>whether connections to failed nodes are closed</td></tr>
 * <tr><td>{@code slotkeeper.gate.rescue.retry}</td><td>true</td><td>whether Jedis repeats a command whose connection was closed by a
 *     rescue</td></tr>
 * <tr><td>{@code slotkeeper.connection-factories}</td><td>true</td><td>whether each {@code JedisConnectionFactory} of Spring Data Redis
 *     for the checked nodes gets its slot map from the keeper, and the gate</td></tr>
 * <tr><td>{@code slotkeeper.jmx.enabled}</td><td>true</td><td>whether keeper and gate are MBeans, by which the gate can be switched,
 *     too; {@code spring.jmx.enabled=false} also takes them away</td></tr>
 * <tr><td>{@code slotkeeper.health.down-for}</td><td>none</td><td>with which healths of the cluster ({@code degraded, down, unknown})
 *     Actuator's health is DOWN; it is UP otherwise, and shows them as a detail</td></tr>
 * <tr><td>{@code slotkeeper.health.out-of-service-for}</td><td>none</td><td>with which it is OUT_OF_SERVICE</td></tr>
 * </table>
 *
 * <p>In YAML a name that has a value cannot have names below it: write {@code gate: observe} and {@code gate.hold-ms: 500} one below the
 * other.
 *
 * <p>Spring Data Redis: see {@link io.slotkeeper.spring.KeeperJedisConnectionFactory}.
 *
 * <p>With Actuator there are the health {@code slotkeeper} (Boot 1.5 to 4; off by {@code management.health.slotkeeper.enabled=false}),
 * and from Boot 2 on the endpoints {@link io.slotkeeper.spring.SlotkeeperEndpoint slotkeeper} and
 * {@link io.slotkeeper.spring.SlotkeeperGateEndpoint slotkeepergate}. Each new topology is a
 * {@link io.slotkeeper.spring.TopologyChangedEvent}. The context's keepers are MBeans under their beans' names, as
 * {@code io.slotkeeper:type=Keeper,name=slotkeeper}; with one keeper so is the one gate, under the keeper's name.
 *
 * <p>Beyond these, every property of {@link io.slotkeeper.Slotkeeper#properties()} is read as {@code slotkeeper.<name>};
 * {@code slotkeeper.seeds}, {@code slotkeeper.username} and {@code slotkeeper.password} come before the properties named above.
 */
package io.slotkeeper.spring;
