#!/bin/sh
# Runs once, in PostgreSQL's own container: the role that the service signs in as, which owns nothing.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$(cat "${PASSWORD_FILE:-/run/secrets/database-password}")" <<'SQL'
CREATE ROLE relaybook LOGIN PASSWORD :'password';
SQL
