package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.internal.Packed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open cluster: the latest topology, kept fresh in the background.
 *
 * <p>May be used by any number of threads. Has two daemon threads, {@code slotkeeper-handover} and
 * {@code slotkeeper-listener}, beside the native worker that all keepers of the process share; one that is never closed
 * does not keep the JVM from exiting.
 */
public final class Keeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");
    /** How long {@link #close} waits for each of the two threads; a listener that blocks cannot hold it up longer. */
    private static final long JOIN_MS = 1000;

    /** All that are open, for {@link Slotkeeper#dump}. */
    private static final Set<Keeper> OPEN = ConcurrentHashMap.newKeySet();

    private final long handle;
    private final List<String> seeds;
    private final Duration pulseInterval;
    private final String configuration;
    private final LatestTopology latest;
    private final Announcer announcer;
    private final HandOvers handOvers;
    private final Thread handOverThread;
    private final Thread listenerThread;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** What ends with the keeper. */
    private final List<Registration> closings = new CopyOnWriteArrayList<>();

    private Keeper(long handle, List<String> seeds, Duration pulseInterval, String configuration, Supplier<Credentials> credentials) {
        this.handle = handle;
        this.seeds = seeds;
        this.pulseInterval = pulseInterval;
        this.configuration = configuration;
        latest = new LatestTopology(handle);
        announcer = new Announcer(latest);
        handOvers = new HandOvers(handle, latest, announcer, new CredentialsRenewal(handle, credentials, announcer));
        handOverThread = daemon("slotkeeper-handover", handOvers);
        listenerThread = daemon("slotkeeper-listener", announcer);
    }

    /**
     * Opens a keeper; returns at once, whether any node lives or not. With {@code audit.fail-start} it waits for the audit of the first
     * topology, at most {@code seeds.deadline-ms}.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#LIBRARY} if the library cannot be loaded,
     *     {@link SlotkeeperException#MISSING_PROPERTY} without seeds, {@link SlotkeeperException#INVALID_ADDRESS} if no
     *     seed is an address, {@link SlotkeeperException#SYSTEM} if the system gives no thread,
     *     {@link SlotkeeperException#AUDIT_FAILED} with {@code audit.fail-start}: the message names the critical findings
     */
    public static Keeper open(Config config) {
        return make(config, null);
    }

    /**
     * As {@link #open(Config)}, with credentials that change: the supplier is called once before this returns, in place of
     * the configured user and password, and anew when a node refuses what it gave last.
     *
     * <p>It is called anew on a thread of its own, at most once a second, and less often as long as it gives the same. What
     * it throws then is logged.
     *
     * @throws SlotkeeperException as {@link #open(Config)}, and whatever the supplier throws in its first call
     */
    public static Keeper open(Config config, Supplier<Credentials> credentials) {
        return make(credentials.get().in(config), credentials);
    }

    private static Keeper make(Config config, Supplier<Credentials> credentials) {
        Slotkeeper.load();
        Duration pulseInterval = Duration.ofMillis(Long.parseLong(config.get("pulse.interval-ms")));
        List<String> seeds = Collections.unmodifiableList(Arrays.asList(config.get("seeds").trim().split("[,\\s]+")));
        // What is kept has no secrets; and the library is asked for it while nothing is open yet.
        String configuration = config.toString();
        Keeper keeper = new Keeper(Native.keeperOpen(config.pairs()), seeds, pulseInterval, configuration, credentials);
        OPEN.add(keeper);
        try {
            keeper.listenerThread.start();
            keeper.handOverThread.start();
            return keeper;
        } catch (Throwable e) {
            keeper.close();
            throw e;
        }
    }

    /** The latest topology, never null: generation 0 before a node has answered. One volatile read, also after closing. */
    public Topology topology() {
        return latest.get();
    }

    /** The slot map of {@link #topology()}. */
    public SlotMap slotMap() {
        return topology().slotMap();
    }

    /**
     * The latest topology once there is one.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#TIMEOUT} if no node has given one in time, or the
     *     thread was interrupted; {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public Topology awaitTopology(Duration timeout) {
        requireOpen();
        return latest.await(timeout);
    }

    /**
     * Asks the cluster now: the topology of a round that began after the call. Not ended by interrupts.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#TIMEOUT} if no node has given a usable answer in time,
     *     {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public Topology refresh(Duration timeout) {
        return refreshFrom(null, 0, timeout);
    }

    /**
     * As {@link #refresh}, and this node is asked first: the one that said MOVED.
     *
     * @throws SlotkeeperException as {@link #refresh}
     */
    public Topology refreshFrom(String host, int port, Duration timeout) {
        requireOpen();
        Native.keeperRefresh(handle, host, port, timeout.toMillis());
        return latest.renew();
    }

    /**
     * Connections that are made from now on log in with this, and a round is made at once. Connections that stand go on, as
     * servers let them. {@link KeeperStatus#credentialsRefused} tells when it is time for new ones.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public void setCredentials(Credentials credentials) {
        requireOpen();
        set(handle, credentials);
    }

    /**
     * As {@link #setCredentials}, for the user there is.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public void setPassword(char[] password) {
        setCredentials(Credentials.of(password));
    }

    /**
     * Forgets what is known, and takes the cluster as the configured seeds show it now: for one that was rebuilt or
     * restored on purpose, which would be believed only after ten seconds of contradiction. The latest topology stands
     * until then. Not ended by interrupts.
     *
     * @throws SlotkeeperException as {@link #refresh}
     */
    public Topology reset(Duration timeout) {
        requireOpen();
        Native.keeperReset(handle, timeout.toMillis());
        return latest.renew();
    }

    /**
     * Tells that a command to this node has failed or hangs: the keeper looks after it at once, and after who has taken
     * over. Never waits: what comes of it is seen in the topology. A node that is neither configured nor named by the
     * cluster is not asked.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public void notifyFailure(String host, int port) {
        requireOpen();
        Native.keeperNotifyFailure(handle, host, port);
    }

    /**
     * What the keeper is doing.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public KeeperStatus status() {
        requireOpen();
        return new KeeperStatus(new StatusReader(Native.keeperStatus(handle)), announcer.dropped());
    }

    /**
     * What the keeper measures now, in one native call: each metric of {@link Slotkeeper#metrics} but those of gates.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public List<Sample> metrics() {
        requireOpen();
        List<Sample> samples = Samples.read(new Packed(Native.keeperMetrics(handle)));
        handOvers.addSamples(samples);
        announcer.addSamples(samples);
        return Collections.unmodifiableList(samples);
    }

    /**
     * What is wrong with the layout: of the latest topology or, for a moment, the one before; made anew whenever it may find something else.
     * Never null: generation 0 before a node has answered. Never waits.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public Audit audit() {
        requireOpen();
        byte[] latest = Native.keeperAudit(handle);
        return latest == null ? Audit.NONE : new Audit(new Packed(latest));
    }

    /**
     * What becomes of the cluster if all that these name is lost at once: {@code zone=NAME}, {@code host:port}, {@code host} (all nodes
     * there) or a node's id. Without a name: after the loss of each zone, each two zones and each node, the worst first. Empty before a
     * node has answered. Never waits; 20 ms for all losses of 1000 nodes.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#INVALID_ARGUMENT} if nothing in the cluster is called so,
     *     {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public List<Outcome> whatIf(String... lost) {
        requireOpen();
        byte[] outcomes = Native.keeperWhatIf(handle, lost);
        return outcomes == null ? Collections.<Outcome>emptyList() : Outcome.list(new Packed(outcomes));
    }

    /**
     * Adds a hand-over: it gets the present topology, if there is one, before this returns, on the calling thread; and
     * from then on each new one, on the hand-over thread, before any listener hears of it. What it drops is repeated.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public Registration addHandOver(HandOver handOver) {
        requireOpen();
        return handOvers.add(handOver);
    }

    /**
     * Adds a listener: it hears of each topology and each finding that is new from now on, on the listener thread.
     *
     * @throws SlotkeeperException code {@link SlotkeeperException#CLOSED} if the keeper is closed
     */
    public Registration addListener(TopologyListener listener) {
        requireOpen();
        return announcer.add(listener);
    }

    /** The seeds, as configured. */
    public List<String> seeds() {
        return seeds;
    }

    /** How often a node is asked whether anything has changed, as configured. */
    public Duration pulseInterval() {
        return pulseInterval;
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return closed.get();
    }

    /**
     * Ends the keeper and its threads; any number of times. Who waits in another call gets an exception of code
     * {@link SlotkeeperException#CLOSED}. A listener that is blocked is waited for a second, and then left to itself.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeNative();
            handOvers.end();
            latest.close();
            join(handOverThread);
            announcer.close();
            join(listenerThread);
            closings.forEach(Registration::close);
            OPEN.remove(this);
        }
    }

    /** A fault in there is no reason for the application's own closing to fail. */
    private void closeNative() {
        try {
            Native.keeperClose(handle);
        } catch (SlotkeeperException e) {
            LOG.warn("the keeper's native side could not be closed, and may go on", e);
        }
    }

    /** Closes this with the keeper, if it is not closed before. */
    Registration closing(Registration registration) {
        closings.add(registration);
        if (closed.get()) {
            registration.close();
        }
        return () -> {
            closings.remove(registration);
            registration.close();
        };
    }

    /** Those that are open now. */
    static List<Keeper> allOpen() {
        return new ArrayList<>(OPEN);
    }

    /** What it was opened with, without secrets. */
    String configuration() {
        return configuration;
    }

    /** What it has told last. */
    List<String> recentEvents() {
        return announcer.recentEvents();
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new SlotkeeperException(SlotkeeperException.CLOSED, "the keeper is closed");
        }
    }

    /** Whether these are others than before. */
    static boolean set(long handle, Credentials credentials) {
        byte[] password = credentials.password();
        try {
            return Native.keeperSetCredentials(handle, credentials.username(), password);
        } finally {
            Arrays.fill(password, (byte) 0);
        }
    }

    static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        // The opener's class loader may be one that should be let go of while the keeper lives.
        thread.setContextClassLoader(Keeper.class.getClassLoader());
        return thread;
    }

    private static void join(Thread thread) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(JOIN_MS);
            if (thread.isAlive()) {
                LOG.warn("{} is blocked by a listener, a hand-over or the log; it ends"
                        + " when that does", thread.getName());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
