package shop.user;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokensTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final UUID user = UUID.randomUUID();
    private final Tokens tokens = at(NOW);

    @Test
    void everyReplicaWithTheKeyKnowsTheUser() {
        assertEquals(Optional.of(user), at(NOW).verify(tokens.issue(user)));
    }

    @Test
    void lastsTwelveHoursAndNotOneSecondMore() {
        var token = tokens.issue(user);
        var end = NOW.plus(Duration.ofHours(12));
        assertEquals(Optional.of(user), at(end.minusSeconds(1)).verify(token));
        assertEquals(Optional.empty(), at(end).verify(token));
    }

    @Test
    void refusesATokenOfAnotherKey() {
        var other = new Tokens("ffffffffffffffffffffffffffffffff", Clock.fixed(NOW, ZoneOffset.UTC));
        assertEquals(Optional.empty(), tokens.verify(other.issue(user)));
    }

    @Test
    void refusesAnotherUsersClaimsUnderThisSignature() {
        var mine = tokens.issue(user).split("\\.");
        var others = tokens.issue(UUID.randomUUID()).split("\\.");
        assertEquals(Optional.empty(), tokens.verify(others[0] + "." + mine[1]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a", "a.b", "a.b.c", "!!.!!", "eyJhIjoxfQ.", "..", "é.é"})
    void refusesWhatIsNoToken(String text) {
        assertEquals(Optional.empty(), tokens.verify(text));
    }

    private static Tokens at(Instant time) {
        return new Tokens(KEY, Clock.fixed(time, ZoneOffset.UTC));
    }
}
