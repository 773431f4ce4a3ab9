package io.slotkeeper.spring;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.SeedFilter;
import io.slotkeeper.SeedReport;
import io.slotkeeper.SeedResult;
import io.slotkeeper.Verdict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Checks the configured nodes before any bean is made, and lets every <code>${…}</code> see only the healthy ones.
 *
 * <p>The healthy nodes stand under the name they came from (as a text and as an indexed list) and under
 * {@code slotkeeper.target-properties}, in the first property source, {@value #SOURCE}. Then the bean {@code slotkeeper}, a
 * {@link Keeper} of all configured nodes, is added, unless the application has one; it is closed with the context.
 *
 * <p>If no configured node is healthy, nodes that the property {@code slotkeeper.last-good.file} remembers stand in for them, if
 * there are living ones. They are only for the clients to start from: the keeper asks that file itself.
 *
 * <p>Never the cause of a failing start, unless {@code slotkeeper.required=true}: if no node is healthy, or the library does not
 * work, one warning is logged and the configuration stays as it is.
 *
 * <p>The static questions speak of the last check in this class loader; any thread may ask them.
 */
public final class RedisHealthChecker
        implements BeanFactoryPostProcessor, PriorityOrdered, EnvironmentAware, DisposableBean {
    /** The name of the property source with the healthy nodes. */
    public static final String SOURCE = "redisHealthProperties";

    /** The name of the keeper's bean. */
    public static final String KEEPER = "slotkeeper";

    private static final Logger LOG = LoggerFactory.getLogger(RedisHealthChecker.class);

    private static volatile Result last = new Result(Collections.emptyList(), Collections.emptyList(), false);

    private ConfigurableEnvironment environment;
    private Keeper keeper;
    private HealthyNodes published;

    /** All configured nodes, as {@code host:port} in the order of the configuration; empty before the check. */
    public static List<String> getAllNodes() {
        return last.all;
    }

    /** The configured nodes that were not found healthy at the start; {@link RedisNodeContext} knows how they are now. */
    public static List<String> getUnhealthyNodes() {
        return last.unhealthy;
    }

    /** Whether the check is over, in whatever way: also if it was not wanted, or could not be made. */
    public static boolean isHealthCheckCompleted() {
        return last.completed;
    }

    @Override
    public void setEnvironment(Environment given) {
        environment = (ConfigurableEnvironment) given;
    }

    /** Ahead of the placeholder configurer, which is {@link PriorityOrdered} too and comes last. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    /**
     * Makes the check.
     *
     * @throws IllegalStateException if Slotkeeper is required, and does not work or finds no healthy node
     */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Settings settings = new Settings(environment);
        boolean isRequired = false;
        try {
            isRequired = settings.isRequired();
            check(settings, beans);
        } catch (RuntimeException | LinkageError failure) {
            if (isRequired) {
                throw new IllegalStateException("Slotkeeper is required, and does not work: " + failure.getMessage(), failure);
            }
            LOG.warn("Slotkeeper does not work, and the application goes on with the configuration as it is: {}", failure.toString());
        } finally {
            last = new Result(last.all, last.unhealthy, true);
        }
    }

    /** Closes the keeper, after all beans that may use it; a next start in this environment checks again. */
    @Override
    public void destroy() {
        if (published != null) {
            environment.getPropertySources().remove(SOURCE);
        }
        if (keeper != null) {
            keeper.close();
        }
    }

    private void check(Settings settings, ConfigurableListableBeanFactory beans) {
        if (!settings.isEnabled()) {
            LOG.info("Slotkeeper is switched off");
            return;
        }
        if (environment.getPropertySources().get(SOURCE) instanceof HealthyNodes) {
            LOG.debug("A parent context has checked the nodes, and has the keeper");
            return;
        }
        last = new Result(Collections.emptyList(), Collections.emptyList(), false);
        List<String> nodes = settings.nodes();
        if (nodes.isEmpty()) {
            complainOfNoNodes(settings);
            return;
        }
        last = new Result(nodes, Collections.emptyList(), false);
        Config config = settings.config(nodes);
        SeedReport report = SeedFilter.check(config);
        last = new Result(seeds(report, true), seeds(report, false), false);
        if (report.healthy().isEmpty() && settings.isRequired()) {
            throw new IllegalStateException("no node is healthy: " + unhealthy(report));
        }
        open(config, report, beans);
        publish(settings, report);
    }

    private void complainOfNoNodes(Settings settings) {
        if (settings.isRequired()) {
            throw new IllegalStateException("no property names the nodes; see slotkeeper.nodes-properties");
        }
        LOG.info("Slotkeeper has nothing to do: no property names nodes of a Redis Cluster");
    }

    /** The keeper knows all nodes, also those that are dead today, but cannot ask what is no address. */
    private void open(Config config, SeedReport report, ConfigurableListableBeanFactory beans) {
        boolean applicationHasOne = beans.getBeanNamesForType(Keeper.class, true, false).length > 0;
        List<String> addresses =
                configured(report).filter(seed -> seed.verdict() != Verdict.INVALID).map(SeedResult::seed).collect(toList());
        if (!applicationHasOne && !addresses.isEmpty()) {
            keeper = Keeper.open(config.with("seeds", String.join(",", addresses)));
            beans.registerSingleton(KEEPER, keeper);
        }
    }

    private void publish(Settings settings, SeedReport report) {
        List<String> healthy = report.healthy();
        if (healthy.isEmpty()) {
            LOG.warn("No node is healthy, and the application goes on with the configuration as it is: {}", unhealthy(report));
            return;
        }
        String name = settings.nodesProperty();
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(name, String.join(",", healthy));
        // Some readers look only for the text, others only for the list.
        for (int index = 0; index < healthy.size(); index++) {
            properties.put(name + "[" + index + "]", healthy.get(index));
        }
        settings.targets().forEach(target -> properties.put(target, String.join(",", healthy)));
        published = new HealthyNodes(properties);
        environment.getPropertySources().addFirst(published);
        if (configured(report).noneMatch(seed -> seed.verdict() == Verdict.HEALTHY)) {
            LOG.warn("No configured node is healthy, and the application starts from {} of the last-known-good file; left out are {}",
                    String.join(", ", healthy), unhealthy(report));
        } else if (healthy.size() < report.seeds().size()) {
            LOG.warn("Only {} of {} nodes are healthy; left out are {}", healthy.size(), report.seeds().size(), unhealthy(report));
        }
    }

    private static String unhealthy(SeedReport report) {
        return configured(report)
                .filter(seed -> seed.verdict() != Verdict.HEALTHY)
                .map(seed -> seed.seed() + " (" + seed.verdict().text() + ")")
                .collect(joining(", "));
    }

    private static List<String> seeds(SeedReport report, boolean healthyToo) {
        return Collections.unmodifiableList(configured(report)
                .filter(seed -> healthyToo || seed.verdict() != Verdict.HEALTHY)
                .map(SeedResult::seed)
                .collect(toList()));
    }

    /** The results without those of the file: nobody has configured these, so they are no unhealthy nodes and no seeds. */
    private static Stream<SeedResult> configured(SeedReport report) {
        return report.seeds().stream().filter(seed -> !seed.isFromFile());
    }

    /** Told from a source of the same name that the application made itself. */
    private static final class HealthyNodes extends MapPropertySource {
        HealthyNodes(Map<String, Object> properties) {
            super(SOURCE, properties);
        }
    }

    private static final class Result {
        private final List<String> all;
        private final List<String> unhealthy;
        private final boolean completed;

        Result(List<String> all, List<String> unhealthy, boolean completed) {
            this.all = all;
            this.unhealthy = unhealthy;
            this.completed = completed;
        }
    }
}
