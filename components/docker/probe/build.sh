#!/usr/bin/env bash
# Builds the probe for every platform with the pinned Zig compiler from PyPI, whose output is the same everywhere.
#   build.sh          writes the programs beside this file
#   build.sh --check  exits 1 if what is committed is not what the source gives
set -euo pipefail
cd "$(dirname "$0")"
zig_version=0.13.0.post1
root=$(cd ../../.. && pwd)
venv="$root/.local/zig-$zig_version"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import ziglang' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet "ziglang==$zig_version"
fi
out=.
if [ "${1:-}" = --check ]; then out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT; fi
for platform in x86_64:amd64 aarch64:arm64; do
  "$venv/bin/python" -m ziglang cc -target "${platform%%:*}-linux-musl" -static -Os -s -Wall -Wextra -Werror \
    -o "$out/probe-linux-${platform##*:}" *.c 2> "$out/errors" || { cat "$out/errors" >&2; exit 1; }
  rm -f "$out/errors"
  if [ "$out" != . ]; then cmp "$out/probe-linux-${platform##*:}" "probe-linux-${platform##*:}"; fi
done
