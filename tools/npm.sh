#!/usr/bin/env bash
# Installs the development tools of package-lock.json into node_modules/, once for each lock file.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

for tool in node npm; do has "$tool" || die "$tool is not on PATH; install Node 20 or newer (Debian: nodejs npm)"; done
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || die "node $(node --version) is too old; install Node 20 or newer"

stamp=node_modules/.vitrine-$(hash_of package.json package-lock.json | cut -c1-16)
[ ! -e "$stamp" ] || exit 0
say "installing the npm packages of package-lock.json into node_modules/"
# No package here needs an install script; not running any keeps it so.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
touch "$stamp"
