package io.slotkeeper.spring;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.slotkeeper.Config;
import io.slotkeeper.SeedFilter;
import io.slotkeeper.SeedReport;
import io.slotkeeper.SeedResult;
import io.slotkeeper.SlotkeeperException;
import io.slotkeeper.Verdict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which of the nodes that some settings name are healthy: asked once, and again only when the settings name others.
 *
 * <p>Never the cause of a failing start, unless Slotkeeper is required, or {@code slotkeeper.audit.fail-start} is set and bites: what goes wrong is one warning. Threads may share it; they
 * wait for each other while nodes are asked, at most {@code slotkeeper.seeds.deadline-ms}.
 */
final class NodeCheck {
    private static volatile Result last = new Result(Collections.emptyList(), Collections.emptyList(), false);

    private List<String> asked;
    private SeedReport report;
    private Config config;
    private String complaint;

    /** What the last check in this class loader found. */
    static Result last() {
        return last;
    }

    /** Says that the check is over, in whatever way. */
    static void complete() {
        last = new Result(last.all, last.unhealthy, true);
    }

    /**
     * What is to be read in place of what is configured, by name; empty if that is to stay as it is.
     *
     * @throws IllegalStateException if Slotkeeper is required, and does not work or finds no healthy node
     */
    synchronized Map<String, Object> properties(Settings settings) {
        boolean isRequired = false;
        try {
            isRequired = settings.isRequired();
            return settings.isEnabled() ? healthy(settings) : Collections.emptyMap();
        } catch (RuntimeException | LinkageError failure) {
            fail(failure, isRequired);
            return Collections.emptyMap();
        }
    }

    /** The configuration of a keeper of all nodes that were asked and are addresses, also those that are dead today; null for none. */
    synchronized Config keeperConfig() {
        if (report == null) {
            return null;
        }
        List<String> addresses =
                configured().filter(seed -> seed.verdict() != Verdict.INVALID).map(SeedResult::seed).collect(toList());
        return addresses.isEmpty() ? null : config.with("seeds", String.join(",", addresses));
    }

    /** Whether no node is healthy, and one wants other credentials. */
    synchronized boolean isRefused() {
        return report != null
                && report.healthy().isEmpty()
                && configured().anyMatch(seed -> seed.verdict() == Verdict.AUTH);
    }

    /**
     * Logs that Slotkeeper does not work; the same only once.
     *
     * @throws IllegalStateException if it is required, or if the audit forbids the start
     */
    synchronized void fail(Throwable failure, boolean isRequired) {
        if (failure instanceof RequiredException) {
            throw (RequiredException) failure;
        }
        if (failure instanceof SlotkeeperException && ((SlotkeeperException) failure).code() == SlotkeeperException.AUDIT_FAILED) {
            throw new RequiredException("The application does not start: " + failure.getMessage(), failure);
        }
        if (isRequired) {
            throw new RequiredException("Slotkeeper is required, and does not work: " + failure.getMessage(), failure);
        }
        if (!failure.toString().equals(complaint)) {
            complaint = failure.toString();
            RedisHealthChecker.LOG.warn(
                    "Slotkeeper does not work, and the application goes on with the configuration as it is: {}", complaint);
        }
    }

    private Map<String, Object> healthy(Settings settings) {
        String name = settings.nodesProperty();
        if (name == null) {
            return Collections.emptyMap();
        }
        List<String> nodes = settings.nodes();
        if (!nodes.equals(asked)) {
            asked = nodes;
            report = null;
            last = new Result(nodes, Collections.emptyList(), last.completed);
            config = settings.config(nodes);
            report = SeedFilter.check(config);
            last = new Result(seeds(true), seeds(false), last.completed);
            if (report.healthy().isEmpty() && settings.isRequired()) {
                throw new IllegalStateException("no node is healthy: " + unhealthy());
            }
            tell();
        }
        return report == null ? Collections.emptyMap() : properties(name, settings.targets());
    }

    private Map<String, Object> properties(String name, List<String> targets) {
        List<String> healthy = report.healthy();
        Map<String, Object> properties = new LinkedHashMap<>();
        if (healthy.isEmpty()) {
            return properties;
        }
        properties.put(name, String.join(",", healthy));
        // Some readers look only for the text, others only for the list.
        for (int index = 0; index < healthy.size(); index++) {
            properties.put(name + "[" + index + "]", healthy.get(index));
        }
        targets.forEach(target -> properties.put(target, String.join(",", healthy)));
        return properties;
    }

    private void tell() {
        List<String> healthy = report.healthy();
        if (healthy.isEmpty()) {
            RedisHealthChecker.LOG.warn("No node is healthy, and the application goes on with the configuration as it is: {}", unhealthy());
        } else if (configured().noneMatch(seed -> seed.verdict() == Verdict.HEALTHY)) {
            RedisHealthChecker.LOG.warn(
                    "No configured node is healthy, and the application starts from {} of the last-known-good file; left out are {}",
                    String.join(", ", healthy), unhealthy());
        } else if (healthy.size() < report.seeds().size()) {
            RedisHealthChecker.LOG.warn(
                    "Only {} of {} nodes are healthy; left out are {}", healthy.size(), report.seeds().size(), unhealthy());
        }
    }

    private String unhealthy() {
        return configured()
                .filter(seed -> seed.verdict() != Verdict.HEALTHY)
                .map(seed -> seed.seed() + " (" + seed.verdict().text() + ")")
                .collect(joining(", "));
    }

    private List<String> seeds(boolean healthyToo) {
        return Collections.unmodifiableList(configured()
                .filter(seed -> healthyToo || seed.verdict() != Verdict.HEALTHY)
                .map(SeedResult::seed)
                .collect(toList()));
    }

    /** The results without those of the file: nobody has configured these, so they are no unhealthy nodes and no seeds. */
    private Stream<SeedResult> configured() {
        return report.seeds().stream().filter(seed -> !seed.isFromFile());
    }

    /** Ends the start. */
    private static final class RequiredException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        RequiredException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** What the static questions of {@link RedisHealthChecker} are answered from. */
    static final class Result {
        final List<String> all;
        final List<String> unhealthy;
        final boolean completed;

        Result(List<String> all, List<String> unhealthy, boolean completed) {
            this.all = all;
            this.unhealthy = unhealthy;
            this.completed = completed;
        }
    }
}
