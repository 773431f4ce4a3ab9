package io.slotkeeper.examples;

import io.slotkeeper.Finding;
import io.slotkeeper.Keeper;
import io.slotkeeper.Outcome;
import java.util.ArrayList;
import java.util.List;

/** Says what is wrong with the layout of a cluster, and which losses it would not survive. */
public final class Layout {

    private Layout() {}

    /** A sentence each, the worst first. */
    public static List<String> risks(Keeper keeper) {
        List<String> risks = new ArrayList<>();
        for (Finding finding : keeper.audit().findings()) {
            risks.add(finding + "; to mend it: " + finding.remedy());
        }
        for (Outcome outcome : keeper.whatIf()) {
            if (outcome.effect() != Outcome.Effect.SURVIVES) {
                risks.add("without " + outcome.lost() + " these slots are lost: " + outcome.lostSlots());
            }
        }
        return risks;
    }
}
