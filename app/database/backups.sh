# The folder with the backups. Sourced, not run.
BACKUP_DIR="${BACKUP_DIR:-/backups}"

# Names of all backups, the newest first.
backups() {
  find "$BACKUP_DIR" -maxdepth 1 -name '*.dump' -printf '%T@ %f\n' | sort -rn | sed -e 's/^[^ ]* //' -e 's/\.dump$//'
}

# Reads a backup to its end: a list of what is in it would not show that its data are cut off.
whole() { pg_restore --file=/dev/null "$1"; }

# One at a time; the lock lasts until the last process that inherits it has ended.
exec 9>"$BACKUP_DIR/.lock"
flock --wait 60 9 || fail "another backup or restore is at work"
