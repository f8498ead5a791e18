"""onnxruntime as a native library, on one thread, for bench.mjs.

    native.py MODEL.onnx INPUTS.f32 STEPS COLUMNS

Says first, as one line of JSON, its version and how long loading took; then, for each line it reads, runs every stay of
INPUTS.f32 one after another and says the milliseconds that a stay took, the probabilities, and the most memory that the
process has held until then, in bytes, beside what it held before onnxruntime.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np


def most() -> int:
    """The most memory that this process has held, in bytes. What Linux says of its resources counts the parent that it was
    forked from."""
    status = Path("/proc/self/status")
    if status.exists() and (held := re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)):
        return int(held[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


BEFORE = most()

import onnxruntime as ort  # noqa: E402  (what it takes is measured)

LOADS = 10


def main() -> None:
    model, inputs, steps, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    stays = np.fromfile(inputs, dtype="<f4").reshape(-1, 1, steps, columns)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    loads = []
    for _ in range(LOADS):
        start = time.perf_counter()
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        loads.append((time.perf_counter() - start) * 1e3)
    name = session.get_inputs()[0].name
    say({"version": ort.__version__, "loads": loads})
    for _ in sys.stdin:
        start = time.perf_counter()
        results = [session.run(None, {name: stay})[0] for stay in stays]
        taken = (time.perf_counter() - start) * 1e3
        probabilities = [float(result.ravel()[0]) for result in results]
        say({"ms": taken / len(stays), "probabilities": probabilities, "most": most(), "before": BEFORE})


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
