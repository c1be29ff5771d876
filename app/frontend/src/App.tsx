import { useCallback, useEffect, useMemo, useReducer, useState } from "react";
import { AccountDialog, type AccountForm } from "./AccountDialog";
import { Api, ApiError, type Product, type Session } from "./api";
import { BasketPanel } from "./BasketPanel";
import { change, orderItems, readBasket } from "./basket";
import { Catalogue } from "./Catalogue";
import { Header } from "./Header";
import { Orders } from "./Orders";
import { readSession, readStoredBasket, writeSession, writeStoredBasket } from "./stored";

interface Notice {
  kind: "good" | "bad";
  text: string;
}

function useView(): "shop" | "orders" {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const update = () => setHash(window.location.hash);
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  return hash === "#/orders" ? "orders" : "shop";
}

export function App() {
  const view = useView();
  const [replicas, setReplicas] = useState<Record<string, string>>({});
  const [session, setSession] = useState<Session | undefined>(readSession);
  const [basket, dispatch] = useReducer(change, undefined, () => readBasket(readStoredBasket()));
  const [known, setKnown] = useState<ReadonlyMap<string, Product>>(new Map());
  const [form, setForm] = useState<AccountForm>();
  const [search, setSearch] = useState("");
  const [notice, setNotice] = useState<Notice>();
  const [ordering, setOrdering] = useState(false);
  const [orderCount, setOrderCount] = useState(0);

  const api = useMemo(
    () => new Api(undefined, undefined, (service, replica) => setReplicas((all) => ({ ...all, [service]: replica }))),
    [],
  );

  useEffect(() => writeSession(session), [session]);
  useEffect(() => writeStoredBasket(basket), [basket]);

  // Products that a search hides are still in the basket, so all that were ever seen stay known.
  const learn = useCallback((products: Product[]) => {
    setKnown((all) => new Map([...all, ...products.map((product) => [product.id, product] as const)]));
  }, []);

  const signOut = useCallback(() => {
    setSession(undefined);
    window.location.hash = "";
  }, []);

  const fail = useCallback((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) {
      setSession(undefined);
      setForm("sign-in");
    }
    setNotice({ kind: "bad", text: error instanceof ApiError ? error.message : "Something went wrong. Please try again." });
  }, []);

  async function checkOut() {
    if (!session) {
      setForm("sign-in");
      return;
    }
    setOrdering(true);
    setNotice(undefined);
    try {
      await api.placeOrder(session.token, basket.key, orderItems(basket));
      dispatch({ type: "empty" });
      setOrderCount((count) => count + 1);
      setNotice({ kind: "good", text: "Thank you! Your order is placed." });
      window.location.hash = "#/orders";
    } catch (error) {
      // A refusal is final for its key; only an order whose fate is unknown must be repeated under the same one.
      if (error instanceof ApiError && !error.passing && error.status !== 401) dispatch({ type: "new key" });
      fail(error);
    } finally {
      setOrdering(false);
    }
  }

  return (
    <>
      <Header
        search={search}
        onSearch={(text) => {
          setSearch(text);
          window.location.hash = "";
        }}
        user={session?.user}
        onForm={setForm}
        onSignOut={signOut}
      />
      <main className="page">
        <section className="content">
          <div className="notices" aria-live="polite">
            {notice && (
              <p className={`notice ${notice.kind}`} data-testid="notice">
                <span>{notice.text}</span>
                <button type="button" className="quiet" aria-label="Close this message" onClick={() => setNotice(undefined)}>
                  ✕
                </button>
              </p>
            )}
          </div>
          {view === "orders" ? (
            <Orders api={api} token={session?.token} version={orderCount} onError={fail} onSignIn={() => setForm("sign-in")} />
          ) : (
            <Catalogue
              api={api}
              search={search}
              version={orderCount}
              inBasket={basket.items}
              onProducts={learn}
              onAdd={(product) => dispatch({ type: "add", id: product.id, limit: product.stock })}
            />
          )}
        </section>
        <BasketPanel basket={basket} products={known} busy={ordering} onChange={dispatch} onCheckOut={checkOut} />
      </main>
      <footer className="footer">
        <p>Harbour Goods is a sample shop: nothing is charged and nothing is sent.</p>
        <p className="replicas" data-testid="replicas">
          {Object.entries(replicas).map(([service, replica]) => (
            <span key={service}>
              {service} answered by <code>{replica}</code>
            </span>
          ))}
        </p>
      </footer>
      {form && (
        <AccountDialog
          api={api}
          form={form}
          onForm={setForm}
          onSession={(next) => {
            setSession(next);
            setForm(undefined);
            setNotice(undefined);
          }}
          onClose={() => setForm(undefined)}
        />
      )}
    </>
  );
}
