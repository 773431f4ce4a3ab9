package io.slotkeeper.spring;

import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The health {@code slotkeeper} in Boot 4, which has moved the classes; {@link SlotkeeperHealthIndicator} is that of those before. */
final class SlotkeeperHealthContributor implements HealthIndicator {
    private final KeeperReport report;

    SlotkeeperHealthContributor(KeeperReport report) {
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
