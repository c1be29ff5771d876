import type { AccountForm } from "./AccountDialog";
import type { User } from "./api";

interface Props {
  search: string;
  onSearch: (text: string) => void;
  user: User | undefined;
  onForm: (form: AccountForm) => void;
  onSignOut: () => void;
}

export function Header({ search, onSearch, user, onForm, onSignOut }: Props) {
  return (
    <header className="header">
      <a className="brand" href="#/">
        <img src="/icon.svg" alt="" width="32" height="32" />
        Harbour Goods
      </a>
      <label className="search">
        <span className="hidden">Search the shop</span>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="9" cy="9" r="5.5" />
          <path d="m13.2 13.2 4 4" />
        </svg>
        <input
          type="search"
          placeholder="Search for mugs, lamps, gifts…"
          maxLength={100}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
          data-testid="search"
        />
      </label>
      <nav className="account" aria-label="Account">
        {user ? (
          <>
            <span className="name" data-testid="account-name">
              {user.name}
            </span>
            <a href="#/orders" data-testid="show-orders">
              My orders
            </a>
            <button type="button" className="quiet" onClick={onSignOut} data-testid="sign-out">
              Sign out
            </button>
          </>
        ) : (
          <>
            <button type="button" className="quiet" onClick={() => onForm("sign-in")} data-testid="open-sign-in">
              Sign in
            </button>
            <button type="button" className="second" onClick={() => onForm("register")} data-testid="open-register">
              Register
            </button>
          </>
        )}
      </nav>
    </header>
  );
}
