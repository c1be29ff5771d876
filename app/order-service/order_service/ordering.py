"""Places an order exactly once.

The row of an order is written first, under its user and idempotency key. The reservation is keyed by the row's id. So
whoever comes second (a repeat, a concurrent twin, the successor of a replica that died) meets the same row and the same
reservation and can only bring the same order to its end.
"""

from uuid import UUID, uuid4

from . import basket, log
from .basket import Item
from .clients import ProductService
from .errors import ApiError, Rejected, Unavailable
from .store import Order, Store


class Ordering:
    def __init__(self, store: Store, products: ProductService):
        self._store = store
        self._products = products

    async def place(self, user_id: UUID, key: str | None, items: list[Item], request_id: str) -> tuple[Order, bool]:
        """The placed order, and whether it had been placed before. Without a key nobody can ask for it again."""
        fingerprint = basket.fingerprint(items)
        order, new = await self._store.begin(uuid4(), user_id, key, fingerprint)
        if order.fingerprint != fingerprint:
            raise ApiError(422, "key_reused", "This Idempotency-Key belongs to an order of other items.")
        if order.status != "pending":
            return self._settled(order, replayed=not new), True

        try:
            lines = await self._products.reserve(str(order.id), items, request_id)
        except Rejected as problem:
            stored = {"status": problem.status, "code": problem.code, "message": problem.message, "field": problem.field}
            return self._settled(await self._store.reject(order.id, stored) or await self._read(order)), True
        except Unavailable:
            if key is None:
                await self._abandon(order, request_id)
            raise

        total = sum(line["priceCents"] * line["quantity"] for line in lines)
        placed = await self._store.place(order.id, lines, total)
        if placed:
            return placed, not new
        return await self._overtaken(order, request_id), True

    async def _overtaken(self, order: Order, request_id: str) -> Order:
        """Somebody else brought the order to its end meanwhile."""
        current = await self._read(order)
        if current.status != "placed":
            await self._products.release(str(order.id), request_id)
        return self._settled(current, replayed=True)

    async def _read(self, order: Order) -> Order:
        current = await self._store.by_id(order.id)
        assert current, "orders are never deleted"
        return current

    @staticmethod
    def _settled(order: Order, replayed: bool = False) -> Order:
        if order.status == "placed":
            return order
        if order.status == "rejected" and order.problem:
            raise ApiError(**order.problem, replayed=replayed)
        raise ApiError(409, "cancelled", "This order was cancelled. Please order again.", replayed=replayed)

    async def _abandon(self, order: Order, request_id: str) -> None:
        """No repeat can finish this order, so its stock goes back; what fails here is left to the sweep."""
        try:
            await self._store.give_up(order.id)
            await self._cancel(order, request_id)
        except Unavailable as error:
            log.write("warn", "an order could not be cancelled yet", requestId=request_id, error=error)

    async def _cancel(self, order: Order, request_id: str) -> None:
        await self._products.release(str(order.id), request_id)
        await self._store.cancelled(order.id)

    async def sweep(self) -> int:
        """Cancels what was given up or never finished; returns how many."""
        orders = await self._store.abandoned()
        for order in orders:
            await self._cancel(order, f"sweep-{order.id}")
        return len(orders)
