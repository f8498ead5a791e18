"""From a torch or Keras module in memory to ONNX, and its own output held against the engine's."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import numpy.typing as npt

from .errors import ArgumentError, MismatchError

Floats = npt.NDArray[np.float32]

#: How far the framework's output and the engine's may be apart, relative to values above 1.
TOLERANCE = 2e-6


def is_module(model: object) -> bool:
    """Whether an object is a torch module or a Keras model. Neither framework is imported to find out."""
    return _framework(model) is not None


def to_onnx(module: Any, shape: tuple[int, int]) -> bytes:
    """ONNX of a torch module or Keras model whose input is `[batch, steps, columns]`, `shape` being `(steps, columns)`.

    The module is not changed; a torch module is exported in evaluation mode and put back as it was. As in
    `docs/recipes.md`; Keras goes through `tf2onnx`.
    """
    framework = _framework(module)
    if framework == "torch":
        return _from_torch(module, shape)
    return _from_keras(module, shape)


def check_shape(asked: tuple[int, int], opened: tuple[int, int]) -> None:
    """Raises `MismatchError` where the export reads other steps and columns than the module was said to: the engine takes the
    first axis for stays."""
    if tuple(asked) != opened:
        raise MismatchError(
            f"mismatch: the export reads {opened[0]} steps x {opened[1]} columns, and shape says {asked[0]} x {asked[1]}; the "
            "module has to take [stays, steps, columns] (torch: batch_first=True)"
        )


def check_same(module: Any, shape: tuple[int, int], predict: Callable[[Floats], Floats]) -> None:
    """Runs the framework and the engine on the same made-up numbers.

    Raises `MismatchError` where an output differs by more than `TOLERANCE`.
    """
    x = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
    own = np.asarray(_run(module, x), dtype=np.float64).ravel()
    ours = predict(x).astype(np.float64).ravel()
    if own.shape != ours.shape:
        raise MismatchError(f"mismatch: the module returns {own.size} numbers and its export {ours.size}")
    difference = float(np.max(np.abs(own - ours) / np.maximum(np.abs(own), 1.0), initial=0.0))
    if not difference <= TOLERANCE:
        raise MismatchError(
            f"mismatch: the module and its export differ by {difference:.1e}, and {TOLERANCE:.0e} is allowed; "
            "put the module into evaluation mode, or export it yourself and give the file"
        )


def _framework(model: object) -> str | None:
    for name, kind in (("torch", "nn.Module"), ("keras", "Model"), ("tf_keras", "Model")):
        found: Any = sys.modules.get(name)
        for part in kind.split("."):
            found = getattr(found, part, None)
        if isinstance(found, type) and isinstance(model, found):
            return name
    return None


def _from_torch(module: Any, shape: tuple[int, int]) -> bytes:
    import torch

    with _evaluating(module):
        buffer = io.BytesIO()
        names: dict[str, Any] = {"input_names": ["x"], "output_names": ["y"]}
        with warnings.catch_warnings():
            # The exporter warns of LSTMs whose batch changes; here it is 1, and `check_same` compares what comes out.
            warnings.simplefilter("ignore")
            torch.onnx.export(module, (torch.zeros(1, *shape),), buffer, dynamo=False, opset_version=17, **names)
        return buffer.getvalue()


def _from_keras(module: Any, shape: tuple[int, int]) -> bytes:
    try:
        import tensorflow as tf
        import tf2onnx
    except ImportError as error:
        raise ArgumentError(f"argument: a Keras model is exported by tf2onnx: pip install tf2onnx ({error})") from error

    # An open batch: tf2onnx then writes LSTM nodes, where a batch of 1 becomes Loops.
    signature = [tf.TensorSpec((None, *shape), tf.float32, name="x")]
    call = tf.function(lambda x: module(x, training=False), input_signature=signature)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        tf2onnx.convert.from_function(call, input_signature=signature, opset=17, output_path=str(path))
        return path.read_bytes()


def _run(module: Any, x: Floats) -> Any:
    if _framework(module) != "torch":
        return module(x, training=False)
    import torch

    with _evaluating(module), torch.no_grad():
        return module(torch.from_numpy(x)).detach().cpu().numpy()


@contextlib.contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """A torch module in evaluation mode, and each of its parts as it was afterwards: some are frozen while others train."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, was_training in modes:
            part.training = was_training
