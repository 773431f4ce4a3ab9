package io.slotkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.Map;

/** The CLUSTER NODES replies that are read, under the names that the Rust benchmarks have for them. */
final class Replies {

    static final String SIX = "6 nodes";
    static final String HUNDRED = "100 nodes";
    static final String THOUSAND = "1000 nodes";
    static final String FRAGMENTED = "1000 nodes, each slot a range";

    /** The directory of the files, as a system property: it goes along to the JVMs that measure. */
    static final String DIRECTORY = "slotkeeper.bench.data";

    private static final Map<String, String> FILES = new LinkedHashMap<>();

    static {
        FILES.put(SIX, "redis-7.0.15/01-steady/node0.cluster_nodes.txt");
        FILES.put(HUNDRED, "scale/50m-100n-contig.cluster_nodes.txt");
        FILES.put(THOUSAND, "scale/500m-1000n-contig.cluster_nodes.txt");
        FILES.put(FRAGMENTED, "scale/500m-1000n-frag1.cluster_nodes.txt");
    }

    private Replies() {}

    static Iterable<String> names() {
        return FILES.keySet();
    }

    static byte[] read(String name) throws IOException {
        Path directory = Paths.get(System.getProperty(DIRECTORY));
        return Files.readAllBytes(directory.resolve(FILES.get(name)));
    }
}
