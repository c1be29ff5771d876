package shop.user;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signed, expiring proofs of who somebody is, which every replica can check by itself. */
final class Tokens {
    static final Duration LIFETIME = Duration.ofHours(12);

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final Clock clock;

    Tokens(String key, Clock clock) {
        this.key = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        this.clock = clock;
    }

    String issue(UUID userId) {
        var expires = clock.instant().plus(LIFETIME).getEpochSecond();
        var claims = Json.write(Json.object().put("sub", userId.toString()).put("exp", expires));
        var payload = encode(claims.getBytes(StandardCharsets.UTF_8));
        return payload + "." + encode(sign(payload));
    }

    /** The user a token belongs to, or nothing for a token that is forged, damaged or expired. */
    Optional<UUID> verify(String token) {
        var dot = token.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        var payload = token.substring(0, dot);
        try {
            if (!MessageDigest.isEqual(sign(payload), Base64.getUrlDecoder().decode(token.substring(dot + 1)))) {
                return Optional.empty();
            }
            var claims = claims(payload);
            var expired = claims.path("exp").asLong() <= clock.instant().getEpochSecond();
            return expired ? Optional.empty() : Optional.of(UUID.fromString(claims.path("sub").asText()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static JsonNode claims(String payload) {
        var text = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private byte[] sign(String payload) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(payload.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
