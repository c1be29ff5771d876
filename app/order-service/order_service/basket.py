"""The wanted items: checked, each product once, in a fixed order."""

import hashlib
import json
from dataclasses import dataclass

from .errors import invalid

MOST_ITEMS = 50
MOST_OF_ONE = 1000


@dataclass(frozen=True)
class Item:
    product_id: str
    quantity: int


def parse(body: object) -> list[Item]:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise invalid("items", f"Give 1 to {MOST_ITEMS} items.")
    wanted: dict[str, int] = {}
    for item in items:
        product_id = item.get("productId") if isinstance(item, dict) else None
        quantity = item.get("quantity") if isinstance(item, dict) else None
        if not isinstance(product_id, str) or not product_id.strip() or "\0" in product_id:
            raise invalid("items", "Each item needs a productId.")
        # A bool is an int in Python, yet true is not a quantity.
        if type(quantity) is not int or not 1 <= quantity <= MOST_OF_ONE:
            raise invalid("items", f"Each quantity must be a whole number from 1 to {MOST_OF_ONE}.")
        wanted[product_id] = wanted.get(product_id, 0) + quantity
    if max(wanted.values()) > MOST_OF_ONE:
        raise invalid("items", f"Order at most {MOST_OF_ONE} of one product.")
    return [Item(product_id, wanted[product_id]) for product_id in sorted(wanted)]


def fingerprint(items: list[Item]) -> str:
    """Equal for two requests that want the same."""
    canonical = json.dumps([[item.product_id, item.quantity] for item in items])
    return hashlib.sha256(canonical.encode()).hexdigest()
