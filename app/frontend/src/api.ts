export interface Product {
  id: string;
  name: string;
  description: string;
  category: string;
  priceCents: number;
  stock: number;
  image?: string | null;
}

export interface User {
  id: string;
  email: string;
  name: string;
}

export interface Session {
  token: string;
  user: User;
}

export interface OrderItem {
  productId: string;
  quantity: number;
}

export interface Order {
  id: string;
  items: (OrderItem & { name: string; priceCents: number })[];
  totalCents: number;
  createdAt: string;
}

/** What went wrong, in words for the customer. Status 0: no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }

  /** Whether the same request may succeed a moment later. */
  get passing(): boolean {
    return [0, 502, 503, 504].includes(this.status);
  }
}

interface Options {
  method?: string;
  token?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

type Fetch = typeof fetch;
type ReplicaListener = (service: string, replica: string) => void;

const UNREACHABLE = "The shop cannot be reached right now. Please try again in a moment.";
const RETRY_DELAYS_MS = [400, 1200, 2500];

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export class Api {
  constructor(
    private readonly send: Fetch = (...request) => fetch(...request),
    private readonly wait: (milliseconds: number) => Promise<void> = pause,
    private readonly onReplica: ReplicaListener = () => undefined,
  ) {}

  async products(search: string, category: string, signal: AbortSignal): Promise<Product[]> {
    const query = new URLSearchParams();
    if (search) query.set("search", search);
    if (category) query.set("category", category);
    const { products } = await this.call<{ products: Product[] }>(`/api/products?${query}`, { signal });
    return products;
  }

  async register(name: string, email: string, password: string): Promise<Session> {
    await this.call("/api/users", { method: "POST", body: { name, email, password } });
    return this.signIn(email, password);
  }

  signIn(email: string, password: string): Promise<Session> {
    return this.call("/api/sessions", { method: "POST", body: { email, password } });
  }

  async orders(token: string): Promise<Order[]> {
    const { orders } = await this.call<{ orders: Order[] }>("/api/orders?limit=50", { token });
    return orders;
  }

  /** Repeats itself while the shop gives no answer: the key makes sure that only one order results. */
  async placeOrder(token: string, key: string, items: OrderItem[]): Promise<Order> {
    const request = { method: "POST", token, body: { items }, headers: { "Idempotency-Key": key } };
    for (const delay of RETRY_DELAYS_MS) {
      try {
        return await this.call<Order>("/api/orders", request);
      } catch (error) {
        if (!(error instanceof ApiError && error.passing)) throw error;
        await this.wait(delay);
      }
    }
    return this.call<Order>("/api/orders", request);
  }

  private async call<T>(path: string, options: Options = {}): Promise<T> {
    const headers = new Headers(options.headers);
    if (options.token) headers.set("Authorization", `Bearer ${options.token}`);
    const init: RequestInit = { method: options.method ?? "GET", headers };
    if (options.signal) init.signal = options.signal;
    if (options.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(options.body);
    }
    let answer: Response;
    try {
      answer = await this.send(path, init);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ApiError(0, UNREACHABLE);
    }
    const replica = answer.headers.get("X-Replica");
    if (replica) this.onReplica(path.split(/[/?]/)[2] ?? "", replica);
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && body !== undefined) return body as T;
    throw problem(answer.status, body);
  }
}

function problem(status: number, body: unknown): ApiError {
  const error = (body as { error?: { message?: string; field?: string } } | undefined)?.error;
  const message = status >= 500 || !error?.message ? UNREACHABLE : error.message;
  return new ApiError(status, message, error?.field);
}
