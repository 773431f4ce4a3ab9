package io.slotkeeper.bench;

import static io.slotkeeper.test.Floor.atLeast;
import static io.slotkeeper.test.Floor.atMost;

import io.slotkeeper.test.Floor;
import java.util.ArrayList;
import java.util.List;

/** What the results must reach. */
final class Floors {

    private Floors() {}

    /** All floors. */
    static List<Floor> of(Results results) {
        List<Floor> floors = new ArrayList<>();
        String parse = Main.PARSE;
        floors.add(atMost("parse 6 nodes, Rust, µs", results.get(parse, Replies.SIX, "rust"), 1));
        String owners = Main.PARSE_AND_OWNERS;
        floors.add(atMost("with owners, 1000 nodes, Rust, µs", results.get(owners, Replies.THOUSAND, "rust"), 110));
        floors.add(atMost("with owners, fragmented, Rust, µs", results.get(owners, Replies.FRAGMENTED, "rust"), 260));
        // Lettuce makes its table of slots as well; Redisson makes none.
        double rust = results.get(owners, Replies.THOUSAND, "rust");
        floors.add(atLeast("1000 nodes, Lettuce : Rust", results.get(parse, Replies.THOUSAND, "lettuce") / rust, 45));
        floors.add(atLeast("1000 nodes, Redisson : Rust", results.get(parse, Replies.THOUSAND, "redisson") / rust, 6));
        for (String layout : Main.LAYOUTS) {
            floors.add(atMost("merge, 3 views of 1000, " + layout + ", µs", results.get(Main.MERGE, layout, "rust"), 300));
            floors.add(atMost("diff, 1000, equal, " + layout + ", µs", results.get(Main.DIFF, layout, "rust"), 20));
        }
        // Bytes; ns in Rust, of the crate crc16 on the machine that the floors are of, in Java, of Lettuce there. What counts on any machine is
        // how many times as fast as the others.
        double[][] slots = {{8, 4, 9.6, 8, 9.2}, {24, 10, 36, 20, 42}, {40, 15, 73, 35, 87}, {256, 70, 550, 250, 662}};
        for (double[] slot : slots) {
            String key = (int) slot[0] + " bytes";
            String head = "key slot, " + key + ", ";
            floors.add(atMost(head + "Rust, ns", results.get(Main.KEY_SLOT, key, "rust"), slot[1]));
            floors.add(atLeast(head + "crate crc16 : Rust", results.ratio(Main.KEY_SLOT, key, "crc16", "rust"), slot[2] / slot[1]));
            floors.add(atMost(head + "Java, ns", results.get(Main.KEY_SLOT, key, "slotkeeper"), slot[3]));
            floors.add(atLeast(head + "Lettuce : Java", results.ratio(Main.KEY_SLOT, key, "lettuce", "slotkeeper"), slot[4] / slot[3]));
        }
        for (String key : new String[] {"8 bytes", "24 bytes", "40 bytes"}) {
            for (String call : new String[] {"slotkeeper", "serves"}) {
                String name = call.equals("serves") ? call : "ownerOf";
                for (String other : new String[] {"lettuce", "jedis"}) {
                    floors.add(atLeast(name + ", " + key + ", " + other + " : Java", results.ratio(Main.KEY_OWNER, key, other, call), 1));
                }
            }
        }
        double lookup = results.get(Main.GATE, Main.THOUSAND, "withoutGate");
        floors.add(atMost("gate, all well, more, ns", results.get(Main.GATE, Main.THOUSAND, "withGate") - lookup, 20));
        floors.add(atMost("gate, others pending, more, ns", results.get(Main.GATE, Main.THOUSAND, "othersPending") - lookup, 20));
        return floors;
    }
}
