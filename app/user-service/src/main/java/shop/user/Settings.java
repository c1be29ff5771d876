package shop.user;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the environment and the secrets' folder say. */
final class Settings {
    private static final int SHORTEST_KEY = 32;

    final int port;
    final int drainSeconds;
    final String databaseHost;
    final int databasePort;
    final String databaseName;
    final String databaseUser;
    final String databasePassword;
    final String tokenKey;

    static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Missing(String message) {
            super(message);
        }
    }

    private Settings(Map<String, String> environment) {
        var secrets = Path.of(environment.getOrDefault("SECRETS_DIR", "/run/secrets"));
        port = number(environment, "PORT", 8080);
        drainSeconds = number(environment, "DRAIN_SECONDS", 2);
        databaseHost = text(environment, "DATABASE_HOST");
        databasePort = number(environment, "DATABASE_PORT", 5432);
        databaseName = environment.getOrDefault("DATABASE_NAME", "shop");
        databaseUser = environment.getOrDefault("DATABASE_USER", "user_service");
        databasePassword = secret(secrets, "database-password");
        tokenKey = secret(secrets, "token-key");
        if (tokenKey.length() < SHORTEST_KEY) {
            throw new Missing("secret token-key must have at least " + SHORTEST_KEY + " characters");
        }
    }

    static Settings read(Map<String, String> environment) {
        return new Settings(environment);
    }

    private static String text(Map<String, String> environment, String name) {
        var value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new Missing("environment variable " + name + " is missing");
        }
        return value;
    }

    private static int number(Map<String, String> environment, String name, int fallback) {
        var value = environment.get(name);
        try {
            var number = value == null ? fallback : Integer.parseInt(value);
            if (number >= 0 && number <= 65535) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below, which names the variable.
        }
        throw new Missing("environment variable " + name + " must be a whole number from 0 to 65535");
    }

    private static String secret(Path folder, String name) {
        try {
            var value = Files.readString(folder.resolve(name)).strip();
            if (!value.isEmpty()) {
                return value;
            }
            throw new Missing("secret " + name + " is empty");
        } catch (IOException e) {
            throw new Missing("secret " + name + " is missing or cannot be read in " + folder);
        }
    }
}
