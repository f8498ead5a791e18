#!/usr/bin/env bash
# venv.sh REQUIREMENTS: prints the Python of a virtual environment that holds exactly these requirements, made once for
# each content of the file. With --if-made it makes none, and fails where there is none.
. "$(dirname "$0")/lib.sh"

requirements=${1:?usage: tools/venv.sh REQUIREMENTS [--if-made]}
[ -r "$requirements" ] || die "$requirements: no such file"
for python in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do [ -n "$python" ] && has "$python" && break; done
has "$python" || die "python3 is not on PATH; install Python 3.11 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "$("$python" --version) is too old; install Python 3.11 or newer"

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
venv=$CACHE/venv-py$version-$(hash_of "$requirements" | cut -c1-16)
[ -e "$venv/ready" ] || [ "${2:-}" != --if-made ] || exit 3
if [ ! -e "$venv/ready" ]; then
  say "installing $requirements into $venv"
  rm -rf "$venv"
  # Debian ships venv without pip unless python3-venv is there.
  "$python" -m venv "$venv" >&2 || { apt_install "Python virtual environments" "python$version-venv" && rm -rf "$venv" && "$python" -m venv "$venv" >&2; }
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
  touch "$venv/ready"
fi
printf '%s\n' "$venv/bin/python"
