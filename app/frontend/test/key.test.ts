import { expect, it } from "vitest";
import { newKey } from "../src/key";
import { money } from "../src/money";

const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) };

it("makes a different key each time", () => {
  expect(newKey()).not.toBe(newKey());
});

it("makes keys where the browser offers no randomUUID", () => {
  expect(newKey(insecure)).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey(insecure)).not.toBe(newKey(insecure));
});

it("shows cents as money", () => {
  expect([0, 5, 1800, 1234567].map(money)).toEqual(["€0.00", "€0.05", "€18.00", "€12,345.67"]);
});
