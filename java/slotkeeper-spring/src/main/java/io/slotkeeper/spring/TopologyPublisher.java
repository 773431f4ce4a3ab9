package io.slotkeeper.spring;

import io.slotkeeper.AuditEvent;
import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.TopologyEvent;
import io.slotkeeper.TopologyListener;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes what a keeper tells as {@link TopologyChangedEvent} and {@link AuditChangedEvent}, from when all beans are there until the first of them ends: another
 * thread's event would have listeners made, or called, out of turn.
 */
final class TopologyPublisher implements SmartLifecycle {
    private final Keeper keeper;
    private final ApplicationEventPublisher publisher;
    private volatile Registration registration;

    /** {@code keeper} may be null: then nothing is published. */
    TopologyPublisher(Keeper keeper, ApplicationEventPublisher publisher) {
        this.keeper = keeper;
        this.publisher = publisher;
    }

    @Override
    public void start() {
        if (keeper != null && !keeper.isClosed()) {
            registration = keeper.addListener(new TopologyListener() {
                @Override
                public void changed(TopologyEvent event) {
                    publisher.publishEvent(new TopologyChangedEvent(keeper, event));
                }

                @Override
                public void audited(AuditEvent event) {
                    publisher.publishEvent(new AuditChangedEvent(keeper, event));
                }
            });
        }
    }

    @Override
    public void stop() {
        Registration ended = registration;
        registration = null;
        if (ended != null) {
            ended.close();
        }
    }

    @Override
    public boolean isRunning() {
        return registration != null;
    }

    /** The last to start and the first to stop. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    /** Spring 4.3 has no default for it. */
    @Override
    public boolean isAutoStartup() {
        return true;
    }

    /** Spring 4.3 has no default for it. */
    @Override
    public void stop(Runnable ended) {
        stop();
        ended.run();
    }
}
