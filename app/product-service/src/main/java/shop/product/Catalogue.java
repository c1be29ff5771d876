package shop.product;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the products. */
final class Catalogue {
    record Product(
            String id, String name, String description, String category, int priceCents, int stock, String image) {}

    private static final String COLUMNS = "id, name, description, category, price_cents, stock, image";

    private final Database database;

    Catalogue(Database database) {
        this.database = database;
    }

    List<Product> find(String search, String category) {
        return database.run(connection -> {
            try (var query = connection.prepareStatement("""
                    SELECT %s FROM products.products
                    WHERE (? = '' OR name ILIKE ? OR description ILIKE ? OR category ILIKE ?)
                      AND (? = '' OR category = ?)
                    ORDER BY position""".formatted(COLUMNS))) {
                var pattern = contains(search);
                query.setString(1, search);
                query.setString(2, pattern);
                query.setString(3, pattern);
                query.setString(4, pattern);
                query.setString(5, category);
                query.setString(6, category);
                try (var rows = query.executeQuery()) {
                    var products = new ArrayList<Product>();
                    while (rows.next()) {
                        products.add(product(rows));
                    }
                    return products;
                }
            }
        });
    }

    Optional<Product> byId(String id) {
        return database.run(connection -> {
            try (var query = connection.prepareStatement(
                    "SELECT " + COLUMNS + " FROM products.products WHERE id = ?")) {
                query.setString(1, id);
                try (var rows = query.executeQuery()) {
                    return rows.next() ? Optional.of(product(rows)) : Optional.empty();
                }
            }
        });
    }

    /** A LIKE pattern that takes the text literally. */
    static String contains(String text) {
        return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    }

    private static Product product(ResultSet row) throws SQLException {
        return new Product(
                row.getString("id"),
                row.getString("name"),
                row.getString("description"),
                row.getString("category"),
                row.getInt("price_cents"),
                row.getInt("stock"),
                row.getString("image"));
    }
}
