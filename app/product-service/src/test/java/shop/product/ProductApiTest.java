package shop.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import shop.product.Reservations.Item;

final class ProductApiTest {
    @Test
    void addsUpRepeatedProductsAndSortsThem() throws Exception {
        assertEquals(List.of(new Item("lamp", 1), new Item("mug", 5)), items("""
                [{"productId": "mug", "quantity": 2},
                 {"productId": "lamp", "quantity": 1},
                 {"productId": "mug", "quantity": 3}]"""));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "null",
        "{}",
        "[]",
        "[5]",
        "[{}]",
        "[{\"productId\": \"mug\"}]",
        "[{\"productId\": \" \", \"quantity\": 1}]",
        "[{\"productId\": 7, \"quantity\": 1}]",
        "[{\"productId\": \"mug\", \"quantity\": 0}]",
        "[{\"productId\": \"mug\", \"quantity\": -1}]",
        "[{\"productId\": \"mug\", \"quantity\": 1.5}]",
        "[{\"productId\": \"mug\", \"quantity\": \"1\"}]",
        "[{\"productId\": \"mug\", \"quantity\": true}]",
        "[{\"productId\": \"mug\", \"quantity\": 1001}]",
        "[{\"productId\": \"mug\", \"quantity\": 4294967297}]",
    })
    void refusesItemsThatNobodyCanDeliver(String items) {
        var error = assertThrows(ApiError.class, () -> items(items));
        assertEquals(400, error.status);
        assertEquals("items", error.field);
    }

    @Test
    void refusesTooManyItems() {
        var one = "{\"productId\": \"mug\", \"quantity\": 1}";
        assertThrows(ApiError.class, () -> items("[" + (one + ",").repeat(50) + one + "]"));
    }

    @Test
    void searchesForWildcardsLiterally() {
        assertEquals("%50\\%\\_a\\\\b%", Catalogue.contains("50%_a\\b"));
    }

    private static List<Item> items(String json) throws JsonProcessingException {
        return ProductApi.items(Json.object().set("items", Json.MAPPER.readTree(json)));
    }
}
