package io.slotkeeper.jedis;

import io.slotkeeper.HandOver;
import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.Topology;
import io.slotkeeper.jedis.internal.AttachedClient;
import java.util.function.Supplier;
import redis.clients.jedis.UnifiedJedis;

/** A keeper attached to a client, until it is closed. Safe for use by many threads. */
public final class Attachment implements AutoCloseable {

    private final Keeper keeper;
    private final Supplier<? extends UnifiedJedis> clients;
    /** Null until there is a client. Guarded by this. */
    private AttachedClient attached;
    /** Null until it is started. Guarded by this. */
    private Registration handOver;
    /** Guarded by this. */
    private boolean closed;

    private Attachment(Keeper keeper, Supplier<? extends UnifiedJedis> clients) {
        this.keeper = keeper;
        this.clients = clients;
    }

    static Attachment start(Keeper keeper, Supplier<? extends UnifiedJedis> clients) {
        Attachment attachment = new Attachment(keeper, clients);
        attachment.start();
        return attachment;
    }

    /** Leaves the client alone, any number of times. It stays open, with the map that it has. */
    @Override
    public synchronized void close() {
        closed = true;
        if (handOver != null) {
            handOver.close();
        }
        release();
    }

    private synchronized void start() {
        try {
            follow();
            handOver = keeper.addHandOver(new ToTheClient());
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /** Attaches the client that the factory has now; false if it has none. */
    private boolean follow() {
        UnifiedJedis client = clients.get();
        if (attached != null && !attached.isOf(client)) {
            release();
        }
        if (attached == null && client != null) {
            attached = new AttachedClient(client);
        }
        return attached != null;
    }

    private void release() {
        if (attached != null) {
            attached.release();
            attached = null;
        }
    }

    private final class ToTheClient implements HandOver {

        @Override
        public boolean accept(Topology topology) {
            synchronized (Attachment.this) {
                return closed || follow() && attached.handOver(topology);
            }
        }

        @Override
        public boolean isInPlace(Topology topology) {
            synchronized (Attachment.this) {
                return closed || attached != null && attached.isOf(clients.get()) && attached.isInPlace(topology);
            }
        }
    }
}
