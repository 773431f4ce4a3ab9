package io.slotkeeper.jedis;

import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a benchmark does to a cluster of {@link #LAYOUT}. */
enum BenchFault {

    SILENT("master silent", node -> node.name().equals("m0"), TestCluster::stop),
    KILLED("master killed", node -> node.name().equals("m0"), TestCluster::kill),
    ZONE_SILENT("data centre silent", node -> node.zone().equals("A"), TestCluster::stop),
    ZONE_CUT("data centre cut off", node -> node.zone().equals("A"), TestCluster::drop);

    /** Masters in A, A, B, B and C: any zone may be lost, and each shard has its replica in another one. */
    static final String LAYOUT = "A/B A/C B/C B/A C/A";

    /** A master that no fault hits. */
    static final String SPARED = "m2";

    /** As the tables have it. */
    final String title;
    private final Predicate<TestNode> hits;
    private final BiConsumer<TestCluster, String> blow;

    BenchFault(String title, Predicate<TestNode> hits, BiConsumer<TestCluster, String> blow) {
        this.title = title;
        this.hits = hits;
        this.blow = blow;
    }

    /** Whether it can be done here: packets are dropped by root only. */
    boolean isPossible(TestCluster servers) {
        return this != ZONE_CUT || servers.canDrop();
    }

    void strike(TestCluster servers) {
        blow.accept(servers, servers.nodes().stream().filter(hits).map(TestNode::name).collect(Collectors.joining(",")));
    }

    /** The nodes that it spares. */
    List<TestNode> spared(TestCluster servers) {
        return servers.nodes().stream().filter(hits.negate()).collect(Collectors.toList());
    }

    /** The names of the replicas that have to take over. */
    List<String> heirs(TestCluster servers) {
        return servers.nodes().stream().filter(hits).filter(node -> !node.wasReplica())
                .map(node -> node.name().replace('m', 'r')).collect(Collectors.toList());
    }
}
