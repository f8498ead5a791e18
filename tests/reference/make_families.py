"""Writes tests/fixtures/families: small networks of every family as real exporters write them, and what onnxruntime
makes of 20 seeded inputs (families/inputs.py).

    python tests/reference/make_families.py                       # all
    python tests/reference/make_families.py torch [NAME ...]      # torch | keras2 | keras3 | hand | operators | channel_wise

Needs requirements-fixtures.txt; `hand`, `operators` and `channel_wise` need requirements.txt alone. Each framework runs in a process
of its own: Keras 2 and Keras 3 cannot share one. Run make_exporters.py before it where the benchmark's files changed.
"""

import os
import subprocess
import sys
from importlib import import_module

FRAMEWORKS = {
    "torch": lambda only: import_module("families.torch_families").cases(only),
    "keras2": lambda only: import_module("families.keras_families").cases(only, 2),
    "keras3": lambda only: import_module("families.keras_families").cases(only, 3),
    "hand": lambda only: import_module("families.handmade").cases(only),
    "operators": lambda only: import_module("families.operators").cases(only),
    "channel_wise": lambda only: import_module("families.channel_wise_cases").cases(only),
}


def main(framework, only):
    from families.record import FOLDER, record, write_index

    FOLDER.mkdir(parents=True, exist_ok=True)
    entries = []
    for case in FRAMEWORKS[framework](only):
        entries.append(record(case))
        print(f"{case.name}: {(FOLDER / case.path).stat().st_size} bytes, {entries[-1]['nodes']}", flush=True)
    write_index(entries)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(sys.argv[1], set(sys.argv[2:]))
    else:
        for name in FRAMEWORKS:
            environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1" if name == "keras2" else "0"}
            subprocess.run([sys.executable, __file__, name], check=True, env=environment)
