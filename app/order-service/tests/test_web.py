import tempfile
from pathlib import Path
from unittest import IsolatedAsyncioTestCase
from uuid import uuid4

from aiohttp.test_utils import TestClient, TestServer
from order_service import SERVICE
from order_service.ordering import Ordering
from order_service.web import Service

from .fakes import FakeProducts, FakeStore, FakeUsers

ANN, BEN = {"Authorization": "Bearer ann"}, {"Authorization": "Bearer ben"}
ONE_MUG = {"items": [{"productId": "mug", "quantity": 1}]}


class WebTest(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.maintenance = Path(folder.name) / "maintenance"
        self.store = FakeStore()
        users = FakeUsers({"Bearer ann": uuid4(), "Bearer ben": uuid4()})
        self.service = Service(users, self.store, Ordering(self.store, FakeProducts(stock=5)), self.maintenance)
        self.client = TestClient(TestServer(self.service.application()))
        await self.client.start_server()
        self.addAsyncCleanup(self.client.close)

    async def order(self, headers, body=ONE_MUG):
        answer = await self.client.post("/api/orders", headers=headers, json=body)
        return answer, await answer.json()

    async def assert_error(self, answer, status, code):
        self.assertEqual((answer.status, (await answer.json())["error"]["code"]), (status, code))

    async def test_is_alive_without_a_database_but_not_ready(self):
        self.store.up = False
        self.assertEqual((await self.client.get("/healthz")).status, 200)
        self.assertEqual((await self.client.get("/readyz")).status, 503)
        self.store.up = True
        self.assertEqual((await self.client.get("/readyz")).status, 200)

    async def test_is_not_ready_while_the_maintenance_file_exists(self):
        self.maintenance.touch()
        self.assertEqual((await self.client.get("/readyz")).status, 503)
        self.maintenance.unlink()
        self.assertEqual((await self.client.get("/readyz")).status, 200)

    async def test_while_draining_serves_but_closes_connections(self):
        self.service.draining = True
        self.assertEqual((await self.client.get("/readyz")).status, 503)
        answer, _ = await self.order(ANN)
        self.assertEqual((answer.status, answer.headers["Connection"]), (201, "close"))

    async def test_tells_its_version_and_its_replica(self):
        answer = await self.client.get("/version")
        self.assertIn("X-Replica", answer.headers)
        version = await answer.json()
        self.assertEqual(version["service"], SERVICE)
        self.assertRegex(version["runtime"], r"^Python 3\.\d+\.\d+")

    async def test_keeps_a_sound_request_id_and_replaces_another(self):
        known = await self.client.get("/nothing", headers={"X-Request-Id": "abc-1"})
        self.assertEqual(known.headers["X-Request-Id"], "abc-1")
        odd = await self.client.get("/nothing", headers={"X-Request-Id": '"}{'})
        self.assertEqual(len(odd.headers["X-Request-Id"]), 36)

    async def test_places_an_order_once_per_key(self):
        first, placed = await self.order(ANN | {"Idempotency-Key": "k"})
        again, same = await self.order(ANN | {"Idempotency-Key": "k"})
        self.assertEqual((first.status, again.status, placed), (201, 201, same))
        self.assertNotIn("Idempotency-Replayed", first.headers)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")

    async def test_lists_ones_own_orders_newest_first(self):
        _, first = await self.order(ANN)
        _, second = await self.order(ANN)
        await self.order(BEN)
        listed = await (await self.client.get("/api/orders", headers=ANN)).json()
        self.assertEqual(listed["orders"], [second, first])
        newest = await (await self.client.get("/api/orders?limit=1", headers=ANN)).json()
        self.assertEqual(newest["orders"], [second])

    async def test_shows_an_order_to_its_owner_only(self):
        _, placed = await self.order(ANN)
        path = f"/api/orders/{placed['id']}"
        self.assertEqual(await (await self.client.get(path, headers=ANN)).json(), placed)
        await self.assert_error(await self.client.get(path, headers=BEN), 404, "not_found")
        await self.assert_error(await self.client.get("/api/orders/none", headers=ANN), 404, "not_found")

    async def test_answers_errors_as_json(self):
        post = self.client.post
        await self.assert_error(await post("/api/orders", json=ONE_MUG), 401, "signed_out")
        await self.assert_error(await post("/api/orders", headers=ANN, data="{"), 400, "invalid_json")
        await self.assert_error(await post("/api/orders", headers=ANN, json={}), 400, "invalid")
        await self.assert_error(await post("/api/orders", headers=ANN | {"Idempotency-Key": "ä"}, json=ONE_MUG), 400, "invalid")
        await self.assert_error(await self.client.get("/api/orders?limit=0", headers=ANN), 400, "invalid")
        await self.assert_error(await self.client.get("/nothing"), 404, "not_found")
        await self.assert_error(await self.client.delete("/api/orders"), 405, "method_not_allowed")

    async def test_tells_when_the_stock_is_not_enough(self):
        many = {"items": [{"productId": "mug", "quantity": 6}]}
        answer = await self.client.post("/api/orders", headers=ANN, json=many)
        await self.assert_error(answer, 409, "out_of_stock")

    async def test_an_unexpected_error_shows_no_details(self):
        self.store.by_id = None
        _, placed = await self.order(ANN)
        answer = await self.client.get(f"/api/orders/{placed['id']}", headers=ANN)
        await self.assert_error(answer, 500, "internal")
        self.assertNotIn("NoneType", await answer.text())
