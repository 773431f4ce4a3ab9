package io.slotkeeper.spring;

import io.slotkeeper.Keeper;
import io.slotkeeper.TopologyEvent;
import org.springframework.context.ApplicationEvent;

/**
 * A keeper has a new topology: what a {@link io.slotkeeper.TopologyListener} hears, for {@code @EventListener} methods and
 * {@code ApplicationListener} beans.
 *
 * <p>Published once the context has started and until it stops, on the keeper's listener thread unless the application's multicaster
 * has another; after the topology was handed over, so a listener may take its time, and may throw.
 */
public final class TopologyChangedEvent extends ApplicationEvent {
    private static final long serialVersionUID = 1;

    private final transient TopologyEvent event;

    TopologyChangedEvent(Keeper keeper, TopologyEvent event) {
        super(keeper);
        this.event = event;
    }

    /** What has changed, and the new topology. */
    public TopologyEvent event() {
        return event;
    }

    /** The keeper that tells. */
    public Keeper keeper() {
        return (Keeper) getSource();
    }

    /** What has changed, as an operator would say it. */
    @Override
    public String toString() {
        return event.toString();
    }
}
