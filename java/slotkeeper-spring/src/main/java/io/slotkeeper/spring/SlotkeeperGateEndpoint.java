package io.slotkeeper.spring;

import io.slotkeeper.Gate;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Actuator's endpoint {@code slotkeepergate}: {@code GET} shows the gate, {@code POST} with
 * <code>{"mode": "off" | "observe" | "on"}</code> switches it. Of its own, so that it can be open to others than
 * {@link SlotkeeperEndpoint}. Boot 2 to 4.
 */
@Endpoint(id = "slotkeepergate")
public final class SlotkeeperGateEndpoint {
    private final Gate gate;

    SlotkeeperGateEndpoint(Gate gate) {
        this.gate = gate;
    }

    /** How the gate is set, and what it has done since it was made; nothing (404) if there is none. */
    @ReadOperation
    public Map<String, Object> gate() {
        return gate == null ? null : KeeperReport.gate(gate);
    }

    /**
     * Switches the gate until it is switched again, or the application ends.
     *
     * @return how it is set now
     */
    @WriteOperation
    public Map<String, Object> switchTo(Gate.Mode mode) {
        if (gate != null) {
            gate.setMode(mode);
        }
        return gate();
    }
}
