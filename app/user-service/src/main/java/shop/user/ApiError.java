package shop.user;

/** An answer that tells the caller what is wrong; {@code field} may be null. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;
    final String field;

    ApiError(int status, String code, String message, String field) {
        // These are ordinary answers: no one reads their stack traces, and filling them in is slow.
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.field = field;
    }

    static ApiError invalid(String field, String message) {
        return new ApiError(400, "invalid", message, field);
    }

    static ApiError notFound(String message) {
        return new ApiError(404, "not_found", message, null);
    }

    static ApiError unavailable() {
        return new ApiError(503, "unavailable", "The service cannot reach its database. Please try again.", null);
    }
}
