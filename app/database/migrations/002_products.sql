CREATE SCHEMA products;

CREATE TABLE products.products (
  id          text PRIMARY KEY,
  name        text NOT NULL,
  description text NOT NULL,
  category    text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents >= 0),
  stock       integer NOT NULL CHECK (stock >= 0),
  image       text,
  position    integer NOT NULL
);

-- A released reservation stays, so that a delayed repeat of its key cannot take the stock again.
CREATE TABLE products.reservations (
  key        text PRIMARY KEY,
  items      jsonb NOT NULL,
  lines      jsonb,
  released   boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
