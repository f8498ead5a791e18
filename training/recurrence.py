"""`recurrence.c` from Python: compiled once into the cache folder, called with NumPy arrays."""

import ctypes
import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).resolve().parent / "recurrence.c"
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
LANES = 16  # stays that run side by side
PARTS = ("small_w_x", "small_w_h", "small_bias", "large_w_x", "large_w_h", "large_bias", "dense_w", "dense_bias")


class _Weights(ctypes.Structure):
    _fields_ = [(part, ctypes.c_void_p) for part in PARTS]

    def __init__(self, arrays):
        super().__init__(*(arrays[part].ctypes.data for part in PARTS))


@cache
def _library() -> ctypes.CDLL:
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:12]
    folder = Path(os.environ.get("VITRINE_CACHE") or Path.home() / ".cache/vitrine")
    built = folder / f"recurrence-{digest}.so"
    if not built.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        draft = built.with_suffix(f".{os.getpid()}")
        subprocess.run([os.environ.get("CC", "cc"), *FLAGS, "-o", draft, SOURCE], check=True)
        draft.replace(built)
    return ctypes.CDLL(built)


def run(params, columns, x, gradient=None):
    """Scores [n, 48] of x [n, 48, 76]; `columns` are those of each direction.

    `gradient` is `(targets [n], weight of each hour [48], kept inputs [n, 136], kept units [n, 32])`: then `(scores, gradient
    of the mean loss)`, the gradient as a dictionary like `params`; n has to be a multiple of 16.
    """
    n = len(x)
    params = {part: _floats(params[part]) for part in PARTS}
    x = _floats(x if n % LANES == 0 else np.concatenate([x, np.zeros((-n % LANES, *x.shape[1:]), np.float32)]))
    first = np.cumsum([0, *map(len, columns)]).astype(np.int32)
    flat = np.concatenate(columns).astype(np.int32)
    scores = np.empty(x.shape[:2], np.float32)
    given, grad = [None] * 4, None
    if gradient is not None:
        if n % LANES:
            raise ValueError(f"a gradient takes a multiple of {LANES} stays, not {n}")
        given, grad = [_floats(array) for array in gradient], {part: np.zeros_like(params[part]) for part in PARTS}
    pointers = [ctypes.c_void_p(array.ctypes.data if array is not None else None) for array in (x, *given, first, flat)]
    weights, wanted = _Weights(params), ctypes.byref(_Weights(grad)) if grad else None
    if _library()["pass"](len(x), *pointers, ctypes.byref(weights), wanted, ctypes.c_void_p(scores.ctypes.data)):
        raise MemoryError("no memory for a block of 16 stays")
    return scores[:n] if grad is None else (scores, {part: array / n for part, array in grad.items()})


def _floats(array) -> np.ndarray:
    return np.ascontiguousarray(array, np.float32)
