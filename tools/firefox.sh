#!/usr/bin/env bash
# Prints the path of a Firefox: $FIREFOX, or one on PATH, or macOS's, or Debian's package.
. "$(dirname "$0")/lib.sh"

if [ -n "${FIREFOX:-}" ]; then
  has "$FIREFOX" || die "FIREFOX=$FIREFOX: no such program"
  command -v "$FIREFOX"
  exit
fi
find_firefox() {
  local name
  for name in firefox-esr firefox "/Applications/Firefox.app/Contents/MacOS/firefox"; do
    if has "$name"; then command -v "$name"; return; fi
  done
  return 1
}
find_firefox || { apt_install "the browser tests" firefox-esr && find_firefox; } || die "no Firefox found; install one or set FIREFOX"
