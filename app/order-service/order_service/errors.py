"""Answers that tell the caller what is wrong."""


class ApiError(Exception):
    def __init__(self, status: int, code: str, message: str, field: str | None = None, replayed: bool = False):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.replayed = replayed

    def body(self) -> dict[str, object]:
        error = {"code": self.code, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        return {"error": error}


class Unavailable(ApiError):
    """Something this service needs gives no answer; a repeat may succeed."""

    def __init__(self, what: str):
        super().__init__(503, "unavailable", f"The {what} gives no answer. Please try again.")


class Rejected(ApiError):
    """The product service's final no: an unknown product, or not enough stock."""


def invalid(field: str, message: str) -> ApiError:
    return ApiError(400, "invalid", message, field)
