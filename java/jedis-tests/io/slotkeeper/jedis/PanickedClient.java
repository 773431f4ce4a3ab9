package io.slotkeeper.jedis;

import io.slotkeeper.Config;
import io.slotkeeper.Gate;
import io.slotkeeper.Keeper;
import java.util.function.UnaryOperator;

/** A keeper cluster with its gate on, which {@link PanicTest} makes in a class loader that has a library with faults. */
public final class PanickedClient implements UnaryOperator<String>, AutoCloseable {

    private final Keeper keeper;
    private final KeeperCluster cluster;

    public PanickedClient(String seeds, String password) {
        keeper = Keeper.open(Config.empty().with("seeds", seeds).with("password", password));
        cluster = KeeperCluster.builder(keeper).password(password).gate(Gate.of(Gate.Mode.ON)).build();
    }

    /** Writes a key, and gives what is read from it. */
    @Override
    public String apply(String key) {
        cluster.set(key, "value of " + key);
        return cluster.get(key);
    }

    @Override
    public void close() {
        cluster.close();
        keeper.close();
    }
}
