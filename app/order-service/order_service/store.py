"""The orders in PostgreSQL. Every statement stands alone, so a death between two of them leaves nothing half-done."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from . import SERVICE
from .errors import Unavailable
from .settings import Settings

FRESH_SECONDS = 1.0
ABANDONED_AFTER = "15 minutes"

_COLUMNS = "id, user_id, idempotency_key, fingerprint, status, items, total_cents, problem, created_at"


@dataclass(frozen=True)
class Order:
    id: UUID
    user_id: UUID
    idempotency_key: str | None
    fingerprint: str
    status: str
    items: list[dict] | None
    total_cents: int | None
    problem: dict | None
    created_at: datetime


class Store:
    def __init__(self, settings: Settings):
        self._last_success = -FRESH_SECONDS
        self._pool = AsyncConnectionPool(
            min_size=1,
            max_size=5,
            timeout=2,
            max_lifetime=300,
            max_idle=60,
            # The pool waits longer after every failed attempt; giving up early makes the next request try at once.
            reconnect_timeout=1,
            check=AsyncConnectionPool.check_connection,
            open=False,
            kwargs={
                "host": settings.database_host,
                "port": settings.database_port,
                "dbname": settings.database_name,
                "user": settings.database_user,
                "password": settings.database_password,
                "application_name": SERVICE,
                "autocommit": True,
                "connect_timeout": 2,
                # A database that vanished without a farewell is noticed after three seconds.
                "tcp_user_timeout": 3000,
                "keepalives_idle": 5,
                "keepalives_interval": 1,
                "keepalives_count": 3,
            },
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close(timeout=1)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            raise Unavailable("database") from error
        self._last_success = time.monotonic()

    async def reachable(self) -> bool:
        """Whether the database answered within the last second; asks it if nobody else has."""
        if not self._fresh():
            try:
                async with self._connection() as connection:
                    await connection.execute("SELECT 1")
            except Unavailable:
                # While all connections are busy this one gets none, yet the others' answers prove the database well.
                return self._fresh()
        return True

    def _fresh(self) -> bool:
        return time.monotonic() - self._last_success < FRESH_SECONDS

    async def _one(self, sql: str, *parameters: object) -> Order | None:
        async with self._connection() as connection, connection.cursor(row_factory=class_row(Order)) as cursor:
            await cursor.execute(sql, parameters)
            return await cursor.fetchone()

    async def _all(self, sql: str, *parameters: object) -> list[Order]:
        async with self._connection() as connection, connection.cursor(row_factory=class_row(Order)) as cursor:
            await cursor.execute(sql, parameters)
            return await cursor.fetchall()

    async def begin(self, order_id: UUID, user_id: UUID, key: str | None, fingerprint: str) -> tuple[Order, bool]:
        """The order of this user and key, and whether this call made it."""
        made = await self._one(
            "INSERT INTO orders.orders (id, user_id, idempotency_key, fingerprint, status)"
            " VALUES (%s, %s, %s, %s, 'pending')"
            f" ON CONFLICT (user_id, idempotency_key) DO NOTHING RETURNING {_COLUMNS}",
            order_id, user_id, key, fingerprint,
        )
        if made:
            return made, True
        found = await self._one(
            f"SELECT {_COLUMNS} FROM orders.orders WHERE user_id = %s AND idempotency_key = %s", user_id, key
        )
        assert found, "orders are never deleted"
        return found, False

    async def place(self, order_id: UUID, lines: list[dict], total_cents: int) -> Order | None:
        """The placed order, or nothing if it is no longer pending."""
        return await self._one(
            "UPDATE orders.orders SET status = 'placed', items = %s, total_cents = %s"
            f" WHERE id = %s AND status = 'pending' RETURNING {_COLUMNS}",
            Jsonb(lines), total_cents, order_id,
        )

    async def reject(self, order_id: UUID, problem: dict) -> Order | None:
        return await self._one(
            "UPDATE orders.orders SET status = 'rejected', problem = %s"
            f" WHERE id = %s AND status = 'pending' RETURNING {_COLUMNS}",
            Jsonb(problem), order_id,
        )

    async def give_up(self, order_id: UUID) -> Order | None:
        return await self._one(
            "UPDATE orders.orders SET status = 'cancelling'"
            f" WHERE id = %s AND status = 'pending' RETURNING {_COLUMNS}",
            order_id,
        )

    async def cancelled(self, order_id: UUID) -> None:
        await self._one(
            f"UPDATE orders.orders SET status = 'cancelled' WHERE id = %s AND status = 'cancelling' RETURNING {_COLUMNS}",
            order_id,
        )

    async def abandoned(self) -> list[Order]:
        """Orders to cancel: those given up, and those whose client never came back to finish them."""
        await self._all(
            "UPDATE orders.orders SET status = 'cancelling' WHERE status = 'pending'"
            f" AND created_at < now() - interval '{ABANDONED_AFTER}' RETURNING {_COLUMNS}"
        )
        return await self._all(f"SELECT {_COLUMNS} FROM orders.orders WHERE status = 'cancelling' LIMIT 50")

    async def by_id(self, order_id: UUID) -> Order | None:
        return await self._one(f"SELECT {_COLUMNS} FROM orders.orders WHERE id = %s", order_id)

    async def of_user(self, user_id: UUID, limit: int) -> list[Order]:
        return await self._all(
            f"SELECT {_COLUMNS} FROM orders.orders WHERE user_id = %s AND status = 'placed'"
            " ORDER BY created_at DESC LIMIT %s",
            user_id, limit,
        )
