-- The roles of the services. They belong to the server, not to a database, so no backup has them.
SELECT format('CREATE ROLE %I', role)
FROM unnest(ARRAY['user_service', 'product_service', 'order_service']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
