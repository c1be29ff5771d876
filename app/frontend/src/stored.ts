import type { Session } from "./api";

const SESSION = "shop.session";
const BASKET = "shop.basket";

export function readSession(): Session | undefined {
  try {
    const session = JSON.parse(localStorage.getItem(SESSION) ?? "null") as Partial<Session> | null;
    return session?.token && session.user?.name ? (session as Session) : undefined;
  } catch {
    return undefined;
  }
}

export function writeSession(session: Session | undefined): void {
  if (session) localStorage.setItem(SESSION, JSON.stringify(session));
  else localStorage.removeItem(SESSION);
}

export function readStoredBasket(): string | null {
  return localStorage.getItem(BASKET);
}

export function writeStoredBasket(basket: unknown): void {
  localStorage.setItem(BASKET, JSON.stringify(basket));
}
