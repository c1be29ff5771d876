package shop.product;

import com.fasterxml.jackson.databind.JsonNode;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import shop.product.Reservations.Item;
import shop.product.Server.Reply;

/** The addresses of this service. Only /api is routed from outside; /internal is for the order service. */
final class ProductApi {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,200}");
    private static final int MOST_ITEMS = 50;
    private static final int MOST_OF_ONE = 1_000;
    private static final int LONGEST_SEARCH = 100;

    private final Catalogue catalogue;
    private final Reservations reservations;

    ProductApi(Catalogue catalogue, Reservations reservations) {
        this.catalogue = catalogue;
        this.reservations = reservations;
    }

    void register(Server server) {
        server.route(Methods.GET, "/api/products", this::list)
                .route(Methods.GET, "/api/products/{id}", this::one)
                .route(Methods.POST, "/internal/reservations", this::reserve)
                .route(Methods.DELETE, "/internal/reservations/{key}", this::release);
    }

    private Reply list(HttpServerExchange exchange) {
        var search = parameter(exchange, "search");
        if (search.length() > LONGEST_SEARCH) {
            throw ApiError.invalid("search", "Search for at most " + LONGEST_SEARCH + " characters.");
        }
        return new Reply(200, Map.of("products", catalogue.find(search, parameter(exchange, "category"))));
    }

    private Reply one(HttpServerExchange exchange) {
        var product = catalogue.byId(parameter(exchange, "id"));
        return new Reply(200, product.orElseThrow(() -> ApiError.notFound("There is no such product.")));
    }

    private Reply reserve(HttpServerExchange exchange) throws Exception {
        var body = Json.body(exchange);
        var key = body.path("key").asText("");
        checkKey(key);
        return new Reply(201, Map.of("key", key, "items", reservations.reserve(key, items(body))));
    }

    private Reply release(HttpServerExchange exchange) {
        var key = parameter(exchange, "key");
        checkKey(key);
        reservations.release(key);
        return new Reply(204, null);
    }

    private static void checkKey(String key) {
        if (!KEY.matcher(key).matches()) {
            throw ApiError.invalid("key", "The key must be 1 to 200 letters, digits or any of . _ : -");
        }
    }

    /** The wanted items, each product once and in a fixed order. */
    static List<Item> items(JsonNode body) {
        var items = body.path("items");
        if (!items.isArray() || items.isEmpty() || items.size() > MOST_ITEMS) {
            throw ApiError.invalid("items", "Give 1 to " + MOST_ITEMS + " items.");
        }
        var wanted = new TreeMap<String, Integer>();
        for (var item : items) {
            var productId = item.path("productId");
            var quantity = item.path("quantity");
            if (!productId.isTextual() || productId.asText().isBlank()) {
                throw ApiError.invalid("items", "Each item needs a productId.");
            }
            if (!quantity.canConvertToInt() || !quantity.isIntegralNumber()
                    || quantity.asInt() < 1 || quantity.asInt() > MOST_OF_ONE) {
                throw ApiError.invalid("items", "Each quantity must be a whole number from 1 to " + MOST_OF_ONE + ".");
            }
            wanted.merge(productId.asText(), quantity.asInt(), Integer::sum);
        }
        return wanted.entrySet().stream().map(entry -> new Item(entry.getKey(), entry.getValue())).toList();
    }

    private static String parameter(HttpServerExchange exchange, String name) {
        var values = exchange.getQueryParameters().get(name);
        return values == null ? "" : values.getFirst().strip();
    }
}
