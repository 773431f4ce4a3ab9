package io.slotkeeper.examples;

import io.slotkeeper.Change;
import io.slotkeeper.Keeper;
import io.slotkeeper.Registration;
import io.slotkeeper.TopologyEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Reads and writes with a database behind: it has the truth, Redis has copies. While Redis does not serve a profile, the database
 * does. Any thread.
 *
 * <p>A copy must not come back from an outage older than the truth. So each write notes, in its own transaction, that the copy
 * is outdated, and the note goes only when the copy has been deleted: at once, or when the slot is served again.
 */
public final class Profiles implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Profiles.class);
    /** The most that a copy can be behind, whatever goes wrong. */
    private static final int OLDEST_SECONDS = 600;

    private final Keeper keeper;
    private final JedisCluster redis;
    private final DataSource database;
    private final Registration listener;
    private final Set<String> outdated = ConcurrentHashMap.newKeySet();

    public Profiles(Keeper keeper, JedisCluster redis, DataSource database) throws SQLException {
        this.keeper = keeper;
        this.redis = redis;
        this.database = database;
        try (Connection connection = database.getConnection()) {
            connection.createStatement().execute("CREATE TABLE IF NOT EXISTS profiles(name VARCHAR PRIMARY KEY, text VARCHAR)");
            connection.createStatement().execute("CREATE TABLE IF NOT EXISTS outdated(name VARCHAR PRIMARY KEY, change BIGINT)");
            connection.createStatement().execute("CREATE SEQUENCE IF NOT EXISTS changes");
        }
        listener = keeper.addListener(this::onChange);
        dropOutdated();
    }

    /** The profile of a user, from Redis if that has it and serves it now; empty if there is none. */
    public Optional<String> find(String name) throws SQLException {
        String key = key(name);
        boolean served = keeper.slotMap().serves(key) && !outdated.contains(name);
        if (served) {
            try {
                String copy = redis.get(key);
                if (copy != null) {
                    return Optional.of(copy);
                }
            } catch (JedisException e) {
                Outage.expected(e);
                served = false;
            }
        }
        Optional<String> profile = inDatabase(name);
        if (served && profile.isPresent()) {
            copy(key, profile.get());
        }
        return profile;
    }

    /** Writes a profile. Fails only with the database: that Redis cannot be told is no reason to lose a write. */
    public void save(String name, String text) throws SQLException {
        outdated.add(name);
        long change;
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            change = nextChange(connection);
            update(connection, "MERGE INTO profiles VALUES (?, ?)", name, text);
            update(connection, "MERGE INTO outdated VALUES (?, ?)", name, change);
            connection.commit();
        }
        drop(name, change);
    }

    /** Deletes the outdated copies that Redis serves now, those of an earlier run too. */
    public void dropOutdated() throws SQLException {
        Map<String, Long> noted = new LinkedHashMap<>();
        try (Connection connection = database.getConnection();
                ResultSet rows = connection.createStatement().executeQuery("SELECT name, change FROM outdated")) {
            while (rows.next()) {
                noted.put(rows.getString(1), rows.getLong(2));
            }
        }
        outdated.addAll(noted.keySet());
        for (Map.Entry<String, Long> note : noted.entrySet()) {
            drop(note.getKey(), note.getValue());
        }
    }

    /** How many copies wait to be deleted. */
    public int outdatedCount() {
        return outdated.size();
    }

    /** Listens to the keeper no more; leaves keeper, Redis and database open. */
    @Override
    public void close() {
        listener.close();
    }

    /** Slots are served again, or events were lost, and slots may be. */
    private void onChange(TopologyEvent event) {
        boolean servesAgain = event.changes().stream().anyMatch(change -> change.kind() == Change.Kind.SLOTS_SERVED);
        if (!servesAgain && !event.changes().isEmpty()) {
            return;
        }
        try {
            dropOutdated();
        } catch (SQLException e) {
            LOG.warn("outdated copies stay until slots are served again: {}", e.toString());
        }
    }

    /** Deletes a copy, if Redis serves it; the note goes unless the profile was written again in between. */
    private void drop(String name, long change) throws SQLException {
        if (!keeper.slotMap().serves(key(name))) {
            return;
        }
        try {
            redis.del(key(name));
        } catch (JedisException e) {
            Outage.expected(e);
            return;
        }
        try (Connection connection = database.getConnection()) {
            if (update(connection, "DELETE FROM outdated WHERE name = ? AND change = ?", name, change) == 1) {
                outdated.remove(name);
            }
        }
    }

    private void copy(String key, String text) {
        try {
            redis.setex(key, OLDEST_SECONDS, text);
        } catch (JedisException e) {
            Outage.expected(e);
        }
    }

    private Optional<String> inDatabase(String name) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT text FROM profiles WHERE name = ?")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static long nextChange(Connection connection) throws SQLException {
        try (ResultSet rows = connection.createStatement().executeQuery("SELECT NEXT VALUE FOR changes")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    private static String key(String name) {
        return "profile:" + name;
    }
}
