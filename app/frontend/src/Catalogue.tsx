import { useEffect, useState } from "react";
import { type Api, ApiError, type Product } from "./api";
import { Art } from "./Art";
import { MOST_OF_ONE } from "./basket";
import { money } from "./money";

const TYPING_PAUSE_MS = 200;
const FEW_LEFT = 50;

interface Props {
  api: Api;
  search: string;
  /** A new number means that the stock may have changed. */
  version: number;
  inBasket: Readonly<Record<string, number>>;
  onProducts: (products: Product[]) => void;
  onAdd: (product: Product) => void;
}

export function Catalogue({ api, search, version, inBasket, onProducts, onAdd }: Props) {
  const [products, setProducts] = useState<Product[]>();
  const [categories, setCategories] = useState<string[]>([]);
  const [category, setCategory] = useState("");
  const [problem, setProblem] = useState<string>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    const text = search.trim();
    const load = async () => {
      try {
        const found = await api.products(text, category, stop.signal);
        setProducts(found);
        onProducts(found);
        setProblem(undefined);
        if (!text && !category) setCategories([...new Set(found.map((product) => product.category))]);
      } catch (error) {
        if (!stop.signal.aborted) setProblem(error instanceof ApiError ? error.message : "Something went wrong.");
      }
    };
    const timer = setTimeout(load, text ? TYPING_PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [api, search, category, version, attempt, onProducts]);

  return (
    <>
      <div className="heading">
        <h1>Good things for every day</h1>
        {categories.length > 0 && (
          <div className="chips" role="group" aria-label="Category">
            {["", ...categories].map((name) => (
              <button type="button" key={name} aria-pressed={name === category} onClick={() => setCategory(name)}>
                {name || "Everything"}
              </button>
            ))}
          </div>
        )}
      </div>
      {problem && (
        <div className="empty" role="alert">
          <p>{problem}</p>
          <button type="button" className="second" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </div>
      )}
      {!products && !problem && <p className="empty">Opening the shop…</p>}
      {products?.length === 0 && <p className="empty">Nothing here matches “{search.trim() || category}”.</p>}
      <ul className="grid" aria-label="Products">
        {products?.map((product) => (
          <Card key={product.id} product={product} taken={inBasket[product.id] ?? 0} onAdd={() => onAdd(product)} />
        ))}
      </ul>
    </>
  );
}

function Card({ product, taken, onAdd }: { product: Product; taken: number; onAdd: () => void }) {
  const soldOut = product.stock === 0;
  const full = taken >= Math.min(product.stock, MOST_OF_ONE);
  return (
    <li className="card" data-testid="product-card" data-product={product.id}>
      <Art name={product.image ?? ""} />
      <div className="card-text">
        <p className="category">{product.category}</p>
        <h2>{product.name}</h2>
        <p className="description">{product.description}</p>
        <div className="card-foot">
          <p>
            <strong className="price">{money(product.priceCents)}</strong>
            <span className="stock">{soldOut ? "Sold out" : product.stock < FEW_LEFT ? `Only ${product.stock} left` : "In stock"}</span>
          </p>
          <button type="button" disabled={soldOut || full} onClick={onAdd} data-testid="add-to-basket" aria-label={`Add ${product.name} to the basket`}>
            {taken > 0 ? `Add · ${taken}` : "Add"}
          </button>
        </div>
      </div>
    </li>
  );
}
