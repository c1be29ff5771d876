package shop.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UserApiTest {
    @Test
    void takesAnAddressWithoutRegardToCaseOrSpacesAround() {
        assertEquals("ann@example.org", UserApi.email(with("email", "  Ann@Example.ORG ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ann", "ann@example", "ann@example.", "@example.org", "a b@example.org", "a@b@c.org"})
    void refusesWhatIsNoAddress(String email) {
        assertRefused("email", () -> UserApi.email(with("email", email)));
    }

    @Test
    void refusesAnAddressThatIsTooLong() {
        assertRefused("email", () -> UserApi.email(with("email", "a".repeat(250) + "@b.org")));
    }

    @Test
    void takesANameInAnyScript() {
        assertEquals("李 Änn", UserApi.name(with("name", " 李 Änn ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "a\nb", "a\0b"})
    void refusesANameThatCannotBeShown(String name) {
        assertRefused("name", () -> UserApi.name(with("name", name)));
    }

    @Test
    void boundsTheLengthOfAPassword() {
        assertEquals("12345678", UserApi.newPassword(with("password", "12345678")));
        assertRefused("password", () -> UserApi.newPassword(with("password", "1234567")));
        assertRefused("password", () -> UserApi.newPassword(with("password", "x".repeat(201))));
    }

    @Test
    void refusesAFieldThatIsMissingOrNoText() {
        assertRefused("name", () -> UserApi.name(Json.object()));
        assertRefused("name", () -> UserApi.name(Json.object().put("name", 5)));
    }

    private static JsonNode with(String field, String value) {
        return Json.object().put(field, value);
    }

    private static void assertRefused(String field, Executable action) {
        var error = assertThrows(ApiError.class, action);
        assertEquals(400, error.status);
        assertEquals(field, error.field);
    }
}
