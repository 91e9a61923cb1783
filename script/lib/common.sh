# Sourced by every script: where things are, how a step is shown, how a failure is said.
# shellcheck shell=bash
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS="$ROOT/.tools"
VENV="$ROOT/.venv"
STAMPS="$TOOLS/stamps"
PARTIAL="$TOOLS/partial"
QUIET=${QUIET:-}
export ROOT TOOLS VENV STAMPS PARTIAL

say() { printf '%s\n' "$*" >&2; }

# One sentence for what is missing and one for what to do about it, then stop.
fail() {
  say "✗ $1"
  [ -z "${2:-}" ] || say "  → $2"
  exit 1
}

# step NAME FINGERPRINT LOOK COMMAND…: runs COMMAND unless it already succeeded for this fingerprint
# and LOOK, a cheap check, still finds what it made. The stamp is written only after success, so an
# interrupted step is done again.
step() {
  local name=$1 fingerprint=$2 look=$3 stamp="$STAMPS/$1" started
  shift 3
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$fingerprint" ] && "$look" >/dev/null 2>&1; then
    [ -n "$QUIET" ] || say "✓ $name (already there)"
    return 0
  fi
  rm -f "$stamp"
  started=$SECONDS
  say "… $name"
  "$@"
  "$look" >/dev/null 2>&1 ||
    fail "The step \"$name\" ended without an error, but what it makes does not work." \
      "Delete the folders .tools and .venv, then run script/setup again."
  mkdir -p "$STAMPS"
  printf '%s' "$fingerprint" >"$stamp"
  say "✓ $name ($((SECONDS - started)) s)"
}

fingerprint() { sha256sum | cut -c1-16; }

# Runs a command silently; its output is shown only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 25 "$log" >&2
  rm -f "$log"
  return "$status"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 127
  fi
}

# Debian packages by name; the only thing that ever asks for root, and only when something is missing.
apt_install() {
  command -v apt-get >/dev/null || return 1
  quietly as_root apt-get update || return 1
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# version_at_least HAVE WANTED
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
