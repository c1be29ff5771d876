from unittest import IsolatedAsyncioTestCase
from uuid import UUID

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from order_service.basket import Item
from order_service.clients import ProductService, UserService
from order_service.errors import ApiError, Rejected, Unavailable

USER = UUID("00000000-0000-0000-0000-000000000001")
LINES = [{"productId": "mug", "name": "Mug", "priceCents": 100, "quantity": 1}]


class ClientsTest(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.seen: list[web.BaseRequest] = []
        self.answers: list[web.Response | None] = []

        async def answer(request: web.BaseRequest) -> web.Response:
            self.seen.append(request)
            if request.can_read_body:
                await request.read()
            given = self.answers.pop(0)
            if given is None:
                request.transport.close()
                raise ConnectionResetError
            return given

        server = RawTestServer(answer)
        await server.start_server()
        self.addAsyncCleanup(server.close)
        self.session = session = aiohttp.ClientSession()
        self.addAsyncCleanup(session.close)
        url = str(server.make_url("")).rstrip("/")
        self.users = UserService(session, url)
        self.products = ProductService(session, url)

    async def test_asks_the_user_service_with_the_callers_token_and_request_id(self):
        self.answers = [web.json_response({"id": str(USER)})]
        self.assertEqual(await self.users.who("Bearer t", "r-1"), USER)
        headers = self.seen[0].headers
        self.assertEqual((headers["Authorization"], headers["X-Request-Id"]), ("Bearer t", "r-1"))

    async def test_asks_nobody_without_a_token(self):
        with self.assertRaises(ApiError) as caught:
            await self.users.who(None, "r-1")
        self.assertEqual((caught.exception.status, self.seen), (401, []))

    async def test_passes_a_refused_token_on(self):
        self.answers = [web.json_response({}, status=401)]
        with self.assertRaises(ApiError) as caught:
            await self.users.who("Bearer t", "r-1")
        self.assertEqual(caught.exception.status, 401)

    async def test_repeats_once_when_no_replica_was_there(self):
        self.answers = [web.Response(status=503), web.json_response({"id": str(USER)})]
        self.assertEqual(await self.users.who("Bearer t", "r-1"), USER)

    async def test_gives_up_after_the_second_attempt(self):
        self.answers = [web.Response(status=503), web.Response(status=502)]
        with self.assertRaises(Unavailable):
            await self.users.who("Bearer t", "r-1")
        self.assertEqual(len(self.seen), 2)

    async def test_tries_on_while_replicas_go_away(self):
        self.answers = [None, None, None, web.json_response({"id": str(USER)})]
        self.assertEqual(await self.users.who("Bearer t", "r-1"), USER)

    async def test_gives_up_where_nobody_listens(self):
        users = UserService(self.session, "http://127.0.0.1:1")
        with self.assertRaises(Unavailable):
            await users.who("Bearer t", "r-1")

    async def test_repeats_a_reservation_under_its_own_key(self):
        self.answers = [web.Response(status=504), web.json_response({"items": LINES}, status=201)]
        self.assertEqual(await self.products.reserve("order-1", [Item("mug", 1)], "r-1"), LINES)
        self.assertEqual([request.headers["Idempotency-Key"] for request in self.seen], ["order-1"] * 2)

    async def test_a_refusal_is_final(self):
        problem = {"error": {"code": "out_of_stock", "message": "None left.", "field": "mug"}}
        self.answers = [web.json_response(problem, status=409)]
        with self.assertRaises(Rejected) as caught:
            await self.products.reserve("order-1", [Item("mug", 1)], "r-1")
        self.assertEqual((caught.exception.code, caught.exception.field), ("out_of_stock", "mug"))

    async def test_a_server_error_is_no_refusal(self):
        self.answers = [web.json_response({}, status=500)]
        with self.assertRaises(Unavailable):
            await self.products.reserve("order-1", [Item("mug", 1)], "r-1")

    async def test_an_answer_that_is_not_json_is_no_answer(self):
        self.answers = [web.Response(text="<html>"), web.Response(text="<html>")]
        with self.assertRaises(Unavailable):
            await self.users.who("Bearer t", "r-1")

    async def test_releases_a_reservation(self):
        self.answers = [web.Response(status=204)]
        await self.products.release("order-1", "r-1")
        self.assertEqual((self.seen[0].method, self.seen[0].path), ("DELETE", "/internal/reservations/order-1"))
