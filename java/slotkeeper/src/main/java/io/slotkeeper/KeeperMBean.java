package io.slotkeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What JMX shows of a keeper. */
final class KeeperMBean implements KeeperMXBean {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Keeper keeper;

    KeeperMBean(Keeper keeper) {
        this.keeper = keeper;
    }

    @Override
    public String getHealth() {
        return asked(() -> keeper.status().health().name());
    }

    @Override
    public long getGeneration() {
        return keeper.topology().generation();
    }

    @Override
    public long getAgeMillis() {
        Duration age = asked(() -> keeper.status().age());
        return age == null ? -1 : age.toMillis();
    }

    @Override
    public String getStatus() {
        return asked(() -> keeper.status().toString());
    }

    @Override
    public List<String> getNodes() {
        List<String> nodes = new ArrayList<>();
        keeper.topology().nodes().forEach(node -> nodes.add(Shown.node(node)));
        return nodes;
    }

    @Override
    public List<String> getFailedNodes() {
        return asked(() -> new ArrayList<>(keeper.status().unhealthyNodes()));
    }

    @Override
    public Map<String, Integer> getSlotsByState() {
        Map<String, Integer> slots = new LinkedHashMap<>();
        Shown.slotsByState(keeper.slotMap()).forEach((state, count) -> slots.put(state.name(), count));
        return slots;
    }

    @Override
    public List<String> getTroubles() {
        return Shown.troubles(keeper.slotMap());
    }

    @Override
    public List<String> getFindings() {
        return asked(() -> Shown.findings(keeper.audit()));
    }

    @Override
    public double getCompliance() {
        return asked(() -> keeper.audit().compliance());
    }

    @Override
    public Map<String, Double> getMetrics() {
        Map<String, Double> values = new LinkedHashMap<>();
        for (Sample sample : asked(keeper::metrics)) {
            if (sample.metric().kind() == Metric.Kind.HISTOGRAM) {
                values.put(sample.series() + "_count", (double) sample.count());
                values.put(sample.series() + "_sum", sample.value());
            } else {
                values.put(sample.series(), sample.value());
            }
        }
        return values;
    }

    @Override
    public String refresh() {
        Topology topology = asked(() -> keeper.refresh(LIMIT));
        return "generation " + topology.generation() + ", " + topology.health();
    }

    /** Whoever asks from afar does not have our exception's class. */
    private static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (SlotkeeperException e) {
            throw new IllegalStateException(e.getMessage());
        }
    }
}
