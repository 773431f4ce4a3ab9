package io.slotkeeper.jedis;

import io.slotkeeper.Config;
import io.slotkeeper.Keeper;
import io.slotkeeper.KeySlot;
import java.util.function.UnaryOperator;

/** A keeper cluster in a class loader whose parent has Jedis: what {@link ClassLoaderTest} sees of it are types of Java. */
public final class ClientInChild implements UnaryOperator<String>, AutoCloseable {

    private final Keeper keeper;
    private final KeeperCluster cluster;

    public ClientInChild(String seeds, String password) {
        keeper = Keeper.open(Config.empty().with("seeds", seeds).with("password", password)
                .with("refresh.interval-ms", "86400000"));
        cluster = KeeperCluster.builder(keeper).password(password).maxAttempts(2).build();
    }

    /** Writes a key and reads it again; gives the address of the node that has it. */
    @Override
    public String apply(String key) {
        cluster.set(key, "value");
        cluster.get(key);
        return keeper.slotMap().ownerOf(KeySlot.of(key)).address();
    }

    @Override
    public void close() {
        cluster.close();
        keeper.close();
    }
}
