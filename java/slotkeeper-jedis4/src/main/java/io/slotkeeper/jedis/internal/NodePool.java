package io.slotkeeper.jedis.internal;

import io.slotkeeper.internal.SlotGate;
import java.io.IOException;
import java.net.Socket;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections to one node, all of which can be closed at once, also those that are borrowed or being logged in. They know
 * that they are of this node: before Jedis 8 a connection does not tell where it leads. Safe for use by many threads.
 */
final class NodePool extends ConnectionPool {

    private static final Logger LOG = LoggerFactory.getLogger(NodePool.class);

    private final HostAndPort node;
    private final SlotGate gate;
    private final Sockets sockets;
    private final Factory factory;
    private volatile boolean used;

    NodePool(HostAndPort node, JedisClientConfig clientConfig, GenericObjectPoolConfig<Connection> poolConfig, SlotGate gate) {
        this(node, new Sockets(node, clientConfig), clientConfig, poolConfig, gate);
    }

    private NodePool(HostAndPort node, Sockets sockets, JedisClientConfig clientConfig,
            GenericObjectPoolConfig<Connection> poolConfig, SlotGate gate) {
        this(node, sockets, new Factory(node, sockets, clientConfig, gate), poolConfig, gate);
    }

    private NodePool(HostAndPort node, Sockets sockets, Factory factory, GenericObjectPoolConfig<Connection> poolConfig,
            SlotGate gate) {
        super(factory, poolConfig);
        this.node = node;
        this.gate = gate;
        this.sockets = sockets;
        this.factory = factory;
    }

    HostAndPort node() {
        return node;
    }

    /** Whether this connection leads to this node. */
    boolean made(Connection connection) {
        return factory.living.contains(connection);
    }

    @Override
    public Connection getResource() {
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
    Connection borrow(SlotGate.Trial trial) {
        try {
            Connection connection = getResource();
            if (trial != null) {
                factory.trials.put(connection, trial);
            }
            return connection;
        } catch (JedisException e) {
            if (trial != null) {
                trial.end(false);
            }
            if (sockets.rescued) {
                LOG.debug("{} has failed while a command waited for a connection to it", node, e);
                return null;
            }
            if (e instanceof JedisConnectionException) {
                gate.reportTrouble(node.getHost(), node.getPort());
            }
            throw e;
        }
    }

    @Override
    public void returnBrokenResource(Connection connection) {
        super.returnBrokenResource(connection);
        if (!sockets.rescued) {
            gate.reportTrouble(node.getHost(), node.getPort());
        }
    }

    boolean wasUsed() {
        return used;
    }

    /** Closes the pool with all its connections; those to come are refused. Does not wait for the node. */
    void rescue() {
        // First, or whoever returns its closed connection makes one for those that wait.
        setMaxTotal(0);
        // Before the pool, which may say good-bye to the node over the idle ones.
        sockets.rescue();
        close();
    }

    /** The sockets of all connections, for as long as somebody has them. */
    private static final class Sockets extends DefaultJedisSocketFactory {

        private final HostAndPort node;
        private final Set<Socket> open = Collections.newSetFromMap(new WeakHashMap<>());
        volatile boolean rescued;

        Sockets(HostAndPort node, JedisClientConfig config) {
            super(node, config);
            this.node = node;
        }

        /** A connection whose socket is closed makes a new one by itself, but does not log in again. */
        @Override
        public Socket createSocket() {
            refuseIfRescued();
            Socket socket = super.createSocket();
            synchronized (open) {
                open.add(socket);
            }
            if (rescued) {
                close(socket);
            }
            refuseIfRescued();
            return socket;
        }

        void rescue() {
            rescued = true;
            synchronized (open) {
                open.forEach(Sockets::close);
            }
        }

        private void refuseIfRescued() {
            if (rescued) {
                throw new JedisConnectionException(node + " has failed or was replaced while a connection to it was made");
            }
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("A socket could not be closed", e);
            }
        }
    }

    private static final class Factory extends ConnectionFactory {

        /** As many as the pool has: each is taken out when the pool lets go of it. */
        final Set<Connection> living = ConcurrentHashMap.newKeySet();
        /** Those that try out a refused slot. */
        final Map<Connection, SlotGate.Trial> trials = new ConcurrentHashMap<>();
        private final HostAndPort node;
        private final Sockets sockets;
        private final JedisClientConfig config;
        private final SlotGate gate;

        Factory(HostAndPort node, Sockets sockets, JedisClientConfig config, SlotGate gate) {
            super(sockets, config);
            this.node = node;
            this.sockets = sockets;
            this.config = config;
            this.gate = gate;
        }

        @Override
        public PooledObject<Connection> makeObject() throws Exception {
            PooledObject<Connection> made = gate.retriesRescued() ? super.makeObject()
                    : new DefaultPooledObject<>(new UnrepeatedConnection(node, sockets, config, gate));
            living.add(made.getObject());
            return made;
        }

        @Override
        public void destroyObject(PooledObject<Connection> pooled) throws Exception {
            living.remove(pooled.getObject());
            SlotGate.Trial trial = trials.remove(pooled.getObject());
            if (trial != null) {
                trial.end(false);
            }
            super.destroyObject(pooled);
        }

        /** A command is done, and its connection is whole. */
        @Override
        public void passivateObject(PooledObject<Connection> pooled) throws Exception {
            super.passivateObject(pooled);
            SlotGate.Trial trial = trials.isEmpty() ? null : trials.remove(pooled.getObject());
            if (trial != null) {
                trial.end(isServed(pooled.getObject(), trial.key()));
            }
        }

        /** Asks, since the command's own answer is not seen here. A broken connection is noticed by who borrows it next. */
        private boolean isServed(Connection connection, String key) {
            try {
                connection.sendCommand(Protocol.Command.EXISTS, key);
                connection.getIntegerReply();
                return true;
            } catch (JedisException e) {
                LOG.debug("{} does not serve the slot of {}", node, key, e);
                return false;
            }
        }
    }

    /** A connection which, once a rescue has closed it, says so in a way that Jedis does not take for a reason to repeat. */
    private static final class UnrepeatedConnection extends Connection {

        private final HostAndPort node;
        private final Sockets sockets;
        private final SlotGate gate;

        UnrepeatedConnection(HostAndPort node, Sockets sockets, JedisClientConfig config, SlotGate gate) {
            super(sockets, config);
            this.node = node;
            this.sockets = sockets;
            this.gate = gate;
        }

        /** Also called by the constructor above, to log in: then there is no gate yet, and no command that has run. */
        @Override
        protected Object readProtocolWithCheckingBroken() {
            try {
                return super.readProtocolWithCheckingBroken();
            } catch (JedisConnectionException e) {
                RuntimeException instead = gate != null && sockets.rescued ? gate.insteadOfRetry(node.toString()) : null;
                if (instead != null) {
                    instead.addSuppressed(e);
                    throw instead;
                }
                throw e;
            }
        }
    }
}
