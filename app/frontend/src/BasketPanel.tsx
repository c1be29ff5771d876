import type { Product } from "./api";
import { type Basket, type Change, MOST_OF_ONE, totalCents } from "./basket";
import { money } from "./money";

interface Props {
  basket: Basket;
  products: ReadonlyMap<string, Product>;
  busy: boolean;
  onChange: (change: Change) => void;
  onCheckOut: () => void;
}

export function BasketPanel({ basket, products, busy, onChange, onCheckOut }: Props) {
  const entries = Object.entries(basket.items);
  return (
    <aside className={entries.length === 0 ? "basket nothing" : "basket"} aria-label="Basket" data-testid="basket">
      <h2>Basket</h2>
      {entries.length === 0 ? (
        <p className="faint">Nothing in it yet.</p>
      ) : (
        <>
          <ul>
            {entries.map(([id, quantity]) => (
              <Line key={id} id={id} quantity={quantity} product={products.get(id)} busy={busy} onChange={onChange} />
            ))}
          </ul>
          <p className="total">
            <span>Total</span>
            <strong data-testid="basket-total">{money(totalCents(basket, products))}</strong>
          </p>
          <button type="button" className="wide" disabled={busy} onClick={onCheckOut} data-testid="checkout">
            {busy ? "Placing your order…" : "Place order"}
          </button>
        </>
      )}
    </aside>
  );
}

interface LineProps {
  id: string;
  quantity: number;
  product: Product | undefined;
  busy: boolean;
  onChange: (change: Change) => void;
}

function Line({ id, quantity, product, busy, onChange }: LineProps) {
  const name = product?.name ?? id;
  const limit = product?.stock ?? MOST_OF_ONE;
  const set = (wanted: number) => onChange({ type: "set", id, quantity: wanted, limit });
  return (
    <li data-testid="basket-line">
      <span className="line-name">{name}</span>
      <span className="line-price">{product && money(product.priceCents * quantity)}</span>
      <span className="stepper">
        <button type="button" disabled={busy} onClick={() => set(quantity - 1)} aria-label={`One ${name} less`}>
          −
        </button>
        <output>{quantity}</output>
        <button
          type="button"
          disabled={busy || quantity >= Math.min(limit, MOST_OF_ONE)}
          onClick={() => set(quantity + 1)}
          aria-label={`One ${name} more`}
        >
          +
        </button>
      </span>
      <button type="button" className="quiet" disabled={busy} onClick={() => set(0)} aria-label={`Remove ${name}`}>
        Remove
      </button>
    </li>
  );
}
