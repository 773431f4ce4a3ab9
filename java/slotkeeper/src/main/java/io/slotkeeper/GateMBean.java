package io.slotkeeper;

import java.util.Locale;
import java.util.Map;

/** What JMX shows of a gate. */
final class GateMBean implements GateMXBean {

    private final Gate gate;

    GateMBean(Gate gate) {
        this.gate = gate;
    }

    @Override
    public String getMode() {
        return gate.mode().name();
    }

    @Override
    public void setMode(String mode) {
        for (Gate.Mode each : Gate.Mode.values()) {
            if (mode != null && each.name().equals(mode.trim().toUpperCase(Locale.ROOT))) {
                gate.setMode(each);
                return;
            }
        }
        throw new IllegalArgumentException("a gate cannot be \"" + mode + "\"; allowed is OFF, OBSERVE or ON");
    }

    @Override
    public Map<String, Long> getDone() {
        return gate.counters(Gate.Mode.ON).byName();
    }

    @Override
    public Map<String, Long> getObserved() {
        return gate.counters(Gate.Mode.OBSERVE).byName();
    }
}
