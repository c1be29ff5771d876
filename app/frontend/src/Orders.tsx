import { useEffect, useState } from "react";
import type { Api, Order } from "./api";
import { money } from "./money";

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

interface Props {
  api: Api;
  token: string | undefined;
  /** A new number means that an order was added. */
  version: number;
  onError: (error: unknown) => void;
  onSignIn: () => void;
}

export function Orders({ api, token, version, onError, onSignIn }: Props) {
  const [orders, setOrders] = useState<Order[]>();

  useEffect(() => {
    setOrders(undefined);
    if (!token) return;
    let current = true;
    api.orders(token).then(
      (found) => current && setOrders(found),
      (error: unknown) => current && onError(error),
    );
    return () => {
      current = false;
    };
  }, [api, token, version, onError]);

  return (
    <>
      <div className="heading">
        <h1>My orders</h1>
        <a href="#/">Back to the shop</a>
      </div>
      {!token && (
        <div className="empty">
          <p>Sign in to see your orders.</p>
          <button type="button" className="second" onClick={onSignIn}>
            Sign in
          </button>
        </div>
      )}
      {orders?.length === 0 && <p className="empty">You have not ordered anything yet.</p>}
      <ol className="orders" data-testid="order-list">
        {orders?.map((order) => (
          <li key={order.id} data-testid="order-row" data-order={order.id}>
            <div className="order-head">
              <time dateTime={order.createdAt}>{TIME.format(new Date(order.createdAt))}</time>
              <strong>{money(order.totalCents)}</strong>
            </div>
            <p>{order.items.map((item) => `${item.quantity} × ${item.name}`).join(", ")}</p>
            <p className="faint">Order {order.id.slice(0, 8)}</p>
          </li>
        ))}
      </ol>
    </>
  );
}
