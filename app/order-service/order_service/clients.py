"""The two services this one asks, with calls that may be repeated.

A service that says that it cannot answer is asked once more. A replica that has gone, or hangs, says nothing: until whatever
is in between has noticed, each further attempt may meet another one.
"""

import asyncio
from uuid import UUID

import aiohttp

from .basket import Item
from .errors import ApiError, Rejected, Unavailable

# Answers that are of no use until the service counts as away.
ANSWERS = 2
# Seconds after each attempt; with the time-outs they are over before a visitor gives up.
PAUSES = (0.05, 0.1, 0.2, 0.3, 0.3, 0.3)
TIMEOUT = aiohttp.ClientTimeout(total=0.5)
TRY_AGAIN = {502, 503, 504}


class Caller:
    """Sends requests that are safe to repeat to one service."""

    def __init__(self, session: aiohttp.ClientSession, url: str, name: str):
        self._session = session
        self._url = url
        self._name = name

    async def call(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> tuple[int, dict | None]:
        unusable = 0
        for pause in PAUSES:
            try:
                async with self._session.request(
                    method, self._url + path, headers=headers, json=body, timeout=TIMEOUT
                ) as answer:
                    if answer.status not in TRY_AGAIN:
                        return answer.status, await answer.json() if answer.status != 204 else None
                    unusable += 1
            except (aiohttp.ClientConnectionError, TimeoutError):
                pass
            except (aiohttp.ClientError, ValueError):
                unusable += 1
            if unusable == ANSWERS:
                break
            await asyncio.sleep(pause)
        raise Unavailable(self._name)


class UserService:
    def __init__(self, session: aiohttp.ClientSession, url: str):
        self._caller = Caller(session, url, "user service")

    async def who(self, authorization: str | None, request_id: str) -> UUID:
        """The user that the caller's token belongs to."""
        signed_out = ApiError(401, "signed_out", "Please sign in.")
        if not authorization:
            raise signed_out
        headers = {"Authorization": authorization, "X-Request-Id": request_id}
        status, body = await self._caller.call("GET", "/api/users/me", headers)
        if status == 401:
            raise signed_out
        if status != 200 or not body:
            raise Unavailable("user service")
        return UUID(body["id"])


class ProductService:
    def __init__(self, session: aiohttp.ClientSession, url: str):
        self._caller = Caller(session, url, "product service")

    async def reserve(self, key: str, items: list[Item], request_id: str) -> list[dict]:
        """Takes the stock once, however often it is called with one key."""
        # The header tells the proxies in between that they, too, may repeat this request.
        headers = {"X-Request-Id": request_id, "Idempotency-Key": key}
        wanted = [{"productId": item.product_id, "quantity": item.quantity} for item in items]
        status, body = await self._caller.call(
            "POST", "/internal/reservations", headers, {"key": key, "items": wanted}
        )
        if status == 201 and body:
            return body["items"]
        error = (body or {}).get("error", {})
        if status in (400, 409):
            raise Rejected(status, error.get("code", "rejected"), error.get("message", ""), error.get("field"))
        raise Unavailable("product service")

    async def release(self, key: str, request_id: str) -> None:
        status, _ = await self._caller.call("DELETE", f"/internal/reservations/{key}", {"X-Request-Id": request_id})
        if status != 204:
            raise Unavailable("product service")
