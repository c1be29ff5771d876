package shop.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/** The people who have registered. */
final class Users {
    static final class User {
        final UUID id;
        final String email;
        final String name;
        final String passwordHash;

        private User(ResultSet row) throws SQLException {
            id = row.getObject("id", UUID.class);
            email = row.getString("email");
            name = row.getString("name");
            passwordHash = row.getString("password_hash");
        }

        /** What others may see. */
        ObjectNode profile() {
            return Json.object().put("id", id.toString()).put("email", email).put("name", name);
        }
    }

    private static final String COLUMNS = "id, email, name, password_hash";

    private final Database database;

    Users(Database database) {
        this.database = database;
    }

    /** Nothing, if the address is taken. */
    Optional<User> add(String email, String name, String passwordHash) {
        return one("INSERT INTO users.users (email, name, password_hash) VALUES (?, ?, ?)"
                + " ON CONFLICT (email) DO NOTHING RETURNING " + COLUMNS, email, name, passwordHash);
    }

    Optional<User> byEmail(String email) {
        return one("SELECT " + COLUMNS + " FROM users.users WHERE email = ?", email);
    }

    Optional<User> byId(UUID id) {
        return one("SELECT " + COLUMNS + " FROM users.users WHERE id = ?", id);
    }

    Optional<User> rename(UUID id, String name) {
        return one("UPDATE users.users SET name = ? WHERE id = ? RETURNING " + COLUMNS, name, id);
    }

    private Optional<User> one(String sql, Object... parameters) {
        return database.run(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                for (var i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                try (var rows = statement.executeQuery()) {
                    return rows.next() ? Optional.of(new User(rows)) : Optional.empty();
                }
            }
        });
    }
}
