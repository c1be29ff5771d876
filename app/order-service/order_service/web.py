"""HTTP: health, errors, request ids, logs and the addresses of this service."""

import asyncio
import json
import platform
import re
import socket
import time
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from aiohttp import web

from . import SERVICE, VERSION, basket, log
from .errors import ApiError, invalid
from .ordering import Ordering
from .store import Order

# While this file exists, this replica asks for no traffic.
MAINTENANCE = Path("/tmp/maintenance")
MOST_ORDERS = 100

_ID = web.RequestKey("request id", str)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEY = re.compile(r"[!-~]{1,200}")
_QUIET = {"/healthz", "/readyz", "/version"}


class Users(Protocol):
    async def who(self, authorization: str | None, request_id: str) -> UUID: ...


class Orders(Protocol):
    async def reachable(self) -> bool: ...
    async def by_id(self, order_id: UUID) -> Order | None: ...
    async def of_user(self, user_id: UUID, limit: int) -> list[Order]: ...


def order_json(order: Order) -> dict[str, object]:
    return {
        "id": str(order.id),
        "userId": str(order.user_id),
        "items": order.items,
        "totalCents": order.total_cents,
        "createdAt": order.created_at.isoformat(),
    }


class Service:
    def __init__(self, users: Users, orders: Orders, ordering: Ordering, maintenance: Path = MAINTENANCE):
        self._users = users
        self._orders = orders
        self._ordering = ordering
        self._maintenance = maintenance
        self._replica = socket.gethostname()
        self.draining = False

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._outermost], client_max_size=64 * 1024)
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/version", self._version)
        app.router.add_post("/api/orders", self._place)
        app.router.add_get("/api/orders", self._list)
        app.router.add_get("/api/orders/{id}", self._one)
        return app

    @web.middleware
    async def _outermost(self, request: web.Request, handler) -> web.StreamResponse:
        given = request.headers.get("X-Request-Id", "")
        request[_ID] = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        start = time.monotonic()
        response = await self._answer(request, handler)
        response.headers["X-Replica"] = self._replica
        response.headers["X-Request-Id"] = request[_ID]
        response.headers["Cache-Control"] = "no-store"
        if self.draining:
            response.force_close()
        if request.path not in _QUIET:
            log.write(
                "error" if response.status >= 500 else "info",
                "request",
                requestId=request[_ID],
                method=request.method,
                path=request.path,
                status=response.status,
                durationMs=round((time.monotonic() - start) * 1000, 2),
            )
        return response

    async def _answer(self, request: web.Request, handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            response = web.json_response(error.body(), status=error.status)
            if error.replayed:
                response.headers["Idempotency-Replayed"] = "true"
            return response
        except web.HTTPException as error:
            code = error.reason.lower().replace(" ", "_")
            return web.json_response({"error": {"code": code, "message": error.reason}}, status=error.status)
        except Exception as error:
            log.write("error", "request failed", requestId=request[_ID], error=repr(error))
            body = {"error": {"code": "internal", "message": "Something went wrong on our side."}}
            return web.json_response(body, status=500)

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        reason = await self._not_ready()
        if reason:
            return web.json_response({"status": "not ready", "reason": reason}, status=503)
        return web.json_response({"status": "ready"})

    async def _not_ready(self) -> str | None:
        if self.draining:
            return "draining"
        if self._maintenance.exists():
            return "maintenance"
        try:
            return None if await asyncio.wait_for(self._orders.reachable(), timeout=1) else "database"
        except TimeoutError:
            return "database"

    async def _version(self, _: web.Request) -> web.Response:
        runtime = f"Python {platform.python_version()}"
        return web.json_response({"service": SERVICE, "version": VERSION, "runtime": runtime})

    async def _caller(self, request: web.Request) -> UUID:
        return await self._users.who(request.headers.get("Authorization"), request[_ID])

    async def _place(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key")
        if key is not None and not _KEY.fullmatch(key):
            raise invalid("Idempotency-Key", "The key must be 1 to 200 visible ASCII characters.")
        try:
            body = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ApiError(400, "invalid_json", "The body is not valid JSON.") from error
        items = basket.parse(body)
        user_id = await self._caller(request)
        order, replayed = await self._ordering.place(user_id, key, items, request[_ID])
        headers = {"Location": f"/api/orders/{order.id}"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return web.json_response(order_json(order), status=201, headers=headers)

    async def _list(self, request: web.Request) -> web.Response:
        limit = request.query.get("limit", "20")
        if not re.fullmatch(r"\d{1,3}", limit) or not 1 <= int(limit) <= MOST_ORDERS:
            raise invalid("limit", f"The limit must be a whole number from 1 to {MOST_ORDERS}.")
        orders = await self._orders.of_user(await self._caller(request), int(limit))
        return web.json_response({"orders": [order_json(order) for order in orders]})

    async def _one(self, request: web.Request) -> web.Response:
        user_id = await self._caller(request)
        not_found = ApiError(404, "not_found", "There is no such order.")
        try:
            order = await self._orders.by_id(UUID(request.match_info["id"]))
        except ValueError as error:
            raise not_found from error
        if order is None or order.user_id != user_id or order.status != "placed":
            raise not_found
        return web.json_response(order_json(order))
