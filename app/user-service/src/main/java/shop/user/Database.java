package shop.user;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** A small pool that outlives an absent or replaced database. */
final class Database implements AutoCloseable {
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private static final long FRESH_NANOS = 1_000_000_000L;

    private final HikariDataSource pool;
    private volatile long lastSuccess = System.nanoTime() - FRESH_NANOS;

    Database(Settings settings) {
        var config = new HikariConfig();
        config.setJdbcUrl(String.format(
                "jdbc:postgresql://%s:%d/%s", settings.databaseHost, settings.databasePort, settings.databaseName));
        config.setUsername(settings.databaseUser);
        config.setPassword(settings.databasePassword);
        config.setMaximumPoolSize(5);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(2_000);
        config.setValidationTimeout(1_000);
        config.setIdleTimeout(60_000);
        config.setMaxLifetime(300_000);
        config.setKeepaliveTime(30_000);
        // The service starts, and says that it is not ready, while there is no database yet.
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("ApplicationName", Main.SERVICE);
        config.addDataSourceProperty("connectTimeout", "2");
        config.addDataSourceProperty("loginTimeout", "2");
        config.addDataSourceProperty("socketTimeout", "6");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        pool = new HikariDataSource(config);
    }

    <T> T run(Work<T> work) {
        try (var connection = pool.getConnection()) {
            var result = work.with(connection);
            lastSuccess = System.nanoTime();
            return result;
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    /** Whether the database answered within the last second; asks it if nobody else has. */
    boolean reachable() {
        if (!fresh()) {
            try {
                run(connection -> connection.prepareStatement("SELECT 1").execute());
            } catch (RuntimeException e) {
                // While all connections are busy this one gets none, yet the others' answers prove the database well.
                return fresh();
            }
        }
        return true;
    }

    private boolean fresh() {
        return System.nanoTime() - lastSuccess < FRESH_NANOS;
    }

    private static RuntimeException translate(SQLException e) {
        var state = e.getSQLState() == null ? "" : e.getSQLState();
        var away = e instanceof SQLTransientConnectionException || state.startsWith("08") || state.startsWith("57P");
        return away ? ApiError.unavailable() : new IllegalStateException(e);
    }

    @Override
    public void close() {
        pool.close();
    }
}
