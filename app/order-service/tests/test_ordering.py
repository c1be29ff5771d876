import asyncio
from unittest import IsolatedAsyncioTestCase
from uuid import uuid4

from order_service.basket import Item
from order_service.errors import ApiError, Unavailable
from order_service.ordering import Ordering

from .fakes import FakeProducts, FakeStore

ANN, BEN = uuid4(), uuid4()
TWO_MUGS = [Item("mug", 2)]


class OrderingTest(IsolatedAsyncioTestCase):
    def setUp(self):
        self.store = FakeStore()
        self.products = FakeProducts()
        self.ordering = Ordering(self.store, self.products)

    async def place(self, key: str | None = "key", user=ANN, items=TWO_MUGS):
        return await self.ordering.place(user, key, items, "request")

    def only_order(self):
        (order,) = self.store.orders.values()
        return order

    async def test_places_an_order_with_the_total_of_its_lines(self):
        order, replayed = await self.place()
        self.assertEqual((order.status, order.total_cents, replayed), ("placed", 200, False))
        self.assertEqual(self.products.stock, 98)

    async def test_a_repeat_gets_the_same_order_and_takes_no_more_stock(self):
        first, _ = await self.place()
        second, replayed = await self.place()
        self.assertEqual(first, second)
        self.assertTrue(replayed)
        self.assertEqual(self.products.stock, 98)

    async def test_the_same_key_with_other_items_is_refused(self):
        await self.place()
        with self.assertRaises(ApiError) as caught:
            await self.place(items=[Item("mug", 3)])
        self.assertEqual(caught.exception.status, 422)

    async def test_keys_belong_to_their_user(self):
        await self.place(user=ANN)
        _, replayed = await self.place(user=BEN)
        self.assertFalse(replayed)
        self.assertEqual(self.products.stock, 96)

    async def test_orders_without_a_key_are_never_taken_for_repeats(self):
        await self.place(key=None)
        await self.place(key=None)
        self.assertEqual(self.products.stock, 96)

    async def test_concurrent_twins_give_one_order(self):
        answers = await asyncio.gather(*(self.place() for _ in range(20)))
        self.assertEqual(len({order.id for order, _ in answers}), 1)
        self.assertEqual(sum(not replayed for _, replayed in answers), 1)
        self.assertEqual(self.products.stock, 98)

    async def test_a_repeat_finishes_what_died_before_the_reservation(self):
        self.products.answers = False
        with self.assertRaises(Unavailable):
            await self.place()
        self.assertEqual(self.only_order().status, "pending")
        self.products.answers = True
        await self.place()
        self.assertEqual((self.only_order().status, self.products.stock), ("placed", 98))

    async def test_a_repeat_finishes_what_died_after_the_reservation(self):
        self.store.fail_next.add("place")
        with self.assertRaises(Unavailable):
            await self.place()
        self.assertEqual(self.products.stock, 98)
        await self.place()
        self.assertEqual((self.only_order().status, self.products.stock), ("placed", 98))

    async def test_a_refusal_is_remembered(self):
        self.products.stock = 1
        with self.assertRaises(ApiError) as first:
            await self.place()
        self.products.stock = 100
        with self.assertRaises(ApiError) as second:
            await self.place()
        for caught in (first, second):
            self.assertEqual((caught.exception.status, caught.exception.code), (409, "out_of_stock"))
        self.assertEqual([first.exception.replayed, second.exception.replayed], [False, True])
        self.assertEqual(self.products.stock, 100)

    async def test_an_unkeyed_order_that_failed_gives_its_stock_back(self):
        self.products.loses_answers = True
        with self.assertRaises(Unavailable):
            await self.place(key=None)
        self.assertEqual((self.only_order().status, self.products.stock), ("cancelled", 100))

    async def test_the_sweep_completes_what_could_not_be_cancelled_at_once(self):
        self.products.answers = False
        with self.assertRaises(Unavailable):
            await self.place(key=None)
        self.assertEqual(self.only_order().status, "cancelling")
        self.products.answers = True
        self.assertEqual(await self.ordering.sweep(), 1)
        self.assertEqual(self.only_order().status, "cancelled")
        self.assertEqual(await self.ordering.sweep(), 0)

    async def test_an_attempt_that_the_sweep_overtook_keeps_no_stock(self):
        reserve = self.products.reserve

        async def overtaken(key, items, request_id):
            lines = await reserve(key, items, request_id)
            await self.store.give_up(self.only_order().id)
            return lines

        self.products.reserve = overtaken
        with self.assertRaises(ApiError) as caught:
            await self.place()
        self.assertEqual(caught.exception.code, "cancelled")
        self.assertEqual(self.products.stock, 100)
