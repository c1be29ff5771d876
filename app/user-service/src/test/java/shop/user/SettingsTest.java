package shop.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void complete() throws IOException {
        Files.writeString(folder.resolve("database-password"), "secret\n");
        Files.writeString(folder.resolve("token-key"), "0123456789abcdef0123456789abcdef\n");
        environment.put("SECRETS_DIR", folder.toString());
        environment.put("DATABASE_HOST", "database");
    }

    @Test
    void fillsInTheDefaults() {
        var settings = Settings.read(environment);
        assertEquals(8080, settings.port);
        assertEquals(2, settings.drainSeconds);
        assertEquals(5432, settings.databasePort);
        assertEquals("shop", settings.databaseName);
        assertEquals("user_service", settings.databaseUser);
        assertEquals("secret", settings.databasePassword);
    }

    @Test
    void namesAMissingVariable() {
        environment.remove("DATABASE_HOST");
        assertMissing("DATABASE_HOST");
    }

    @Test
    void namesAMissingOrEmptySecret() throws IOException {
        var secret = folder.resolve("database-password");
        Files.writeString(secret, "\n");
        assertMissing("database-password");
        Files.delete(secret);
        assertMissing("database-password");
    }

    @Test
    void refusesATokenKeyThatIsEasilyGuessed() throws IOException {
        Files.writeString(folder.resolve("token-key"), "short");
        assertMissing("token-key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "65536", "8080.5", "99999999999"})
    void refusesAPortThatIsNone(String port) {
        environment.put("PORT", port);
        assertMissing("PORT");
    }

    private void assertMissing(String name) {
        var error = assertThrows(Settings.Missing.class, () -> Settings.read(environment));
        assertTrue(error.getMessage().contains(name), error.getMessage());
    }
}
