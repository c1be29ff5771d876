import { describe, expect, it } from "vitest";
import { type Basket, change, emptyBasket, MOST_OF_ONE, orderItems, readBasket, totalCents } from "../src/basket";

const add = (basket: Basket, id: string, limit = 10) => change(basket, { type: "add", id, limit });
const set = (basket: Basket, id: string, quantity: number, limit = 10) =>
  change(basket, { type: "set", id, quantity, limit });

describe("the basket", () => {
  it("counts what is added", () => {
    const basket = add(add(add(emptyBasket(), "mug"), "lamp"), "mug");
    expect(basket.items).toEqual({ mug: 2, lamp: 1 });
    expect(orderItems(basket)).toEqual([
      { productId: "mug", quantity: 2 },
      { productId: "lamp", quantity: 1 },
    ]);
  });

  it("holds no more than there is, and no more than one may order", () => {
    expect(add(add(emptyBasket(), "mug", 1), "mug", 1).items).toEqual({ mug: 1 });
    expect(set(emptyBasket(), "gift", 500, 10_000).items).toEqual({ gift: MOST_OF_ONE });
  });

  it.each([0, -3, Number.NaN])("drops a product whose quantity becomes %s", (quantity) => {
    expect(set(add(emptyBasket(), "mug"), "mug", quantity).items).toEqual({});
  });

  it("has a new key whenever its items change, and only then", () => {
    const one = add(emptyBasket(), "mug");
    const two = add(one, "mug");
    expect(two.key).not.toBe(one.key);
    expect(set(two, "mug", 2)).toBe(two);
    expect(change(two, { type: "new key" })).toEqual({ items: two.items, key: expect.not.stringMatching(two.key) });
    expect(change(two, { type: "empty" }).items).toEqual({});
  });

  it("adds up the prices it knows", () => {
    const basket = add(set(emptyBasket(), "mug", 2), "unknown");
    expect(totalCents(basket, new Map([["mug", { priceCents: 1800 }]]))).toBe(3600);
  });
});

describe("a stored basket", () => {
  it("comes back with its key", () => {
    const basket = add(emptyBasket(), "mug");
    expect(readBasket(JSON.stringify(basket))).toEqual(basket);
  });

  it.each([null, "", "{", "5", "null", '{"items":{"mug":1}}', '{"key":"k","items":{"mug":-1}}', '{"key":"k","items":{"mug":"1"}}'])(
    "is empty if it was %s",
    (text) => {
      expect(readBasket(text).items).toEqual({});
    },
  );
});
