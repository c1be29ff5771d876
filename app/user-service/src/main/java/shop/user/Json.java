package shop.user;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import java.io.IOException;

final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The request's body, which must be a JSON object. */
    static JsonNode body(HttpServerExchange exchange) throws IOException {
        exchange.startBlocking();
        try {
            var node = MAPPER.readTree(exchange.getInputStream());
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new ApiError(400, "invalid_json", "The body is not valid JSON.", null);
        } catch (RequestTooBigException e) {
            throw new ApiError(413, "too_large", "The body is too large.", null);
        }
        throw new ApiError(400, "invalid_json", "The body must be a JSON object.", null);
    }
}
