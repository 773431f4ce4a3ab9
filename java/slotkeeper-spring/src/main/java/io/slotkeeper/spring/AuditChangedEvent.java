package io.slotkeeper.spring;

import io.slotkeeper.AuditEvent;
import io.slotkeeper.Keeper;
import org.springframework.context.ApplicationEvent;

/**
 * The audit of a keeper's layout finds something else than before: what a {@link io.slotkeeper.TopologyListener} hears, for
 * {@code @EventListener} methods and {@code ApplicationListener} beans.
 *
 * <p>Published as {@link TopologyChangedEvent}. What was found while the context started is told by {@link Keeper#audit()}.
 */
public final class AuditChangedEvent extends ApplicationEvent {
    private static final long serialVersionUID = 1;

    private final transient AuditEvent event;

    AuditChangedEvent(Keeper keeper, AuditEvent event) {
        super(keeper);
        this.event = event;
    }

    /** What has appeared, and what is gone. */
    public AuditEvent event() {
        return event;
    }

    /** The keeper that tells. */
    public Keeper keeper() {
        return (Keeper) getSource();
    }

    /** What has appeared and what is gone, as an operator would say it. */
    @Override
    public String toString() {
        return event.toString();
    }
}
