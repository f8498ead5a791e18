"""onnxruntime as a native library, on one thread, for bench.mjs.

    native.py MODEL.onnx INPUTS.f32 STEPS COLUMNS

Says first, as one line of JSON, its version and how long loading took; then, for each line it reads, runs every stay of
INPUTS.f32 one after another and says the milliseconds that a stay took and the probabilities.
"""

import json
import sys
import time

import numpy as np
import onnxruntime as ort

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
        say({"ms": taken / len(stays), "probabilities": [float(result.ravel()[0]) for result in results]})


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
