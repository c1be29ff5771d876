#!/bin/sh
# Runs what an image put into /docker-entrypoint.d, then the command.
set -eu
for file in /docker-entrypoint.d/*.sh; do
  if [ -x "$file" ]; then "$file"; fi
done
exec "$@"
