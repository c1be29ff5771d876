package shop.product;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes stock once per key, and gives it back once. */
final class Reservations {
    /** What is wanted. */
    record Item(String productId, int quantity) {}

    /** What was reserved, with the name and the price of that moment. */
    record Line(String productId, String name, int priceCents, int quantity) {}

    private final Database database;

    Reservations(Database database) {
        this.database = database;
    }

    /** Items are sorted by product: two orders that lock the same rows must lock them in the same order. */
    List<Line> reserve(String key, List<Item> items) {
        return database.transaction(connection -> {
            var lines = lines(connection, items);
            if (!insert(connection, key, items, lines)) {
                return repeated(connection, key, items);
            }
            // Last, so that the lock on a product everybody wants is held only for this statement and the commit.
            for (var item : items) {
                if (!take(connection, item)) {
                    throw new ApiError(409, "out_of_stock", "There is not enough stock of " + item.productId() + ".",
                            item.productId());
                }
            }
            return lines;
        });
    }

    /** Also for a key that never arrived: should it arrive late, it finds itself released already. */
    void release(String key) {
        database.transaction(connection -> {
            try (var insert = connection.prepareStatement("""
                    INSERT INTO products.reservations (key, items, released) VALUES (?, '[]', true)
                    ON CONFLICT DO NOTHING""")) {
                insert.setString(1, key);
                if (insert.executeUpdate() == 1) {
                    return null;
                }
            }
            List<Item> items;
            try (var update = connection.prepareStatement("""
                    UPDATE products.reservations SET released = true WHERE key = ? AND NOT released
                    RETURNING items""")) {
                update.setString(1, key);
                try (var rows = update.executeQuery()) {
                    items = rows.next() ? read(rows.getString(1), new TypeReference<List<Item>>() {}) : List.of();
                }
            }
            for (var item : items) {
                give(connection, item);
            }
            return null;
        });
    }

    private static List<Line> lines(Connection connection, List<Item> items) throws SQLException {
        record Facts(String name, int priceCents) {}
        Map<String, Facts> facts = new HashMap<>();
        try (var query = connection.prepareStatement(
                "SELECT id, name, price_cents FROM products.products WHERE id = ANY (?)")) {
            query.setArray(1, connection.createArrayOf("text", items.stream().map(Item::productId).toArray()));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    facts.put(rows.getString(1), new Facts(rows.getString(2), rows.getInt(3)));
                }
            }
        }
        return items.stream()
                .map(item -> {
                    var known = facts.get(item.productId());
                    if (known == null) {
                        throw ApiError.invalid("items", "There is no product " + item.productId() + ".");
                    }
                    return new Line(item.productId(), known.name(), known.priceCents(), item.quantity());
                })
                .toList();
    }

    private static boolean insert(Connection connection, String key, List<Item> items, List<Line> lines)
            throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO products.reservations (key, items, lines) VALUES (?, ?::jsonb, ?::jsonb)
                ON CONFLICT DO NOTHING""")) {
            insert.setString(1, key);
            insert.setString(2, Json.write(items));
            insert.setString(3, Json.write(lines));
            return insert.executeUpdate() == 1;
        }
    }

    private static List<Line> repeated(Connection connection, String key, List<Item> items) throws SQLException {
        try (var query = connection.prepareStatement(
                "SELECT released, items = ?::jsonb AS same, lines FROM products.reservations WHERE key = ?")) {
            query.setString(1, Json.write(items));
            query.setString(2, key);
            try (var rows = query.executeQuery()) {
                rows.next();
                if (rows.getBoolean("released")) {
                    throw new ApiError(409, "released", "This reservation has been given back.", null);
                }
                if (!rows.getBoolean("same")) {
                    throw new ApiError(422, "key_reused", "This key belongs to a reservation of other items.", "key");
                }
                return read(rows.getString("lines"), new TypeReference<List<Line>>() {});
            }
        }
    }

    private static boolean take(Connection connection, Item item) throws SQLException {
        try (var update = connection.prepareStatement(
                "UPDATE products.products SET stock = stock - ? WHERE id = ? AND stock >= ?")) {
            update.setInt(1, item.quantity());
            update.setString(2, item.productId());
            update.setInt(3, item.quantity());
            return update.executeUpdate() == 1;
        }
    }

    private static void give(Connection connection, Item item) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE products.products SET stock = stock + ? WHERE id = ?")) {
            update.setInt(1, item.quantity());
            update.setString(2, item.productId());
            update.executeUpdate();
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return Json.MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
