#!/bin/sh
# Options alone mean haproxy; haproxy runs in the foreground as master and worker, so that it can be reloaded.
set -eu
case "${1:-}" in
  -*) set -- haproxy "$@" ;;
esac
if [ "${1:-}" = haproxy ]; then
  shift
  set -- haproxy -W -db "$@"
fi
exec "$@"
