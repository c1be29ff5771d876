import { describe, expect, it, vi } from "vitest";
import { Api, ApiError } from "../src/api";

type Answer = Response | Error;

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** An API whose server gives these answers, one after the other. */
function apiWith(...answers: Answer[]) {
  const send = vi.fn(async (..._: Parameters<typeof fetch>) => {
    const answer = answers.shift();
    if (!answer) throw new Error("one request too many");
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const replicas: string[] = [];
  const api = new Api(
    send,
    () => Promise.resolve(),
    (service, replica) => replicas.push(`${service}@${replica}`),
  );
  const headers = (call: number) => new Headers(send.mock.calls[call]?.[1]?.headers);
  return { api, send, headers, replicas };
}

const ORDER = { id: "o1", items: [], totalCents: 0, createdAt: "2026-01-01T00:00:00Z" };
const ITEMS = [{ productId: "mug", quantity: 1 }];
const offline = () => new TypeError("Failed to fetch");

describe("placing an order", () => {
  it("sends the token, the key and the items", async () => {
    const { api, send, headers } = apiWith(json(201, ORDER));
    expect(await api.placeOrder("t", "k", ITEMS)).toEqual(ORDER);
    expect(send.mock.calls[0]?.[1]?.body).toBe(JSON.stringify({ items: ITEMS }));
    expect([headers(0).get("Authorization"), headers(0).get("Idempotency-Key")]).toEqual(["Bearer t", "k"]);
  });

  it("repeats itself with the same key while there is no answer", async () => {
    const { api, send, headers } = apiWith(offline(), json(503, {}), json(201, ORDER));
    expect(await api.placeOrder("t", "k", ITEMS)).toEqual(ORDER);
    expect(send).toHaveBeenCalledTimes(3);
    expect([0, 1, 2].map((call) => headers(call).get("Idempotency-Key"))).toEqual(["k", "k", "k"]);
  });

  it("gives up after four attempts", async () => {
    const { api, send } = apiWith(offline(), offline(), offline(), offline());
    await expect(api.placeOrder("t", "k", ITEMS)).rejects.toMatchObject({ status: 0, passing: true });
    expect(send).toHaveBeenCalledTimes(4);
  });

  it.each([400, 401, 409, 422, 500])("does not repeat an answer %i", async (status) => {
    const { api, send } = apiWith(json(status, { error: { message: "no" } }));
    await expect(api.placeOrder("t", "k", ITEMS)).rejects.toMatchObject({ status, passing: false });
    expect(send).toHaveBeenCalledTimes(1);
  });
});

describe("an error", () => {
  it("keeps the service's words and the field they are about", async () => {
    const { api } = apiWith(json(409, { error: { code: "email_taken", message: "Taken.", field: "email" } }));
    await expect(api.register("Ann", "a@b.org", "12345678")).rejects.toMatchObject({ message: "Taken.", field: "email" });
  });

  it.each([json(500, { error: { message: "NullPointerException" } }), new Response("<html>", { status: 502 }), offline()])(
    "says something kind when the shop itself is in trouble",
    async (answer) => {
      const { api } = apiWith(answer);
      await expect(api.signIn("a@b.org", "12345678")).rejects.toThrow(/cannot be reached right now/);
    },
  );

  it("is no ApiError when the page itself stopped the request", async () => {
    const stop = new AbortController();
    stop.abort();
    const { api } = apiWith(new DOMException("stopped", "AbortError"));
    await expect(api.products("", "", stop.signal)).rejects.not.toBeInstanceOf(ApiError);
  });
});

describe("the other calls", () => {
  it("search with an escaped text and tell which replica answered", async () => {
    const { api, send, replicas } = apiWith(json(200, { products: [] }, { "X-Replica": "r1" }));
    await api.products("50% & more", "Home", new AbortController().signal);
    expect(send.mock.calls[0]?.[0]).toBe("/api/products?search=50%25+%26+more&category=Home");
    expect(replicas).toEqual(["products@r1"]);
  });

  it("sign in right after registering", async () => {
    const session = { token: "t", user: { id: "1", email: "a@b.org", name: "Ann" } };
    const { api, send } = apiWith(json(201, session.user), json(201, session));
    expect(await api.register("Ann", "a@b.org", "12345678")).toEqual(session);
    expect(send.mock.calls.map((call) => call[0])).toEqual(["/api/users", "/api/sessions"]);
  });
});
