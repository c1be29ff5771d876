CREATE SCHEMA orders;

-- pending: begun, perhaps by a replica that died; a repeat with the same key finishes it.
-- cancelling: given up; its reservation is still to be released.
CREATE TABLE orders.orders (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL,
  idempotency_key text,
  fingerprint     text NOT NULL,
  status          text NOT NULL CHECK (status IN ('pending', 'placed', 'rejected', 'cancelling', 'cancelled')),
  items           jsonb,
  total_cents     bigint,
  problem         jsonb,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, idempotency_key)
);

CREATE INDEX orders_of_user ON orders.orders (user_id, created_at DESC) WHERE status = 'placed';
CREATE INDEX orders_unfinished ON orders.orders (created_at) WHERE status IN ('pending', 'cancelling');
