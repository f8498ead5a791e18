"""The seeded inputs of tests/fixtures/families: so simple that Rust draws the same, and only outputs are stored.

One generator an input set k = 0..19, its state a 32-bit number that starts at 12345 + k; four draws are thrown away.

    state = 1664525 state + 1013904223   (mod 2^32)
    float: (state >> 8) / 2^23 - 1               in [-1, 1), exact in float32
    token: (state >> 8) * n_vocabulary >> 24     in 0 .. n_vocabulary - 1
    length: the same of the number of steps, and 1

The inputs of a file are filled one after another in the order of its graph, row-major. Where the index says
`"padding": "trailing"`, the last k mod 5 steps of the first input are then set to zero (or token 0); where it says
`"scattered"`, every step t with (3 t + k) mod 4 = 0.
"""

import numpy as np

N_SETS = 20
TYPES = {"float32": np.float32, "float64": np.float64, "float16": np.float16, "int64": np.int64, "int32": np.int32}


def draws(k):
    state = 12345 + k
    for _ in range(4):
        state = (1664525 * state + 1013904223) % 2**32
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state >> 8


def input_set(k, inputs, padding=None):
    """{name: array} for the inputs as the index lists them: name, shape, type, and vocabulary for tokens."""
    generator, feed = draws(k), {}
    for entry in inputs:
        shape, n = entry["shape"], int(np.prod(entry["shape"]))
        numbers = [next(generator) for _ in range(n)]
        if "vocabulary" in entry:
            values = [(x * entry["vocabulary"]) >> 24 for x in numbers]
        elif "lengths" in entry:
            values = [1 + ((x * entry["lengths"]) >> 24) for x in numbers]
        else:
            values = [x / 2**23 - 1 for x in numbers]
        feed[entry["name"]] = np.array(values).reshape(shape).astype(TYPES[entry["type"]])
    if padding == "trailing" and k % 5:
        feed[inputs[0]["name"]][:, -(k % 5) :] = 0
    if padding == "scattered":
        first = feed[inputs[0]["name"]]
        first[:, [t for t in range(first.shape[1]) if (3 * t + k) % 4 == 0]] = 0
    return feed
