package io.slotkeeper.spring;

import io.slotkeeper.test.TestCluster;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A real cluster of three nodes, of which one is dead, with the password {@code secret}: one for all tests of this JVM, with which it ends.
 * Nobody changes it.
 */
final class OneDead {
    /** The first node, {@code host:port}. */
    static final String DEAD;
    /** The others, in their order. */
    static final List<String> LIVING;
    /** The same with commas. */
    static final String HEALTHY;
    /** All three with commas, the dead one first. */
    static final String NODES;

    static {
        TestCluster cluster = TestCluster.start("A B B", "--password", "secret");
        cluster.kill("m0");
        DEAD = cluster.node("m0").address();
        LIVING = Collections.unmodifiableList(Arrays.asList(cluster.node("m1").address(), cluster.node("m2").address()));
        HEALTHY = String.join(",", LIVING);
        NODES = DEAD + "," + HEALTHY;
    }

    private OneDead() {}
}
