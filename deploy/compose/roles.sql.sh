#!/bin/bash
# Runs once in a fresh database container: the three roles, the extensions, the database's owner.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v public="$PUBLIC_PASSWORD" <<'SQL'
CREATE ROLE anliegen_owner LOGIN PASSWORD :'owner';
CREATE ROLE anliegen_app LOGIN PASSWORD :'app';
CREATE ROLE anliegen_public LOGIN PASSWORD :'public';
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SELECT format('ALTER DATABASE %I OWNER TO anliegen_owner', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO anliegen_app', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO anliegen_public', current_database()) \gexec
ALTER SCHEMA public OWNER TO anliegen_owner;
ALTER ROLE anliegen_owner SET lock_timeout = '5s';
ALTER ROLE anliegen_owner SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE anliegen_app SET statement_timeout = '30s';
ALTER ROLE anliegen_app SET lock_timeout = '2s';
ALTER ROLE anliegen_app SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE anliegen_public SET statement_timeout = '2s';
ALTER ROLE anliegen_public SET lock_timeout = '1s';
ALTER ROLE anliegen_public SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE anliegen_public SET default_transaction_read_only = 'on';
SQL
