#!/usr/bin/env bash
# Prints the folder with the npm packages that tests/package/ builds and runs by, installed once for each lock file.
. "$(dirname "$0")/lib.sh"
cd "$ROOT/tests/package"

for tool in node npm; do has "$tool" || die "$tool is not on PATH; install Node 20 or newer (Debian: nodejs npm)"; done
folder=$CACHE/bundlers-$(hash_of package.json package-lock.json | cut -c1-16)
install_once() {
  [ ! -e "$folder/ready" ] || return 0
  say "installing the npm packages of tests/package/package-lock.json into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp package.json package-lock.json "$folder/"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  touch "$folder/ready"
}
alone bundlers install_once
printf '%s\n' "$folder"
