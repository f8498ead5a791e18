# Shared by the scripts in this folder: `. "$(dirname "$0")/lib.sh"`. It sets ROOT and CACHE, and says things.
#
# Whatever is installed outside the repository goes to CACHE, one folder for each tool and version, so that deleting
# that one folder undoes it. Messages go to standard error: several scripts print a path on standard output.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${VITRINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vitrine}

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# hash_of FILE...: the SHA-256 of the files' bytes one after the other, with whatever this machine has.
hash_of() {
  if has sha256sum; then cat -- "$@" | sha256sum | cut -d' ' -f1
  elif has shasum; then cat -- "$@" | shasum -a 256 | cut -d' ' -f1
  else die "neither sha256sum nor shasum is on PATH; install coreutils"
  fi
}

# alone NAME COMMAND...: runs it while no other process here runs something of that name: checks install side by side.
alone() {
  local name=$1 lock status
  shift
  has flock || { "$@"; return; }
  mkdir -p "$CACHE"
  exec {lock}>"$CACHE/$name.lock"
  flock "$lock"
  "$@"
  status=$?
  exec {lock}>&-
  return "$status"
}

# apt_install WHAT_FOR PACKAGE...: installs Debian packages, or explains what to install by hand.
apt_install() { alone apt apt_install_alone "$@"; }
apt_install_alone() {
  local what_for=$1 sudo=()
  shift
  has apt-get || die "$what_for needs $*, and apt-get is not here to install it; install it and run the command again"
  if [ "$(id -u)" -ne 0 ]; then
    has sudo && sudo -n true 2>/dev/null || die "$what_for needs root: run \`sudo apt-get install $*\` and the command again"
    sudo=(sudo -n)
  fi
  say "installing Debian packages for $what_for: $*"
  # The package lists may be old or absent in a fresh container; a failed update still leaves the old ones to try.
  "${sudo[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the package lists as they are"
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
