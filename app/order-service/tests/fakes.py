"""Stand-ins that keep the promises of the database and of the product service."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from order_service.basket import Item
from order_service.errors import ApiError, Rejected, Unavailable
from order_service.store import Order


class FakeStore:
    def __init__(self):
        self.orders: dict[UUID, Order] = {}
        self.up = True
        self.fail_next: set[str] = set()

    async def _step(self, name: str) -> None:
        # Lets concurrent attempts interleave, as they do between two statements.
        await asyncio.sleep(0)
        if not self.up or name in self.fail_next:
            self.fail_next.discard(name)
            raise Unavailable("database")

    async def reachable(self) -> bool:
        return self.up

    async def begin(self, order_id: UUID, user_id: UUID, key: str | None, fingerprint: str) -> tuple[Order, bool]:
        await self._step("begin")
        for order in self.orders.values():
            if key is not None and (order.user_id, order.idempotency_key) == (user_id, key):
                return order, False
        order = Order(order_id, user_id, key, fingerprint, "pending", None, None, None, datetime.now(UTC))
        self.orders[order_id] = order
        return order, True

    def _move(self, order_id: UUID, start: str, **changes: object) -> Order | None:
        if self.orders[order_id].status != start:
            return None
        self.orders[order_id] = replace(self.orders[order_id], **changes)
        return self.orders[order_id]

    async def place(self, order_id: UUID, lines: list[dict], total_cents: int) -> Order | None:
        await self._step("place")
        return self._move(order_id, "pending", status="placed", items=lines, total_cents=total_cents)

    async def reject(self, order_id: UUID, problem: dict) -> Order | None:
        await self._step("reject")
        return self._move(order_id, "pending", status="rejected", problem=problem)

    async def give_up(self, order_id: UUID) -> Order | None:
        await self._step("give_up")
        return self._move(order_id, "pending", status="cancelling")

    async def cancelled(self, order_id: UUID) -> None:
        await self._step("cancelled")
        self._move(order_id, "cancelling", status="cancelled")

    async def abandoned(self) -> list[Order]:
        await self._step("abandoned")
        return [order for order in self.orders.values() if order.status == "cancelling"]

    async def by_id(self, order_id: UUID) -> Order | None:
        return self.orders.get(order_id)

    async def of_user(self, user_id: UUID, limit: int) -> list[Order]:
        found = [order for order in self.orders.values() if order.user_id == user_id and order.status == "placed"]
        return sorted(found, key=lambda order: order.created_at, reverse=True)[:limit]


class FakeProducts:
    def __init__(self, stock: int = 100):
        self.stock = stock
        self.reserved: dict[str, int] = {}
        self.released: set[str] = set()
        self.answers = True
        self.loses_answers = False

    async def reserve(self, key: str, items: list[Item], request_id: str) -> list[dict]:
        await asyncio.sleep(0)
        if not self.answers:
            raise Unavailable("product service")
        if key in self.released:
            raise Rejected(409, "released", "given back")
        wanted = sum(item.quantity for item in items)
        if key not in self.reserved:
            if wanted > self.stock:
                raise Rejected(409, "out_of_stock", "There is not enough stock.")
            self.stock -= wanted
            self.reserved[key] = wanted
        if self.loses_answers:
            raise Unavailable("product service")
        return [
            {"productId": item.product_id, "name": item.product_id, "priceCents": 100, "quantity": item.quantity}
            for item in items
        ]

    async def release(self, key: str, request_id: str) -> None:
        await asyncio.sleep(0)
        if not self.answers:
            raise Unavailable("product service")
        if key not in self.released:
            self.stock += self.reserved.get(key, 0)
            self.released.add(key)


class FakeUsers:
    def __init__(self, known: dict[str, UUID]):
        self.known = known

    async def who(self, authorization: str | None, request_id: str) -> UUID:
        user = self.known.get(authorization or "")
        if user is None:
            raise ApiError(401, "signed_out", "Please sign in.")
        return user
