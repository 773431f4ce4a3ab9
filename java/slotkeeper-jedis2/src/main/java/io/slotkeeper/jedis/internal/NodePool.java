package io.slotkeeper.jedis.internal;

import io.slotkeeper.internal.SlotGate;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.PooledObjectFactory;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections to one node, all of which can be closed at once, also those that are borrowed or being made.
 *
 * <p>They are made here and not by Jedis's own factory, which lets nobody see a connection before it is logged in, and which
 * says QUIT to a broken one and waits for the answer, for as long as the command that broke it has waited. Safe for use by
 * many threads.
 */
final class NodePool extends JedisPool {

    private static final Logger LOG = LoggerFactory.getLogger(NodePool.class);

    private final HostAndPort node;
    private final SlotGate gate;
    private final Connections connections;
    private volatile boolean used;
    private volatile boolean rescued;

    NodePool(HostAndPort node, JedisPools settings, SlotGate gate) {
        super(withoutJmx(), node.getHost(), node.getPort());
        this.node = node;
        this.gate = gate;
        this.connections = new Connections(settings);
        initPool(settings.config, connections);
    }

    @Override
    public Jedis getResource() {
        if (!used) {
            used = true;
        }
        return super.getResource();
    }

    /**
     * As {@link #getResource()}; null if the pool was rescued from, so that another attempt is to be made elsewhere.
     *
     * @param trial told how the command ends; null: nobody
     */
    Jedis borrow(SlotGate.Trial trial) {
        try {
            Jedis jedis = getResource();
            if (trial != null) {
                connections.trials.put(jedis, trial);
            }
            return jedis;
        } catch (JedisException e) {
            if (trial != null) {
                trial.end(false);
            }
            if (rescued) {
                LOG.debug("{} has failed while a command waited for a connection to it", node, e);
                return null;
            }
            if (e instanceof JedisConnectionException) {
                gate.reportTrouble(node.getHost(), node.getPort());
            }
            throw e;
        }
    }

    /** By the name of Jedis 2; Jedis 3 has it in a superclass, and the same below. */
    @Override
    @SuppressWarnings("deprecation") // It is for Jedis itself.
    public void returnBrokenResource(Jedis jedis) {
        // Up to Jedis 2.10 a command returns its connection twice if the first time throws.
        if (jedis == null || !connections.living.contains(jedis)) {
            return;
        }
        try {
            returnBrokenResourceObject(jedis);
        } catch (JedisException e) {
            LOG.debug("No connection to {} could be made for those that wait for this one", node, e);
        }
        if (!rescued) {
            gate.reportTrouble(node.getHost(), node.getPort());
            return;
        }
        RuntimeException instead = gate.insteadOfRetry(node.toString());
        if (instead != null) {
            throw instead;
        }
    }

    boolean wasUsed() {
        return used;
    }

    /** Closes the pool with all its connections; those to come are refused. Does not wait for the node. */
    void rescue() {
        rescued = true;
        // First, or whoever returns its closed connection makes one for those that wait.
        close();
        connections.living.forEach(NodePool::closeSocket);
    }

    private static void closeSocket(Jedis jedis) {
        Socket socket = jedis.getClient().getSocket();
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            LOG.debug("A socket could not be closed", e);
        }
    }

    /** For the pool that the superclass makes first, and that is never used. */
    private static GenericObjectPoolConfig withoutJmx() {
        GenericObjectPoolConfig config = new GenericObjectPoolConfig();
        config.setJmxEnabled(false);
        return config;
    }

    private final class Connections implements PooledObjectFactory<Jedis> {

        /** As many as the pool has and is making: each is taken out when the pool lets go of it. */
        final Set<Jedis> living = ConcurrentHashMap.newKeySet();
        /** Those that try out a refused slot. */
        final Map<Jedis, SlotGate.Trial> trials = new ConcurrentHashMap<>();
        private final JedisPools settings;

        Connections(JedisPools settings) {
            this.settings = settings;
        }

        @Override
        public PooledObject<Jedis> makeObject() {
            Jedis jedis = new Jedis(node.getHost(), node.getPort(), settings.connectionTimeout, settings.soTimeout);
            living.add(jedis);
            try {
                refuseIfRescued();
                jedis.connect();
                refuseIfRescued();
                if (settings.password != null) {
                    jedis.auth(settings.password);
                }
                return new DefaultPooledObject<>(jedis);
            } catch (RuntimeException e) {
                letGo(jedis);
                throw e;
            }
        }

        @Override
        public void destroyObject(PooledObject<Jedis> pooled) {
            letGo(pooled.getObject());
        }

        @Override
        public boolean validateObject(PooledObject<Jedis> pooled) {
            try {
                return pooled.getObject().isConnected() && pooled.getObject().ping().equals("PONG");
            } catch (JedisException e) {
                LOG.debug("{} did not answer PING", node, e);
                return false;
            }
        }

        @Override
        public void activateObject(PooledObject<Jedis> pooled) {}

        /** A command is done, and its connection is whole. */
        @Override
        public void passivateObject(PooledObject<Jedis> pooled) {
            SlotGate.Trial trial = trials.isEmpty() ? null : trials.remove(pooled.getObject());
            if (trial != null) {
                trial.end(isServed(pooled.getObject(), trial.key()));
            }
        }

        /** Asks, since the command's own answer is not seen here. A broken connection is noticed by who borrows it next. */
        private boolean isServed(Jedis jedis, String key) {
            try {
                jedis.exists(key);
                return true;
            } catch (JedisException e) {
                LOG.debug("{} does not serve the slot of {}", node, key, e);
                return false;
            }
        }

        private void letGo(Jedis jedis) {
            living.remove(jedis);
            SlotGate.Trial trial = trials.remove(jedis);
            if (trial != null) {
                trial.end(false);
            }
            closeSocket(jedis);
        }

        private void refuseIfRescued() {
            if (rescued) {
                throw new JedisConnectionException(node + " has failed or was replaced while a connection to it was made");
            }
        }
    }
}
