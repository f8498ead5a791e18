#!/usr/bin/env bash
# Fetches the SMART client that examples/smart uses into examples/smart/vendor/: the one built file of the npm package,
# without its hundred dependencies. An example's tool only: neither the page nor the engine needs it.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

version=2.6.3
file=examples/smart/vendor/fhir-client.js
[ ! -e "$file" ] || exit 0
has npm || die "npm is not on PATH; install Node 20 or newer (Debian: nodejs npm)"
say "fetching fhirclient $version from the npm registry into ${file%/*}/"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# npm checks the package against the registry's own digest.
tarball=$(cd "$work" && npm pack --silent --ignore-scripts "fhirclient@$version")
tar -xzf "$work/$tarball" -C "$work"
mkdir -p "${file%/*}"
cp "$work/package/build/fhir-client.min.js" "$file"
cp "$work/package/LICENSE" "${file%/*}/LICENSE"
