#!/usr/bin/env bash
# Trains the demo network again: data -> network -> ONNX, metrics and model card.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
python=$(tools/venv.sh training/requirements.txt)
exec "$python" training/train.py "$@"
