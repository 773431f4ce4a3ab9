package io.slotkeeper.internal;

import io.slotkeeper.Gate.Mode;
import io.slotkeeper.Health;
import io.slotkeeper.KeySlot;
import io.slotkeeper.Node;
import io.slotkeeper.SlotMap;
import io.slotkeeper.SlotState;
import io.slotkeeper.Topology;
import io.slotkeeper.Trouble;
import io.slotkeeper.internal.SwitchableGate.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * What a gate decides for each command of one cluster: pass, wait, fail, or pass as a trial. Settings and counters are those of
 * its {@link SwitchableGate}; whom to rescue from, and how, {@link NodePools} knows. Safe for use by many threads.
 */
public final class SlotGate {

    /** Threads that wait at the same time; more would make the application stand still for the sake of a few slots. */
    private static final int MAX_WAITERS = 16;
    /**
     * The same while the whole cluster refuses for a failover: there is nothing else to be done for them. Refused threads try again at once,
     * and take the processors from the nodes that vote and from the keeper.
     */
    private static final int MAX_WAITERS_FOR_ALL = 256;

    /** How often a command passes for the slots of a node that is refused, if it is answered at once. */
    private static final long TRIAL_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** After a trial that hung comes a pause of so many times its length: whom we refuse wrongly answers. */
    private static final int PAUSE_AFTER_HANGING = 10;
    /** Trials under way at the same time: each may hang for all of the client's time-outs. */
    private static final int MAX_TRIALS = 2;
    /** A trial whose end nobody told is forgotten after this long. */
    private static final long TRIAL_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How soon waiters notice that the gate was switched, or has to step aside. */
    private static final long LOOK_MS = 50;
    /** How long waiters let the keeper find out whether a node is silent, or all are, for it is cut off itself. */
    private static final long CONFIRMED_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * After a cluster that has refused everything takes requests again, all slots are pending for so long: not all nodes hear of it at the
     * same moment, and who has not answers CLUSTERDOWN, which Jedis does not repeat.
     */
    private static final long SETTLING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Troubles that are not believed before some node has confirmed the topology since. */
    private static final Set<Trouble> RUMOURS = EnumSet.of(Trouble.OWNER_SUSPECTED, Trouble.FAILOVER_OVERDUE, Trouble.NO_OWNER);

    private final SwitchableGate gate;
    private final Duration socketTimeout;
    private final Knowledge knowledge;
    private final Function<String, RuntimeException> refusals;

    /** The states to come when all nodes have heard of the last topology; null: they are in force. Set under the lock. */
    private volatile byte[] settled;
    /** When that is. Guarded by this. */
    private long settlesAt;
    /** The state of each slot as {@link SlotState#ordinal}; null if all are served, or nothing is known. Never changed. */
    private volatile byte[] states;
    /** Null before the first topology. Set under the lock, which refusals do without: a topology must not wait behind a storm of them. */
    private volatile Known known;
    /** Whose slots were waited for in vain since it came. */
    private final Set<String> usedUp = ConcurrentHashMap.newKeySet();
    /** When a node's slots may be tried again. */
    private final Map<String, Long> nextTrial = new ConcurrentHashMap<>();
    /** The trials under way. Guarded by this. */
    private final List<Trial> trials = new ArrayList<>();
    private final AtomicInteger waiters = new AtomicInteger();

    /** Where the topologies come from. */
    public interface Knowledge {

        /** Whether it is to be relied on now, where it says that a command would be in vain. Asked for each of these. */
        boolean isBetter();

        /** Whether some node has confirmed it since this {@link System#nanoTime}. */
        boolean isConfirmedSince(long nanos);

        /** That a client has met trouble with a node. Does not wait. */
        void reportTrouble(String host, int port);
    }

    /**
     * Open until it has a topology.
     *
     * @param socketTimeout how long commands are held if the gate does not say
     * @param refusals makes an exception that the client library does not repeat
     */
    public SlotGate(SwitchableGate gate, Duration socketTimeout, Knowledge knowledge,
            Function<String, RuntimeException> refusals) {
        this.gate = Objects.requireNonNull(gate, "gate");
        this.socketTimeout = socketTimeout;
        this.knowledge = knowledge;
        this.refusals = refusals;
    }

    /**
     * To be called before a command gets its connection. May wait.
     *
     * @return null, mostly; else what has to be told how the command ends
     * @throws RuntimeException of {@code refusals} if the command would be in vain
     */
    public Trial enter(int slot) {
        byte[] now = states;
        return now == null || now[slot] == 0 ? null : stop(slot);
    }

    /** To be called when a connection to a node could not be made, or broke: the keeper then looks at once. */
    public void reportTrouble(String host, int port) {
        if (gate.mode() == Mode.ON) {
            knowledge.reportTrouble(host, port);
        }
    }

    /** Whether connections are to be closed. */
    public boolean rescues() {
        return gate.mode() == Mode.ON && gate.rescues();
    }

    /** Whether the client library may repeat a command whose connection a rescue has closed. */
    public boolean retriesRescued() {
        return gate.retriesRescued();
    }

    /** What to throw in the place of a lost connection, which the client library would repeat; null: nothing. */
    public RuntimeException insteadOfRetry(String node) {
        return gate.retriesRescued() ? null : refusals.apply("The connection to " + node + " was closed while a command was "
                + "under way, since the node has failed or was replaced; nobody knows whether it has run, and the gate is set"
                + " not to repeat such commands");
    }

    /** Whether to count what {@link #rescues} would do. */
    boolean countsRescues() {
        return gate.mode() != Mode.OFF && gate.rescues();
    }

    /** Counts a node whose connections were, or would have been, closed. */
    void countRescue() {
        gate.count(Count.RESCUED);
    }

    /** Decides by this topology from now on, unless it has a newer one, or this one. */
    synchronized void adopt(Topology next) {
        if (known != null && next.generation() <= known.topology.generation()) {
            return;
        }
        long now = System.nanoTime();
        boolean refuses = next.health() == Health.DOWN;
        boolean refused = known != null && known.topology.health() == Health.DOWN;
        if (refused && !refuses) {
            settlesAt = now + SETTLING_NANOS;
        } else if (refuses || settled == null) {
            settlesAt = now;
        }
        known = new Known(next, now);
        usedUp.clear();
        settled = statesOf(next.slotMap());
        if (!settle()) {
            byte[] pending = new byte[KeySlot.COUNT];
            Arrays.fill(pending, (byte) SlotState.PENDING.ordinal());
            publish(pending);
        }
    }

    /** Opens it for good. */
    synchronized void close() {
        settled = null;
        publish(null);
    }

    /** Goes by the last topology alone, once it is time. */
    private synchronized boolean settle() {
        if (settled != null && System.nanoTime() - settlesAt >= 0) {
            byte[] next = settled;
            settled = null;
            publish(next);
        }
        return settled == null;
    }

    private Trial stop(int slot) {
        if (settled != null && settle() && isOpen(slot)) {
            return null;
        }
        Mode mode = gate.mode();
        if (mode == Mode.OFF) {
            return null;
        }
        if (!knowledge.isBetter()) {
            gate.countAndTell(Count.STEPPED_ASIDE, "the keeper does not know enough to stop commands");
            return null;
        }
        boolean isPending = isPending(slot);
        long holdNanos = holdNanos();
        if (isPending && holdNanos == 0) {
            return null;
        }
        String reason = reason(slot);
        if (mode == Mode.OBSERVE) {
            if (isPending || gate.failsFast()) {
                gate.countAndTell(isPending ? Count.HELD : Count.REFUSED, reason);
            }
            return null;
        }
        String waited = "";
        if (isPending) {
            waited = hold(slot, holdNanos, reason);
            if (waited == null) {
                return null;
            }
        }
        if (isRumour(slot)) {
            gate.countAndTell(Count.STEPPED_ASIDE, "no node has confirmed yet what the keeper holds against it");
            return null;
        }
        return gate.failsFast() ? refuse(slot, reason + waited) : null;
    }

    /**
     * Whether all there is against a slot's owner is that it does not answer the keeper, and nobody else has since: then it is the keeper
     * who is cut off. A node that does fail is confirmed to by the others at once. Or that views of different moments, put together, leave it
     * without an owner, as they may while slots move.
     */
    private boolean isRumour(int slot) {
        Known now = known;
        Trouble trouble = now.topology.slotMap().reasonOf(slot);
        return RUMOURS.contains(trouble) && !knowledge.isConfirmedSince(now.since);
    }

    /** Null if the command may go on; else what it should be told beside the reason why its slot is not served. */
    private String hold(int slot, long limitNanos, String reason) {
        long start = System.nanoTime();
        if (usedUp.contains(owner(slot))) {
            return "; the last command has waited for a change in vain";
        }
        int limit = known.topology.health() == Health.DOWN || settled != null ? MAX_WAITERS_FOR_ALL : MAX_WAITERS;
        if (waiters.getAndUpdate(count -> count < limit ? count + 1 : count) >= limit) {
            return "; " + limit + " commands wait for a change already";
        }
        gate.countAndTell(Count.HELD, reason);
        try {
            return await(slot, start, limitNanos);
        } finally {
            waiters.getAndDecrement();
        }
    }

    private synchronized String await(int slot, long start, long limitNanos) {
        while (isPending(slot)) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(start + limitNanos - System.nanoTime());
            if (leftMs <= 0) {
                if (known.since - start < 0) {
                    usedUp.add(owner(slot));
                }
                return "; waited " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms for a change";
            }
            boolean isLate = System.nanoTime() - start > CONFIRMED_WITHIN_NANOS;
            if (gate.mode() != Mode.ON || !knowledge.isBetter() || isLate && isRumour(slot)) {
                return null;
            }
            try {
                long settlesInMs = settled == null ? LOOK_MS : 1 + TimeUnit.NANOSECONDS.toMillis(settlesAt - System.nanoTime());
                wait(Math.max(1, Math.min(leftMs, Math.min(LOOK_MS, settlesInMs))));
                settle();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "; interrupted while waiting for a change";
            }
        }
        if (isOpen(slot)) {
            gate.count(Count.RELEASED);
            return null;
        }
        return "; waited for a change, which made it worse";
    }

    /** A trial if it is time for one; null if the slot has been opened just now. */
    private Trial refuse(int slot, String sentence) {
        if (isOpen(slot)) {
            return null;
        }
        Trial trial = tryOut(slot);
        if (trial == null) {
            gate.countAndTell(Count.REFUSED, sentence);
            throw refusals.apply(sentence);
        }
        gate.countAndTell(Count.TRIED, sentence);
        return trial;
    }

    private Trial tryOut(int slot) {
        String owner = owner(slot);
        if (!isTrialDue(owner)) {
            return null;
        }
        synchronized (this) {
            long now = System.nanoTime();
            trials.removeIf(trial -> now - trial.start > TRIAL_LIMIT_NANOS);
            boolean isUnderWay = trials.stream().anyMatch(trial -> trial.owner.equals(owner));
            if (isUnderWay || trials.size() == MAX_TRIALS || !isTrialDue(owner)) {
                return null;
            }
            Trial trial = new Trial(slot, owner, known.topology.generation(), now);
            trials.add(trial);
            nextTrial.put(owner, now + TRIAL_PAUSE_NANOS);
            return trial;
        }
    }

    private boolean isTrialDue(String owner) {
        Long next = nextTrial.get(owner);
        return next == null || System.nanoTime() - next >= 0;
    }

    /** Opens all slots of an owner that answers, until the next topology: what is wrong about one is wrong about all. */
    private synchronized void end(Trial trial, boolean isServed) {
        trials.remove(trial);
        long end = System.nanoTime();
        nextTrial.merge(trial.owner, end + PAUSE_AFTER_HANGING * (end - trial.start), Math::max);
        byte[] now = states;
        if (isServed && now != null && trial.generation == known.topology.generation()) {
            byte[] opened = now.clone();
            for (int slot = 0; slot < KeySlot.COUNT; slot++) {
                if (now[slot] != 0 && owner(slot).equals(trial.owner)) {
                    opened[slot] = 0;
                }
            }
            gate.count(Count.REOPENED);
            publish(opened);
        }
    }

    private void publish(byte[] next) {
        boolean isAllOpen = true;
        for (int slot = 0; next != null && slot < next.length; slot++) {
            isAllOpen &= next[slot] == 0;
        }
        states = isAllOpen ? null : next;
        if (isAllOpen) {
            nextTrial.clear();
        }
        notifyAll();
    }

    private static byte[] statesOf(SlotMap map) {
        byte[] states = new byte[KeySlot.COUNT];
        for (int slot = 0; slot < states.length; slot++) {
            states[slot] = (byte) map.stateOf(slot).ordinal();
        }
        return states;
    }

    private boolean isOpen(int slot) {
        byte[] now = states;
        return now == null || now[slot] == 0;
    }

    private boolean isPending(int slot) {
        byte[] now = states;
        return now != null && now[slot] == SlotState.PENDING.ordinal();
    }

    /** The id of the slot's owner; empty if it has none. */
    private String owner(int slot) {
        Node owner = known.topology.slotMap().ownerOf(slot);
        return owner == null ? "" : owner.id();
    }

    private String reason(int slot) {
        SlotMap map = known.topology.slotMap();
        Node owner = map.ownerOf(slot);
        return "Slot " + slot + " is not served" + (owner == null ? "" : " by " + owner.address())
                + (map.serves(slot) ? "" : ": " + map.reasonOf(slot).sentence());
    }

    private long holdNanos() {
        Duration hold = gate.hold();
        return (hold == null ? socketTimeout : hold).toNanos();
    }

    /** A topology, and when it came. */
    private static final class Known {

        final Topology topology;
        final long since;

        Known(Topology topology, long since) {
            this.topology = topology;
            this.since = since;
        }
    }

    /** A command that passes although its slot is refused. To be told once whether it was answered by who serves the slot. */
    public final class Trial {

        private final int slot;
        private final String owner;
        private final long generation;
        private final long start;

        private Trial(int slot, String owner, long generation, long start) {
            this.slot = slot;
            this.owner = owner;
            this.generation = generation;
            this.start = start;
        }

        /** A key of its slot, to ask for: a command's own answer may be an error that says nothing of who serves the slot. */
        public String key() {
            int i = 0;
            while (KeySlot.of(Integer.toString(i)) != slot) {
                i++;
            }
            return Integer.toString(i);
        }

        /** To be told once. */
        public void end(boolean isServed) {
            SlotGate.this.end(this, isServed);
        }
    }
}
