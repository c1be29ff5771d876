import type { OrderItem } from "./api";
import { newKey } from "./key";

/**
 * What the customer wants to buy. The key belongs to these very items: as long as nothing changes, ordering again (after a
 * failure, or after a reload of the page) repeats the same order and cannot make a second one.
 */
export interface Basket {
  items: Record<string, number>;
  key: string;
}

export type Change =
  | { type: "add"; id: string; limit: number }
  | { type: "set"; id: string; quantity: number; limit: number }
  | { type: "new key" }
  | { type: "empty" };

export const MOST_OF_ONE = 99;

export function emptyBasket(): Basket {
  return { items: {}, key: newKey() };
}

export function change(basket: Basket, action: Change): Basket {
  switch (action.type) {
    case "add":
      return withQuantity(basket, action.id, (basket.items[action.id] ?? 0) + 1, action.limit);
    case "set":
      return withQuantity(basket, action.id, action.quantity, action.limit);
    case "new key":
      return { ...basket, key: newKey() };
    case "empty":
      return emptyBasket();
  }
}

function withQuantity(basket: Basket, id: string, wanted: number, limit: number): Basket {
  const quantity = Math.max(0, Math.min(Math.trunc(wanted) || 0, limit, MOST_OF_ONE));
  if (quantity === (basket.items[id] ?? 0)) return basket;
  const items = { ...basket.items, [id]: quantity };
  if (quantity === 0) delete items[id];
  return { items, key: newKey() };
}

export function orderItems(basket: Basket): OrderItem[] {
  return Object.entries(basket.items).map(([productId, quantity]) => ({ productId, quantity }));
}

export function totalCents(basket: Basket, prices: ReadonlyMap<string, { priceCents: number }>): number {
  return Object.entries(basket.items).reduce(
    (sum, [id, quantity]) => sum + (prices.get(id)?.priceCents ?? 0) * quantity,
    0,
  );
}

/** A basket from storage, or an empty one if what is stored makes no sense. */
export function readBasket(text: string | null): Basket {
  try {
    const stored = JSON.parse(text ?? "null") as Partial<Basket> | null;
    const entries = Object.entries(stored?.items ?? {});
    const sound = entries.every(([, quantity]) => Number.isInteger(quantity) && quantity > 0 && quantity <= MOST_OF_ONE);
    if (stored && typeof stored.key === "string" && sound) return { items: Object.fromEntries(entries), key: stored.key };
  } catch {
    // Falls through to an empty basket: storage may hold anything.
  }
  return emptyBasket();
}
