package shop.user;

import com.fasterxml.jackson.databind.JsonNode;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import shop.user.Server.Reply;
import shop.user.Users.User;

/** The addresses of this service: register, sign in, profile. */
final class UserApi {
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s.]+");
    private static final String BEARER = "Bearer ";
    private static final int LONGEST_EMAIL = 254;
    private static final int LONGEST_NAME = 100;
    private static final int SHORTEST_PASSWORD = 8;
    // A bound, because hashing a very long password would take very long.
    private static final int LONGEST_PASSWORD = 200;

    private final Users users;
    private final Passwords passwords;
    private final Tokens tokens;

    UserApi(Users users, Passwords passwords, Tokens tokens) {
        this.users = users;
        this.passwords = passwords;
        this.tokens = tokens;
    }

    void register(Server server) {
        server.slowRoute(Methods.POST, "/api/users", this::signUp)
                .slowRoute(Methods.POST, "/api/sessions", this::signIn)
                .route(Methods.GET, "/api/users/me", this::profile)
                .route(Methods.PUT, "/api/users/me", this::rename);
    }

    private Reply signUp(HttpServerExchange exchange) throws Exception {
        var body = Json.body(exchange);
        var email = email(body);
        var name = name(body);
        var hash = passwords.hash(newPassword(body));
        var user = users.add(email, name, hash)
                .orElseThrow(() -> new ApiError(409, "email_taken", "This e-mail address is registered already.",
                        "email"));
        return new Reply(201, user.profile());
    }

    private Reply signIn(HttpServerExchange exchange) throws Exception {
        var body = Json.body(exchange);
        var email = email(body);
        var password = text(body, "password");
        if (password.length() > LONGEST_PASSWORD) {
            throw wrongCredentials();
        }
        var user = users.byEmail(email);
        if (user.isEmpty()) {
            passwords.pretend(password);
            throw wrongCredentials();
        }
        if (!passwords.matches(password, user.get().passwordHash)) {
            throw wrongCredentials();
        }
        var answer = Json.object().put("token", tokens.issue(user.get().id));
        answer.set("user", user.get().profile());
        return new Reply(201, answer);
    }

    private Reply profile(HttpServerExchange exchange) {
        return new Reply(200, users.byId(caller(exchange)).map(User::profile).orElseThrow(UserApi::signedOut));
    }

    private Reply rename(HttpServerExchange exchange) throws Exception {
        var id = caller(exchange);
        var name = name(Json.body(exchange));
        return new Reply(200, users.rename(id, name).map(User::profile).orElseThrow(UserApi::signedOut));
    }

    private UUID caller(HttpServerExchange exchange) {
        var header = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        if (header == null || !header.startsWith(BEARER)) {
            throw signedOut();
        }
        return tokens.verify(header.substring(BEARER.length()).strip()).orElseThrow(UserApi::signedOut);
    }

    static String email(JsonNode body) {
        var email = text(body, "email").strip().toLowerCase(Locale.ROOT);
        if (email.length() > LONGEST_EMAIL || !EMAIL.matcher(email).matches()) {
            throw ApiError.invalid("email", "Please give a valid e-mail address.");
        }
        return email;
    }

    static String name(JsonNode body) {
        var name = text(body, "name").strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw ApiError.invalid("name", "Please give a name of at most " + LONGEST_NAME + " characters.");
        }
        return name;
    }

    static String newPassword(JsonNode body) {
        var password = text(body, "password");
        if (password.length() < SHORTEST_PASSWORD || password.length() > LONGEST_PASSWORD) {
            throw ApiError.invalid("password", "Please choose a password of " + SHORTEST_PASSWORD + " to "
                    + LONGEST_PASSWORD + " characters.");
        }
        return password;
    }

    private static String text(JsonNode body, String field) {
        var value = body.path(field);
        // PostgreSQL stores no NUL characters.
        if (!value.isTextual() || value.asText().indexOf('\0') >= 0) {
            throw ApiError.invalid(field, "Please give " + field + " as text.");
        }
        return value.asText();
    }

    private static ApiError wrongCredentials() {
        return new ApiError(401, "wrong_credentials", "This e-mail address and password do not match.", null);
    }

    private static ApiError signedOut() {
        return new ApiError(401, "signed_out", "Please sign in.", null);
    }
}
