#!/usr/bin/env bash
# Prints the path of a Chrome or Chromium: $CHROME, or one on PATH, or macOS's, or Debian's package.
. "$(dirname "$0")/lib.sh"

if [ -n "${CHROME:-}" ]; then
  has "$CHROME" || die "CHROME=$CHROME: no such program"
  command -v "$CHROME"
  exit
fi
find_chrome() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if has "$name"; then command -v "$name"; return; fi
  done
  return 1
}
find_chrome || { apt_install "the browser tests" chromium && find_chrome; } || die "no Chrome or Chromium found; install one or set CHROME"
