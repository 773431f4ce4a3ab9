package io.slotkeeper.spring;

import java.util.Map;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** The health {@code slotkeeper} in Boot 1.5 to 3.5; {@link SlotkeeperHealthContributor} is that of Boot 4. */
final class SlotkeeperHealthIndicator implements HealthIndicator {
    private final KeeperReport report;

    SlotkeeperHealthIndicator(KeeperReport report) {
        this.report = report;
    }

    @Override
    public Health health() {
        Map.Entry<String, Map<String, Object>> found = report.health();
        Health.Builder health = Health.status(found.getKey());
        found.getValue().forEach(health::withDetail);
        return health.build();
    }
}
