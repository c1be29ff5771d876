import pytest
from order_service import basket
from order_service.basket import Item
from order_service.errors import ApiError

MUG = {"productId": "mug", "quantity": 1}


def test_adds_up_repeated_products_and_sorts_them():
    body = {"items": [{"productId": "mug", "quantity": 2}, {"productId": "lamp", "quantity": 1}, MUG]}
    assert basket.parse(body) == [Item("lamp", 1), Item("mug", 3)]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"items": None},
        {"items": []},
        {"items": [None]},
        {"items": [{"productId": "mug"}]},
        {"items": [{"productId": " ", "quantity": 1}]},
        {"items": [{"productId": "a\0b", "quantity": 1}]},
        {"items": [{"productId": 7, "quantity": 1}]},
        {"items": [{"productId": "mug", "quantity": 0}]},
        {"items": [{"productId": "mug", "quantity": -1}]},
        {"items": [{"productId": "mug", "quantity": 1.5}]},
        {"items": [{"productId": "mug", "quantity": "1"}]},
        {"items": [{"productId": "mug", "quantity": True}]},
        {"items": [{"productId": "mug", "quantity": 1001}]},
        {"items": [{"productId": "mug", "quantity": 600}] * 2},
        {"items": [MUG] * 51},
    ],
)
def test_refuses_items_that_nobody_can_deliver(body):
    with pytest.raises(ApiError) as caught:
        basket.parse(body)
    assert (caught.value.status, caught.value.field) == (400, "items")


def test_the_fingerprint_tells_what_is_wanted_apart():
    def fingerprint(*items):
        return basket.fingerprint(basket.parse({"items": list(items)}))

    lamp = {"productId": "lamp", "quantity": 1}
    assert fingerprint(MUG, lamp) == fingerprint(lamp, MUG)
    assert fingerprint(MUG, MUG) == fingerprint({"productId": "mug", "quantity": 2})
    assert fingerprint(MUG) != fingerprint(MUG, MUG)
    assert fingerprint(MUG) != fingerprint(lamp)
