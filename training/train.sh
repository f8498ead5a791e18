#!/bin/sh
# Trains the demo networks from PhysioNet 2012 and writes www/models/, training/metrics.json and www/stays/.
#
#   training/train.sh                        data in ../shared/data, tools in ~/.cache/vitrine
#   DATA=/my/data VITRINE_CACHE=/my/cache training/train.sh
#   training/train.sh validate               runs the committed networks on the external data, and renders the model card
#
# Safe to repeat: the tools are installed once (again only when requirements.txt changes).
set -eu
cd "$(dirname "$0")/.."

data=${DATA:-${VITRINE_DATA:-../shared/data}}
cache=${VITRINE_CACHE:-$HOME/.cache/vitrine}
venv=$cache/training-venv
stamp=$venv/installed-requirements.txt
python=${PYTHON:-python3}

if [ "${1:-}" != validate ] && [ ! -e "$data/physionet2012/set-a.tar.xz" ]; then
    echo "train: no $data/physionet2012/set-a.tar.xz" >&2
    echo "train: sets a and b of the PhysioNet/CinC Challenge 2012 are open data (ODC-By 1.0): get them from" >&2
    echo "train: https://physionet.org/content/challenge-2012/1.0.0/, pack set-a and Outcomes-a.txt as set-a.tar.xz, likewise b," >&2
    echo "train: into a folder physionet2012, and name the folder above it: DATA=/path/to/data $0" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "train: needs Python 3.11 or newer; name one with PYTHON=/path/to/python3 $0" >&2
    exit 1
fi
if ! command -v "${CC:-cc}" > /dev/null; then
    echo "train: needs a C compiler; install gcc or clang, or name one with CC=/path/to/cc $0" >&2
    exit 1
fi
if ! cmp -s training/requirements.txt "$stamp"; then
    echo "train: installing scikit-learn, onnx and onnxruntime into $venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --requirement training/requirements.txt
    cp training/requirements.txt "$stamp"
fi

if [ "${1:-}" = validate ]; then
    exec "$venv/bin/python" training/validate.py --data "$data"
fi
"$venv/bin/python" training/simulate.py
exec "$venv/bin/python" training/train.py --data "$data" --cache "$cache" "$@"
