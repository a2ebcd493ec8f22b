#!/usr/bin/env bash
# Makes one role and one database for each secret `NAME-database`, whose line is postgres://ROLE:PASSWORD@HOST/DATABASE.
set -euo pipefail
for file in /run/secrets/*-database; do
  url=$(<"$file")
  [[ $url =~ ^postgres(ql)?://([a-z_]+):([A-Za-z0-9_-]+)@[^/]+/([a-z_]+)$ ]] || { echo "$file: not postgres://ROLE:PASSWORD@HOST/DATABASE" >&2; exit 1; }
  role=${BASH_REMATCH[2]} password=${BASH_REMATCH[3]} database=${BASH_REMATCH[4]}
  psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --quiet \
    --set role="$role" --set password="$password" --set database="$database" <<'SQL'
create role :"role" login password :'password';
create database :"database" owner :"role";
revoke connect on database :"database" from public;
SQL
done
