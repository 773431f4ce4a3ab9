package io.slotkeeper.spring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.NamingConvention;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import io.slotkeeper.Metric;
import io.slotkeeper.Sample;
import io.slotkeeper.SlotkeeperException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives all metrics of a keeper, and of its gate if it has one, to Micrometer: under the names of {@code docs/metrics.md}, in every
 * registry. With Boot by itself; else {@code new SlotkeeperMeters(keeper, gate).bindTo(registry)}.
 *
 * <p>No meter has a base unit, since registries put it behind the name. The histogram is a timer, as a summary would round fractions of a
 * second up; the {@code _seconds} that Prometheus's registry puts behind the names of timers is kept away from this one. What the keeper has
 * counted is taken over when a meter is read, in one native call for all of them; the histogram at the same time, so that a page may
 * show rounds of the last moment only with the next one. Its buckets and count are exact, its sum to a nanosecond a round; {@code _max} lies in the bucket of the
 * longest.
 *
 * <p>Threads may share it. {@link #close} takes the meters away again.
 */
public final class SlotkeeperMeters implements MeterBinder, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlotkeeperMeters.class);

    /** So old a sample may be: a page reads a hundred meters, one after another. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final double NANOS = 1e9;

    private final Keeper keeper;
    private final Gate gate;
    private final Tags tags;
    private final List<Bound> bound = new ArrayList<>();
    private Map<String, Sample> samples = Collections.emptyMap();
    private long readAt;
    /** Whether the samples are of now: the keeper is open, and tells. */
    private boolean isKnown = true;

    /** Of a keeper, and its gate; {@code gate} may be null. */
    public SlotkeeperMeters(Keeper keeper, Gate gate) {
        this(keeper, gate, Tags.empty());
    }

    /** With these tags at each meter: for an application with several keepers, the name of the cluster. */
    public SlotkeeperMeters(Keeper keeper, Gate gate, Tags tags) {
        this.keeper = keeper;
        this.gate = gate;
        this.tags = tags;
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        bound.add(new Bound(registry));
        renew();
    }

    /** Removes the meters from the registries that they were given to. */
    @Override
    public synchronized void close() {
        bound.forEach(Bound::remove);
        bound.clear();
    }

    /** What holds now; not a number once the keeper is closed. */
    private synchronized double level(String series) {
        double value = total(series);
        return isKnown ? value : Double.NaN;
    }

    /** What was counted, until the keeper was closed. */
    private synchronized double total(String series) {
        if (System.nanoTime() - readAt > FRESH_NANOS) {
            renew();
        }
        Sample sample = samples.get(series);
        return sample == null ? Double.NaN : sample.value();
    }

    private void renew() {
        readAt = System.nanoTime();
        List<Sample> all;
        try {
            all = new ArrayList<>(keeper.metrics());
            if (gate != null) {
                all.addAll(gate.metrics());
            }
        } catch (SlotkeeperException | LinkageError e) {
            // A LinkageError: an old library beside a new jar. It must not take the application's other metrics with it.
            if (isKnown && !isClosed(e)) {
                LOG.warn("The keeper's metrics cannot be read; gauges have no value until they can", e);
            }
            isKnown = false;
            return;
        }
        isKnown = true;
        Map<String, Sample> renewed = new LinkedHashMap<>();
        all.forEach(sample -> renewed.put(sample.series(), sample));
        samples = renewed;
        for (Bound each : bound) {
            all.forEach(each::take);
        }
    }

    private static boolean isClosed(Throwable failure) {
        return failure instanceof SlotkeeperException && ((SlotkeeperException) failure).code() == SlotkeeperException.CLOSED;
    }

    /** The meters in one registry. Guarded by the outer object. */
    private final class Bound {

        private final MeterRegistry registry;
        private final Set<String> known = new HashSet<>();
        private final List<Meter> meters = new ArrayList<>();
        private final Map<String, Times> histograms = new HashMap<>();

        Bound(MeterRegistry registry) {
            this.registry = registry;
        }

        /** A series that is new gets its meter: a zone may come at any time. */
        void take(Sample sample) {
            String series = sample.series();
            if (known.add(series)) {
                Meter meter = register(sample, series);
                meters.add(meter);
                if (meter instanceof Timer) {
                    histograms.put(series, new Times((Timer) meter, sample.metric()));
                }
            }
            if (histograms.containsKey(series)) {
                histograms.get(series).catchUp(sample);
            }
        }

        private Meter register(Sample sample, String series) {
            Metric metric = sample.metric();
            Tags own = tags;
            for (Map.Entry<String, String> label : sample.labels().entrySet()) {
                own = own.and(label.getKey(), label.getValue());
            }
            // The functions hold the binder, which Micrometer itself would let go of.
            switch (metric.kind()) {
                case GAUGE:
                    return Gauge.builder(metric.name(), SlotkeeperMeters.this, binder -> level(series)).tags(own)
                            .description(metric.sentence()).register(registry);
                case COUNTER:
                    return FunctionCounter.builder(metric.name(), SlotkeeperMeters.this, binder -> total(series)).tags(own)
                            .description(metric.sentence()).register(registry);
                default:
                    Names.keep(registry, metric.name());
                    return buckets(Timer.builder(metric.name()), metric).tags(own)
                            .description(metric.sentence()).register(registry);
            }
        }

        @SuppressWarnings("deprecation")
        private Timer.Builder buckets(Timer.Builder builder, Metric metric) {
            Duration[] bounds = LongStream.of(Times.nanos(metric)).mapToObj(Duration::ofNanos).toArray(Duration[]::new);
            try {
                return builder.serviceLevelObjectives(bounds);
            } catch (NoSuchMethodError beforeMicrometer15) {
                return builder.sla(bounds);
            }
        }

        void remove() {
            meters.forEach(registry::remove);
        }
    }

    /**
     * Brings a timer, which takes single times, up to a histogram, which has only their counts and their sum: times that fall into the
     * same buckets and have the same sum.
     */
    static final class Times {

        private final Timer timer;
        private final long[] bounds;
        private final long[] taken;
        private long takenSum;

        Times(Timer timer, Metric metric) {
            this.timer = timer;
            bounds = nanos(metric);
            taken = new long[bounds.length + 1];
        }

        void catchUp(Sample sample) {
            long[] more = new long[taken.length];
            double least = 0;
            double most = 0;
            for (int i = 0; i < more.length; i++) {
                more[i] = sample.counts().get(i) - taken[i];
                taken[i] += more[i];
                least += more[i] * lower(i);
                most += more[i] * upper(i);
            }
            long sum = Math.round(sample.value() * NANOS) - takenSum;
            takenSum += sum;
            // Each time stands as far up in its bucket as all the others. Above the last bound there is no end: what is left goes there.
            int last = more.length - 1;
            double share = more[last] > 0 || most == least ? 0 : (sum - least) / (most - least);
            for (int i = 0; i < last; i++) {
                long time = (long) (lower(i) + share * (upper(i) - lower(i)));
                // Not on the lower bound, which is of the bucket below.
                time = Math.min(upper(i), Math.max(i == 0 ? 0 : lower(i) + 1, time));
                sum -= more[i] * time;
                record(time, more[i]);
            }
            if (more[last] > 0) {
                record(Math.max(lower(last) + 1, sum / more[last]), more[last]);
            }
        }

        private void record(long time, long times) {
            for (long n = 0; n < times; n++) {
                timer.record(time, TimeUnit.NANOSECONDS);
            }
        }

        private long lower(int bucket) {
            return bucket == 0 ? 0 : bounds[bucket - 1];
        }

        private long upper(int bucket) {
            return bucket < bounds.length ? bounds[bucket] : lower(bucket);
        }

        static long[] nanos(Metric metric) {
            return metric.bounds().stream().mapToLong(seconds -> Math.round(seconds * NANOS)).toArray();
        }
    }

    /** A registry's own names, but for our histogram, which would get its unit behind the name that is given. */
    private static final class Names implements NamingConvention {

        private final NamingConvention names;
        private final String histogram;

        Names(NamingConvention names, String histogram) {
            this.names = names;
            this.histogram = histogram;
        }

        /** In this registry, and in those that it stands for. */
        static void keep(MeterRegistry registry, String histogram) {
            registry.config().namingConvention(new Names(registry.config().namingConvention(), histogram));
            if (registry instanceof CompositeMeterRegistry) {
                ((CompositeMeterRegistry) registry).getRegistries().forEach(each -> keep(each, histogram));
            }
        }

        @Override
        public String name(String name, Meter.Type type, String unit) {
            return name.equals(histogram) ? names.name(name, Meter.Type.OTHER, null) : names.name(name, type, unit);
        }

        @Override
        public String tagKey(String key) {
            return names.tagKey(key);
        }

        @Override
        public String tagValue(String value) {
            return names.tagValue(value);
        }
    }
}
