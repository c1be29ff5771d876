-- Runs on every migration: a rotated password or a new table takes effect at once.
\set user_password `cat "$SECRETS_DIR/user-password"`
\set product_password `cat "$SECRETS_DIR/product-password"`
\set order_password `cat "$SECRETS_DIR/order-password"`

BEGIN;

\ir create-roles.sql

ALTER ROLE user_service    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'user_password';
ALTER ROLE product_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'product_password';
ALTER ROLE order_service   LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'order_password';

-- Statements that run longer than a caller waits only hold locks.
ALTER ROLE user_service    SET statement_timeout = '5s';
ALTER ROLE product_service SET statement_timeout = '5s';
ALTER ROLE order_service   SET statement_timeout = '5s';

-- A replica that hangs in the middle of a transaction keeps its locks, and all others wait for them. One second is long
-- for a pause of a healthy one, and shorter than what makes those that wait count as not ready.
ALTER ROLE user_service    SET idle_in_transaction_session_timeout = '1s';
ALTER ROLE product_service SET idle_in_transaction_session_timeout = '1s';
ALTER ROLE order_service   SET idle_in_transaction_session_timeout = '1s';

-- Whoever waits for a lock keeps a connection from those that need none.
ALTER ROLE user_service    SET lock_timeout = '2s';
ALTER ROLE product_service SET lock_timeout = '2s';
ALTER ROLE order_service   SET lock_timeout = '2s';

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO user_service, product_service, order_service', current_database()) \gexec
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA users TO user_service;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA users TO user_service;

GRANT USAGE ON SCHEMA products TO product_service;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA products TO product_service;

GRANT USAGE ON SCHEMA orders TO order_service;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA orders TO order_service;

COMMIT;
\echo set the roles user_service, product_service and order_service
