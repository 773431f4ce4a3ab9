package io.slotkeeper;

import java.util.Map;

/** A gate as JMX shows it; see {@link Jmx}. */
public interface GateMXBean {

    /** {@code OFF}, {@code OBSERVE} or {@code ON}. */
    String getMode();

    /**
     * Switches the gate.
     *
     * @throws IllegalArgumentException if the mode is none of these, in any case
     */
    void setMode(String mode);

    /** What the gate has done since it was made, by the names that metrics use. */
    Map<String, Long> getDone();

    /** What it would have done while it observed. */
    Map<String, Long> getObserved();
}
