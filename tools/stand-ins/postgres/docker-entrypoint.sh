#!/bin/bash
# First start on an empty PGDATA: make the cluster, its superuser and database, and run /docker-entrypoint-initdb.d.
# Every start: exec the command as user postgres. Works as root or as uid 999, also on a read-only root file system
# (PGDATA on a volume; /tmp and /var/run/postgresql writable).
set -Eeuo pipefail

fail() { echo "postgres: $*" >&2; exit 1; }

# setting NAME [default]: the value of NAME, or the content of the file named by NAME_FILE.
setting() {
  local name=$1 file="${1}_FILE" value=${2:-}
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then fail "both $name and $file are set"; fi
  if [ -n "${!name:-}" ]; then value=${!name}; elif [ -n "${!file:-}" ]; then value=$(<"${!file}"); fi
  printf '%s' "$value"
}

local_psql() { PGPASSWORD=$password psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$user" "$@"; }

make_cluster() {
  user=$(setting POSTGRES_USER postgres)
  password=$(setting POSTGRES_PASSWORD)
  database=$(setting POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$password" ] && [ "$method" != trust ]; then
    fail 'a new database needs POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE'
  fi

  # Made in a folder of its own and moved into place at the end, PG_VERSION last: an interrupted first start leaves no
  # half-made cluster that the next start would take for a whole one.
  local work="$PGDATA/.first-start"
  if [ -e "$work" ]; then
    find "$PGDATA" -mindepth 1 -delete
  elif [ -n "$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]; then
    fail "$PGDATA holds files, but no PostgreSQL cluster"
  fi
  local arguments
  read -r -a arguments <<< "${POSTGRES_INITDB_ARGS:-}"
  arguments=(--pgdata="$work" --username="$user" ${arguments[@]+"${arguments[@]}"})
  if [ -n "$password" ]; then
    initdb "${arguments[@]}" --pwfile=<(printf '%s\n' "$password")
  else
    initdb "${arguments[@]}"
  fi
  printf '\nhost all all all %s\n' "$method" >> "$work/pg_hba.conf"

  # Only the socket: nobody can connect over the network before everything is in place.
  pg_ctl --wait --silent -D "$work" -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" start
  if [ "$database" != postgres ]; then
    local_psql --dbname postgres --set db="$database" <<< 'CREATE DATABASE :"db";'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) local_psql --dbname "$database" --file "$file" ;;
      *.sql.gz) gunzip -c "$file" | local_psql --dbname "$database" ;;
    esac
  done
  pg_ctl --wait --silent --mode=fast -D "$work" stop
  find "$work" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" {} +
  mv "$work/PG_VERSION" "$PGDATA/"
  rmdir "$work"
}

if [ "${1:-postgres}" = postgres ] || [[ "${1:-}" == -* ]]; then
  if [[ "${1:-}" == -* ]] || [ $# -eq 0 ]; then set -- postgres "$@"; fi
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then make_cluster; fi
fi
exec "$@"
