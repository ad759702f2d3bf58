#!/bin/sh
# Gives the two roles of roles.sql their passwords, when the database of compose.yaml is made.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=owner="$OWNER_PASSWORD" --set=app="$APP_PASSWORD" <<'SQL'
ALTER ROLE latchkey_owner PASSWORD :'owner';
ALTER ROLE latchkey_app PASSWORD :'app';
SQL
