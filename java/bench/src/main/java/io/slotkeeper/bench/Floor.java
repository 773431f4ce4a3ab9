package io.slotkeeper.bench;

import java.util.ArrayList;
import java.util.List;

/** What a measure must reach, and what it is. */
final class Floor {

    final String what;
    final double measured;
    final double limit;
    final boolean atLeast;

    private Floor(String what, double measured, double limit, boolean atLeast) {
        this.what = what;
        this.measured = measured;
        this.limit = limit;
        this.atLeast = atLeast;
    }

    /** In words; a measure that is missing holds nothing. */
    String verdict() {
        return Double.isNaN(measured) ? "not measured" : (atLeast ? measured >= limit : measured <= limit) ? "held" : "MISSED";
    }

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
        double[][] slots = {{8, 4, 8}, {24, 10, 20}, {40, 15, 35}, {256, 70, 250}};
        for (double[] slot : slots) {
            String key = (int) slot[0] + " bytes";
            floors.add(atMost("key slot, " + key + ", Rust, ns", results.get(Main.KEY_SLOT, key, "rust"), slot[1]));
            floors.add(atMost("key slot, " + key + ", Java, ns", results.get(Main.KEY_SLOT, key, "slotkeeper"), slot[2]));
        }
        return floors;
    }

    private static Floor atMost(String what, double measured, double limit) {
        return new Floor(what, measured, limit, false);
    }

    private static Floor atLeast(String what, double measured, double limit) {
        return new Floor(what, measured, limit, true);
    }
}
