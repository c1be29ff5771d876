package shop.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PasswordsTest {
    private final Passwords passwords = new Passwords();

    @Test
    void acceptsThePasswordItHashedAndNoOther() {
        var stored = passwords.hash("correct horse");
        assertTrue(passwords.matches("correct horse", stored));
        assertFalse(passwords.matches("correct horsf", stored));
        assertFalse(passwords.matches("", stored));
    }

    @Test
    void saltsEveryHash() {
        assertNotEquals(passwords.hash("correct horse"), passwords.hash("correct horse"));
    }

    @Test
    void storesTheNumberOfIterationsWithTheHash() {
        var parts = passwords.hash("correct horse").split("\\$");
        assertEquals("pbkdf2-sha512", parts[0]);
        assertEquals(210_000, Integer.parseInt(parts[1]));
    }

    @Test
    void stillAcceptsAHashMadeWithFewerIterations() {
        // Made by Python's hashlib from the password "password", the salt "salt" and one iteration.
        var stored = "pbkdf2-sha512$1$c2FsdA==$hn9wzxreAs/zdSWZo6U9xK80x6ZpgVrl1RNVThyM8lI=";
        assertTrue(passwords.matches("password", stored));
    }

    @Test
    void refusesAStoredHashOfAnUnknownForm() {
        assertThrows(IllegalStateException.class, () -> passwords.matches("x", "md5$1$a$b"));
    }
}
