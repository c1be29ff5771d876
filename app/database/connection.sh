# What the jobs have in common: how they log, and the connection to the database as its owner. Sourced, not run.
umask 077

SHOP_DIR="${SHOP_DIR:-/shop}"
WAIT_SECONDS="${WAIT_SECONDS:-60}"
export SECRETS_DIR="${SECRETS_DIR:-/run/secrets}"

log() {
  local message="${2//\\/\\\\}"
  TZ=UTC printf '{"time":"%(%FT%TZ)T","level":"%s","service":"%s","message":"%s"}\n' \
    -1 "$1" "${0##*/}" "${message//\"/\\\"}"
}
fail() { log error "$1"; exit 1; }

[[ -n "${DATABASE_HOST:-}" ]] || fail "DATABASE_HOST is missing"
export PGHOST="$DATABASE_HOST" PGPORT="${DATABASE_PORT:-5432}" PGDATABASE="${DATABASE_NAME:-shop}"
export PGUSER=postgres PGCONNECT_TIMEOUT=5 PGAPPNAME="${0##*/}"

for name in postgres user product order; do
  file="$SECRETS_DIR/$name-password"
  [[ -r "$file" && -s "$file" ]] || fail "secret $name-password is missing, empty or cannot be read"
done

work="$(mktemp -d)"
leftovers=("$work")
trap 'rm -rf "${leftovers[@]}"' EXIT
export PGPASSFILE="$work/pgpass"
# In this file a backslash and a colon need a backslash before them.
printf '*:*:*:postgres:%s\n' "$(sed -e 's/[\\:]/\\&/g' "$SECRETS_DIR/postgres-password")" >"$PGPASSFILE"

deadline=$((SECONDS + WAIT_SECONDS))
until pg_isready --quiet --timeout=2; do
  ((SECONDS < deadline)) || fail "no database at $PGHOST:$PGPORT after $WAIT_SECONDS s"
  sleep 0.3
done
