#!/usr/bin/env bash
# Prints the folder under which nginx and Apache are (/ where both are installed), for the test of the sample headers.
# Where they are not, Debian's packages are unpacked into the cache: nothing is installed, and no service is started.
. "$(dirname "$0")/lib.sh"

if [ -x /usr/sbin/nginx ] && [ -x /usr/sbin/apache2 ]; then echo /; exit; fi
folder=$CACHE/servers
fetch_servers() {
  [ ! -e "$folder/complete" ] || return 0
  has apt-get && has dpkg-deb || die "nginx and apache2 are not here, and neither is apt-get to fetch them"
  say "unpacking Debian's nginx and apache2-bin into $folder"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  fetch() { (cd "$work" && apt-get download -qq nginx apache2-bin libapr1 libaprutil1 >&2); }
  # The package lists may be absent in a fresh container; only root can fetch them.
  fetch || { [ "$(id -u)" -eq 0 ] && apt-get update -qq >&2 && fetch; } || die "nginx and apache2-bin cannot be fetched here"
  mkdir -p "$folder"
  for package in "$work"/*.deb; do dpkg-deb -x "$package" "$folder"; done
  touch "$folder/complete"
}
alone apt fetch_servers
for program in nginx apache2; do
  LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) "$folder/usr/sbin/$program" -v >/dev/null 2>&1 || die "$folder/usr/sbin/$program does not run here"
done
echo "$folder"
