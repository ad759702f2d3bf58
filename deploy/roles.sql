-- Two roles for Latchkey: one owns the tables and migrates, the other reads and writes them and can do nothing else. Run it
-- once, in Latchkey's own database, as an administrator; then give both a password (psql: \password latchkey_app).

DO $$
BEGIN
  -- Every role that may connect may also notify: nobody else has business here.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'latchkey_owner') THEN CREATE ROLE latchkey_owner LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'latchkey_app') THEN CREATE ROLE latchkey_app LOGIN; END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO latchkey_owner, latchkey_app', current_database());
  -- Migrations may collect what they find in temporary tables.
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO latchkey_owner', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO latchkey_owner;
GRANT USAGE ON SCHEMA public TO latchkey_app;

-- What the owner will make. Functions are for everybody who may enter the schema, so that triggers run.
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO latchkey_app;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO latchkey_app;
