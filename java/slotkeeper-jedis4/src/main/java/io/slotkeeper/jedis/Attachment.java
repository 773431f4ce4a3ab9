package io.slotkeeper.jedis;

import io.slotkeeper.Keeper;
import io.slotkeeper.internal.Attacher;
import io.slotkeeper.jedis.internal.AttachedClient;
import java.util.function.Supplier;
import redis.clients.jedis.UnifiedJedis;

/** A keeper attached to a client, until it is closed. Safe for use by many threads. */
public final class Attachment implements AutoCloseable {

    private final Attacher<UnifiedJedis> attacher;

    private Attachment(Attacher<UnifiedJedis> attacher) {
        this.attacher = attacher;
    }

    static Attachment start(Keeper keeper, Supplier<? extends UnifiedJedis> clients) {
        Attacher<UnifiedJedis> attacher = new Attacher<>(clients, AttachedClient::new);
        attacher.start(keeper);
        return new Attachment(attacher);
    }

    /** Leaves the client alone, any number of times. It stays open, with the map that it has. */
    @Override
    public void close() {
        attacher.close();
    }
}
