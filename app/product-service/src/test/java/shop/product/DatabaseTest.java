package shop.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseTest {
    @ParameterizedTest
    @CsvSource({
        // connection lost, refused; shutting down, starting up
        "08006, true", "08001, true", "57P01, true", "57P03, true",
        // a lock not given, a statement cancelled by its time-out, a transaction ended by its own
        "55P03, true", "57014, true", "25P03, true",
        // a duplicate, a constraint, a column that does not exist, a transaction that already failed
        "23505, false", "23514, false", "42703, false", "25P02, false",
        ", false",
    })
    void saysUnavailableOnlyForWhatMaySucceedSoon(String state, boolean away) {
        assertEquals(away, Database.isAway(new SQLException("no", state)));
    }
}
