package shop.user;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.apache.commons.dbcp2.BasicDataSource;

/** A small pool that outlives an absent or replaced database. */
final class Database implements AutoCloseable {
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private static final long FRESH_NANOS = 1_000_000_000L;
    /** Time-outs of the database: for a lock, for a statement, and for a transaction whose client says nothing. */
    private static final Set<String> HELD_UP = Set.of("55P03", "57014", "25P03");

    private final BasicDataSource pool = new BasicDataSource();
    private volatile long lastSuccess = System.nanoTime() - FRESH_NANOS;
    private volatile String lastProblem;
    private volatile boolean reported;

    Database(Settings settings) {
        pool.setUrl(String.format(
                "jdbc:postgresql://%s:%d/%s", settings.databaseHost, settings.databasePort, settings.databaseName));
        pool.setUsername(settings.databaseUser);
        pool.setPassword(settings.databasePassword);
        pool.setMaxTotal(5);
        pool.setMaxWait(Duration.ofSeconds(2));
        pool.setMaxConn(Duration.ofMinutes(5));
        pool.setMinEvictableIdle(Duration.ofMinutes(1));
        pool.setDurationBetweenEvictionRuns(Duration.ofSeconds(30));
        // Every connection proves itself before use; one that fails is replaced at once, without a growing pause.
        pool.setTestOnBorrow(true);
        pool.setValidationQueryTimeout(Duration.ofSeconds(1));
        pool.setFastFailValidation(true);
        pool.setLogExpiredConnections(false);
        pool.addConnectionProperty("ApplicationName", Main.SERVICE);
        pool.addConnectionProperty("connectTimeout", "2");
        pool.addConnectionProperty("loginTimeout", "2");
        pool.addConnectionProperty("socketTimeout", "6");
        pool.addConnectionProperty("tcpKeepAlive", "true");
    }

    <T> T run(Work<T> work) {
        try (var connection = connect()) {
            var result = work.with(connection);
            lastSuccess = System.nanoTime();
            return result;
        } catch (SQLException e) {
            throw isAway(e) ? ApiError.unavailable() : new IllegalStateException(e);
        }
    }

    private Connection connect() {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            lastProblem = e.getMessage();
            throw ApiError.unavailable();
        }
    }

    /** Whether the database answered within the last second; asks it if nobody else has. */
    boolean reachable() {
        // While all connections are busy this one gets none, yet the others' answers prove the database well.
        var up = fresh() || answers() || fresh();
        if (reported != up) {
            reported = up;
            if (up) {
                Log.info("the database answers");
            } else {
                Log.warn("the database gives no answer: " + lastProblem);
            }
        }
        return up;
    }

    private boolean answers() {
        try {
            return run(connection -> connection.isValid(1));
        } catch (RuntimeException e) {
            return false;
        }
    }

    private boolean fresh() {
        return System.nanoTime() - lastSuccess < FRESH_NANOS;
    }

    /**
     * Whether the same work may succeed soon: the connection was lost (class 08), the server is shutting down (57P), or
     * another transaction held what this one needs for too long (55P03, 57014, 25P03). Else the statement is wrong.
     */
    static boolean isAway(SQLException e) {
        var state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P") || HELD_UP.contains(state));
    }

    @Override
    public void close() throws SQLException {
        pool.close();
    }
}
