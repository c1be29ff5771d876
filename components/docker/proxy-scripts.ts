import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES_NAME } from '../haproxy/rules';
import { shortHash } from '../identity';

/** HAProxy's home in its image, owned by its user: a new volume mounted there belongs to that user too. */
export const PROXY_FOLDER = '/var/lib/haproxy';
export const PROBE = '/probe';
/** What the service that brings rules into force receives. */
export const RECEIVED = '/haproxy.cfg';
export const RECEIVED_RULES = '/rules.lua';
/** What the service that brings rules into force says when it has. */
export const APPLIED = 'configuration applied';
/** Written for a transition, and removed with the last trace of it. */
export const TRANSITION_FILE = `${PROXY_FOLDER}/transition.json`;

/** The Lua that chooses among the definitions of a microservice. */
export const TRANSITION_RULES = readFileSync(join(__dirname, 'transition.lua'), 'utf8');
export const TRANSITION_RULES_NAME = `transition-${shortHash(TRANSITION_RULES, 10)}.lua`;

const CONFIGURATION = `${PROXY_FOLDER}/haproxy.cfg`;
const MASTER = `${PROXY_FOLDER}/master.sock`;

/**
 * Waits for the first configuration, then becomes HAProxy's master process. The saved state is for reloads: after a
 * crash it may be old, and requests would wait for replicas that are long gone.
 */
export const START = [
  `until [ -s ${CONFIGURATION} ]; do sleep 0.1; done`,
  `rm -f ${PROXY_FOLDER}/servers.state`,
  // Not quiet: that would take the log away, too.
  `exec haproxy -W -db -S ${MASTER},mode,600 -f ${CONFIGURATION}`,
].join('; ');

/**
 * `carry OLD NEW RENAMES`: the state of servers, from standard input, for another configuration. It names a port, which
 * HAProxy would believe more than the configuration: where the address is another, the state is left out.
 *
 * Replicas that are up come first in their section. After a reload, HAProxy gives the addresses of the first DNS answer to one
 * slot after the other, wherever they were before: an only replica in the second slot would be away until the first is up.
 */
export const CARRY = `carry() { awk '
$1 == "backend" && part != "state" { name = $2 }
$1 == "server-template" && part == "old" { was[name] = $4 }
$1 == "server-template" && part == "new" { now[name] = $4 }
part == "renames" { to[$1] = $2; taken[$2] = 1 }
part != "state" { next }
NF < 15 || $1 == "#" { print; next }
{
  target = $2 in to ? to[$2] : $2
  if (!($2 in to) && (target in taken)) next
  if (now[target] != was[$2]) next
  if (!(target in slots)) order[++sections] = target
  slot = ++slots[target]
  place[target, slot] = $1 " " target " " $3 " " $4
  rank = $5 == "-" ? 3 : $6 == 2 ? 1 : 2
  $1 = $2 = $3 = $4 = ""
  sub(/^ +/, "")
  found[target, rank, ++count[target, rank]] = $0
}
END {
  for (i = 1; i <= sections; i++) {
    target = order[i]
    slot = 0
    for (rank = 1; rank <= 3; rank++)
      for (n = 1; n <= count[target, rank]; n++) print place[target, ++slot] " " found[target, rank, n]
  }
}' part=old "$1" part=new "$2" part=renames "$3" part=state -; }`;

/** `listening FILE KEPT`: a configuration with the addresses besides its own, lines of `frontend address`, added. */
export const LISTENING = `listening() { awk '
part == "kept" { kept[$1] = kept[$1] " " $2; next }
part == "own" { if ($1 == "bind") bound[$2] = 1; next }
{ print }
$1 == "frontend" {
  count = split(kept[$2], addresses, " ")
  for (i = 1; i <= count; i++) if (!(addresses[i] in bound)) print "  bind " addresses[i]
}' part=kept "$2" part=own "$1" part=all "$1"; }`;

/** `apply FILE KEPT RENAMES`: checks, keeps the replicas' state, swaps and reloads; goes back when the reload fails. */
const APPLY_FUNCTION = `${CARRY}
${LISTENING}
apply() {
  need=$(sed -n 's/^  # needs \\([0-9]*\\) file descriptors$/\\1/p' "$1")
  have=$(ulimit -Hn)
  if [ "$have" != unlimited ] && [ "$have" -lt "$need" ]; then
    echo "maxConnections: the proxy needs $need open files, and the engine limits a container to $have (ulimit nofile); lower maxConnections, or raise default-ulimits in daemon.json"
    exit 1
  fi
  listening "$1" "$2" > next.cfg
  if ! haproxy -c -f next.cfg > check.log 2>&1; then
    # One line for each slot without a replica would hide what is wrong.
    grep -v 'changed from server-state' check.log
    exit 1
  fi
  touch haproxy.cfg
  if [ -s haproxy.cfg ]; then cp -f haproxy.cfg previous.cfg; fi
  if ${PROBE} send admin.sock 'show servers state' > servers.all 2>/dev/null; then
    carry haproxy.cfg next.cfg "$3" < servers.all > servers.next
    mv servers.next servers.state
  fi
  mv next.cfg haproxy.cfg
  if ${PROBE} send master.sock reload > reload.log 2>&1; then
    if ! grep -q '^Success=1' reload.log; then
      cat reload.log
      if [ -s previous.cfg ]; then mv previous.cfg haproxy.cfg; ${PROBE} send master.sock reload || true; fi
      exit 1
    fi
  else
    tries=100
    until ${PROBE} send admin.sock 'show info' > /dev/null; do
      tries=$((tries - 1))
      if [ $tries = 0 ]; then echo 'HAProxy did not answer on its admin socket within 10 s'; exit 1; fi
      sleep 0.1
    done
  fi
}`;

const BEGIN = `set -eu
cd ${PROXY_FOLDER}
${APPLY_FUNCTION}
touch kept none`;

/** Brings the received configuration into force, or the transition that is under way from it, and stays. */
export const APPLY = `${BEGIN}
# Under a name of its own, so that the configuration that runs keeps its own rules.
cp -f ${RECEIVED_RULES} ${RULES_NAME}
if [ -s transition.cfg ] && cmp -s ${RECEIVED} transition.of; then
  apply transition.cfg kept none
else
  apply ${RECEIVED} kept none
  rm -f transition.cfg transition.of
fi
echo '${APPLIED}'
exec ${PROBE} hold -1`;

/** Tells what is in force, in parts that each begin with a line `==> name`. */
export const LOOK = `set -eu
cd ${PROXY_FOLDER}
echo '==> base'
cat ${RECEIVED}
if [ -e transition.json ]; then
  if [ -s transition.cfg ] && cmp -s ${RECEIVED} transition.of; then echo '==> transition'; cat transition.json; fi
  echo '==> kept'
  cat kept
fi`;

/**
 * Brings a transition into force, or ends it. Reads parts that each begin with a line `==> name`: `rules`, which is empty
 * for the end, `json`, `kept`, `renames` and `lua`.
 */
export const TRANSIT = `${BEGIN}
rm -f incoming.*
# The client may be unable to close standard input alone.
sed -n '/^==> end$/q;p' | awk '/^==> / { file = "incoming." $2; printf "" > file; next } { print > file }'
if [ -s incoming.rules ]; then
  cp -f incoming.lua ${TRANSITION_RULES_NAME}
  apply incoming.rules incoming.kept incoming.renames
  mv incoming.rules transition.cfg
  cp -f ${RECEIVED} transition.of
  mv incoming.json transition.json
  mv incoming.kept kept
else
  apply ${RECEIVED} none incoming.renames
  rm -f transition.cfg transition.of transition.json kept
fi
rm -f incoming.*`;
