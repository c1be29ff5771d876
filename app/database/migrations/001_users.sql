CREATE SCHEMA users;

CREATE TABLE users.users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Lower-case always, so that one address cannot register twice.
  email         text NOT NULL UNIQUE CHECK (email = lower(email)),
  name          text NOT NULL,
  password_hash text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
