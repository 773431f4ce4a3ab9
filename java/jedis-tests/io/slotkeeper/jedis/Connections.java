package io.slotkeeper.jedis;

import io.slotkeeper.test.TestCluster;
import io.slotkeeper.test.TestNode;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The connections of Jedis to real nodes, as the nodes tell: a new one has a new id. */
final class Connections {

    /** What Jedis sends in these tests; neither the keeper nor the launcher does. */
    private static final Pattern OF_JEDIS =
            Pattern.compile("id=(\\d+) .* flags=N .* cmd=(?:get|set|auth|ping) ");

    private Connections() {}

    /** {@code node/id} of each connection to any node that lives. */
    static Set<String> of(TestCluster servers) {
        Set<String> all = new TreeSet<>();
        servers.nodes().forEach(node -> all.addAll(of(servers, node)));
        return all;
    }

    static Set<String> of(TestCluster servers, String node) {
        return of(servers, servers.node(node));
    }

    private static Set<String> of(TestCluster servers, TestNode node) {
        Set<String> ids = new TreeSet<>();
        for (String line : servers.command(node.name(), "CLIENT", "LIST").toString().split("\n")) {
            Matcher client = OF_JEDIS.matcher(line);
            if (client.find() && !line.contains(" name=slotkeeper ")) {
                ids.add(node.name() + "/" + client.group(1));
            }
        }
        return ids;
    }
}
