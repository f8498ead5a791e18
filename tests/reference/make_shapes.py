"""One network with its input declared in three ways: a batch of one, a batch fixed at three, time before the batch.

All come from a file of `tests/fixtures/families` with open batch and time, so that outputs and relevance have to be the
same. onnxruntime must agree, or nothing is written.

    python tests/reference/make_shapes.py
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
BASE = FIXTURES / "families/lstm-torchscript-open.onnx"
N_STEPS = 12


def run(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def declare(value, shape):
    for dim, length in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dim.Clear()
        dim.dim_value = length


def batch_of(base, n, n_columns):
    declare(base.graph.input[0], (n, N_STEPS, n_columns))
    declare(base.graph.output[0], (n, 1))
    return base


def time_first(base, n_columns):
    inner = base.graph.input[0].name
    base.graph.node.insert(0, helper.make_node("Transpose", ["time_first"], [inner], name="batch_first", perm=[1, 0, 2]))
    base.graph.input[0].name = "time_first"
    declare(base.graph.input[0], (N_STEPS, 1, n_columns))
    return base


def main():
    n_columns = onnx.load(BASE).graph.input[0].type.tensor_type.shape.dim[2].dim_value
    x = np.random.default_rng(7).standard_normal((1, N_STEPS, n_columns)).astype(np.float32)
    want = run(onnx.load(BASE), x)
    one, three = (batch_of(onnx.load(BASE), n, n_columns) for n in (1, 3))
    first = time_first(onnx.load(BASE), n_columns)
    assert np.abs(run(one, x) - want).max() < 1e-6
    assert np.abs(run(three, np.repeat(x, 3, axis=0)) - want).max() < 1e-6
    assert np.abs(run(first, x.transpose(1, 0, 2)) - want).max() < 1e-6
    folder = FIXTURES / "shapes"
    folder.mkdir(exist_ok=True)
    for name, model in (("batch_of_one", one), ("batch_of_three", three), ("time_first", first)):
        onnx.checker.check_model(model)
        onnx.save(model, folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
