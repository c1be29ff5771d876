package shop.user;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Slow, salted password hashes: {@code pbkdf2-sha512$iterations$salt$hash}. */
final class Passwords {
    private static final String PREFIX = "pbkdf2-sha512";
    // OWASP's figure for PBKDF2 with SHA-512. It is stored with each hash, so it can be raised later.
    private static final int ITERATIONS = 210_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 256;

    private final SecureRandom random = new SecureRandom();
    private final String decoy;

    Passwords() {
        decoy = encode(new byte[SALT_BYTES], new byte[HASH_BITS / 8]);
    }

    String hash(String password) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return encode(salt, derive(password, salt, ITERATIONS));
    }

    boolean matches(String password, String stored) {
        var parts = stored.split("\\$");
        if (parts.length != 4 || !parts[0].equals(PREFIX)) {
            throw new IllegalStateException("a stored password hash has an unknown form");
        }
        var salt = Base64.getDecoder().decode(parts[2]);
        var expected = Base64.getDecoder().decode(parts[3]);
        return MessageDigest.isEqual(expected, derive(password, salt, Integer.parseInt(parts[1])));
    }

    /** Takes as long as a real comparison, so that the time of an answer does not tell whether an address is known. */
    void pretend(String password) {
        matches(password, decoy);
    }

    private static String encode(byte[] salt, byte[] hash) {
        var base64 = Base64.getEncoder();
        return String.join("$", PREFIX, String.valueOf(ITERATIONS),
                base64.encodeToString(salt), base64.encodeToString(hash));
    }

    private static byte[] derive(String password, byte[] salt, int iterations) {
        try {
            var specification = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(specification).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
