"""A network, and the records that it reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Literal, TypeVar, Union

import numpy as np
import numpy.typing as npt

from . import export
from ._engine import Engine, Held, Record
from .errors import ArgumentError, Error
from .explanation import Explanation
from .manifest import Manifest
from .records import record_bytes

Floats = npt.NDArray[np.float32]
Method = Literal[
    "lrp",
    "gradient",
    "abs-gradient",
    "gradient-x-input",
    "integrated-gradients",
    "smooth-grad",
    "deep-shap",
    "occlusion",
]
#: One stay or a batch: numbers in model units, or records that were read.
Input = Union[npt.ArrayLike, "Stay", Sequence["Stay"]]
T = TypeVar("T")


class Stay:
    """One ICU episode, read for a model by `Model.read`.

    `input` is the model's input, `[steps, columns]`, float32, in model units. `report` says what was read, skipped and
    found implausible, with the names that JavaScript has (`rows`, `rowsRead`, `observed`, ...). `name` is the record's.
    """

    def __init__(self, record: Record, text: bytes, shape: tuple[int, int]) -> None:
        self._record = record
        self._bytes = text
        self.name = record.name
        self.sha256 = record.sha256
        self.input: Floats = np.frombuffer(record.input, dtype="<f4").reshape(shape)
        self.report: dict[str, Any] = json.loads(record.report)

    def cells(self) -> list[dict[str, Any]]:
        """What stands in each cell, a channel's steps after each other: `value` in clinical units, `category` (an index,
        or None), `origin` (`{"kind": "observed" | "carried-forward" | "normal"}`, with `age` in steps where carried)."""
        cells: list[dict[str, Any]] = json.loads(self._record.cells)
        return cells

    def __repr__(self) -> str:
        return f"<vitrine.Stay {self.name!r}, {sum(self.report['observed'])} values observed>"


class Model:
    """A recurrent network, ready to run and to be explained.

    model: the path of an ONNX file, its bytes, a `torch.nn.Module`, or a Keras model. A module is exported in memory, and
        its own output has to agree with the engine's to 2e-6. Weights in `NAME.onnx.data` beside the file are found.
    manifest: what columns and outputs mean: a `vitrine.Manifest` or dict, JSON text, or the path of a JSON file. It takes
        the place of the file's own. Without either, 48 x 76 inputs are taken to be the MIMIC-III benchmark's, and others
        get a plain manifest (columns `c0`, `c1`, ...).
    external: further files of the model by the name that the ONNX file gives them.
    shape: `(steps, columns)` of a module's input, where the manifest does not say it.

    Raises `vitrine.Error` (a `ValueError`) where the file is damaged or cannot be explained; the message names the node
    and what to do. What is accepted: `docs/compatibility.md`.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | bytes | Any,
        manifest: Manifest | Mapping[str, Any] | str | os.PathLike[str] | None = None,
        *,
        external: Mapping[str, bytes] | None = None,
        shape: tuple[int, int] | None = None,
    ) -> None:
        text = manifest_text(manifest)
        files = dict(external or {})
        self.name = "model.onnx"
        if isinstance(model, (bytes, bytearray, memoryview)):
            onnx = bytes(model)
        elif isinstance(model, (str, os.PathLike)):
            path = Path(model)
            onnx, self.name = path.read_bytes(), path.name
            weights = path.with_name(path.name + ".data")
            if weights.exists():
                files.setdefault(weights.name, weights.read_bytes())
        elif export.is_module(model):
            shape = _shape(text, shape)
            onnx, self.name = export.to_onnx(model, shape), type(model).__name__
        else:
            kind = type(model).__name__
            raise ArgumentError(f"argument: model is a {kind}; give a path, bytes, a torch module or a Keras model")
        self._engine = Engine(onnx, text, files)
        self._onnx, self._external = onnx, files
        self.manifest = Manifest(json.loads(self._engine.manifest))
        if export.is_module(model):
            export.check_same(model, (self.steps, self.columns), self.predict)

    @property
    def steps(self) -> int:
        """Steps of the input."""
        return self._engine.steps

    @property
    def columns(self) -> int:
        """Columns of the input."""
        return self._engine.columns

    @property
    def outputs(self) -> list[str]:
        """A name for each number that the model returns."""
        return self._engine.outputs

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return self._engine.parameters

    @property
    def manifest_source(self) -> str:
        """Where the manifest comes from: "inside" the file, "beside" it, "in-place" of the one inside, or "built-in"."""
        return self._engine.manifest_source

    @property
    def sha256(self) -> str:
        """SHA-256 of the ONNX file, 64 hexadecimal digits."""
        return self._engine.sha256

    def predict(self, x: Input) -> Floats:
        """The model's outputs: `[outputs]` for one stay, `[stays, outputs]` for a batch, float32.

        x: `[steps, columns]` or `[stays, steps, columns]` in model units, what `read` returned, or a list of those.
        Raises `ArgumentError` for another shape and for numbers that are not finite.
        """
        inputs, is_batch = self._inputs(x)
        outputs = _each(inputs, self._engine.predict)
        array = np.frombuffer(b"".join(outputs), dtype="<f4").reshape(len(inputs), len(self.outputs))
        return array if is_batch else array[0]

    def explain(
        self,
        x: Input,
        *,
        method: Method = "lrp",
        target: int = 0,
        baseline: npt.ArrayLike | Stay | None = None,
        explain: Literal["paper", "score", "probability"] | None = None,
        epsilon: float | None = None,
        bias_factor: float | None = None,
        rule: Literal["arras2017", "arras2019"] | None = None,
        gates: Literal["all", "half", "prop", "abs"] | None = None,
        steps: int | None = None,
        noise: float | None = None,
        seed: int | None = None,
    ) -> Explanation:
        """Relevance of every input for one output, with its account.

        x: as for `predict`. target: the output's index. baseline: `[steps, columns]`, what integrated-gradients and
        deep-shap explain the difference from; by default the stay in which nothing was observed.

        method: "lrp" (Bach 2015, 10.1371/journal.pone.0130140; for LSTMs Arras 2017, 10.18653/v1/W17-5221), "gradient",
        "abs-gradient", "gradient-x-input", "integrated-gradients" (Sundararajan 2017, arXiv:1703.01365), "smooth-grad"
        (Smilkov 2017, arXiv:1706.03825), "deep-shap" (Lundberg 2017, arXiv:1705.07874), "occlusion" of measurements
        (Zeiler 2014, arXiv:1311.2901). `docs/methods.md` says what each number means.

        explain: "paper" (the sign-mask rule, and dp/dx for gradients; the default for one sigmoid output), "score" (the
        default else) or "probability". epsilon (default 0.01), bias_factor (0..1, default 0), rule and gates are those of
        LRP. steps: most derivatives of the integral, or noisy inputs. noise: that of smooth-grad, relative to the range.

        Raises `ArgumentError` for options that are unknown or out of range, `UnstableError` where the parts do not add up
        to the score, and as `predict`.
        """
        options = {
            "method": method,
            "target": target,
            "baseline": baseline,
            "explain": explain,
            "epsilon": epsilon,
            "bias_factor": bias_factor,
            "rule": rule,
            "gates": gates,
            "steps": steps,
            "noise": noise,
            "seed": seed,
        }
        given = self._asked(options)
        text = _json(given)
        inputs, is_batch = self._inputs(x)
        held = _each(inputs, lambda one: self._engine.explain(one, text))
        return Explanation(self, held, _records(x), given, is_batch)

    def audit(self, x: Input, relevance: Explanation | npt.ArrayLike | None = None, **options: Any) -> Any:
        """How far an explanation holds for this stay and this network: a dict, or a list of them for a batch.

        relevance: what `explain` returned, or a map from elsewhere (Captum, SHAP, your own), shaped as `x`; without it
        `options`, as of `explain`, make the explanation first. A map that a difference was explained by needs its
        `baseline` here too.

        The fields are JavaScript's `Trust`: `verdict` ("holds", "shaky", "does not hold"), `probability`, `answers` with
        `question`, `value`, `interval` and `decides`, `curves`, `ceiling`, ... `docs/holds.md` says what each is.
        Raises as `explain`; `ArgumentError` for a map of another shape or with numbers that are not finite.
        """
        inputs, is_batch = self._inputs(x)
        if relevance is None or isinstance(relevance, Explanation):
            found = self.explain(x, **options) if relevance is None else relevance
            held = found._held
        else:
            values, _ = self._inputs(relevance)
            held = self._foreign(inputs, values, options)
        if len(held) != len(inputs):
            raise ArgumentError(f"argument: relevance is of {len(held)} stays, and the input of {len(inputs)}")
        audits = [json.loads(text) for text in _each(held, lambda one: one.audit())]
        return audits if is_batch else audits[0]

    def read(
        self,
        record: str | os.PathLike[str] | bytes,
        *,
        format: Literal["auto", "mimic3", "physionet2012", "fhir", "long"] = "auto",
        name: str | None = None,
        patient: str | None = None,
        encounter: str | None = None,
        time_zero: str | None = None,
        mapping: Mapping[str, Any] | None = None,
    ) -> Stay:
        """Reads a record of one stay: a path, the bytes of a file (which may be compressed), or text.

        A `str` with a line end is a text, and any other is a path. A table in Parquet is read where pyarrow is there. patient, encounter, time_zero and mapping say what the
        record leaves open, as JavaScript's `StayOptions` (`docs/records.md`).

        Raises `RecordError` with the line and what to do; where a choice would do, `error.question` has the choices.
        """
        data, own_name = record_bytes(record)
        options = {
            "format": format,
            "name": name or own_name,
            "patient": patient,
            "encounter": encounter,
            "timeZero": time_zero,
            "mapping": mapping,
        }
        text = _json({field: value for field, value in options.items() if value is not None})
        return Stay(self._engine.read(data, text), data, (self.steps, self.columns))

    def _inputs(self, x: Any) -> tuple[list[bytes], bool]:
        """The stays' numbers as the engine takes them, and whether they are a batch."""
        if isinstance(x, Stay):
            return [x.input.tobytes()], False
        if isinstance(x, (list, tuple)) and x and all(isinstance(one, Stay) for one in x):
            return [one.input.tobytes() for one in x], True
        array = floats(x)
        whole = (self.steps, self.columns)
        if array.shape == whole or array.shape == (self.steps * self.columns,):
            return [array.tobytes()], False
        if array.ndim >= 2 and array.shape[1:] in (whole, (self.steps * self.columns,)):
            return [one.tobytes() for one in array], True
        raise ArgumentError(
            f"argument: the input has the shape {list(array.shape)}; the model reads {list(whole)}, or "
            f"[stays, {whole[0]}, {whole[1]}]"
        )

    def _asked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of `explain` as the engine takes them; what is not given is left out."""
        given = {name: value for name, value in options.items() if value is not None}
        if "bias_factor" in given:
            given["biasFactor"] = given.pop("bias_factor")
        if "baseline" in given:
            given["baseline"] = self._baseline(given["baseline"])
        return given

    def _baseline(self, baseline: Any) -> list[float]:
        (one, *others), _ = self._inputs(baseline)
        if others:
            raise ArgumentError("argument: baseline holds several stays; explain against one at a time")
        return [float(value) for value in np.frombuffer(one, dtype="<f4")]

    def _foreign(self, inputs: list[bytes], values: list[bytes], options: dict[str, Any]) -> list[Held]:
        if len(inputs) != len(values):
            raise ArgumentError(f"argument: relevance is of {len(values)} stays, and the input of {len(inputs)}")
        text = _json(self._asked(options))
        return [self._engine.foreign(one, value, text) for one, value in zip(inputs, values)]

    def __repr__(self) -> str:
        return f"<vitrine.Model {self.name!r}, {self.steps} steps x {self.columns} columns, {', '.join(self.outputs)}>"


def floats(x: Any) -> Floats:
    """Numbers of an array, a tensor, or a frame, in single precision and row-major."""
    if hasattr(x, "detach"):
        x = x.detach().cpu()
    try:
        return np.ascontiguousarray(x, dtype="<f4")
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"argument: the input is no array of numbers ({error})") from error


def manifest_text(manifest: Any) -> str | None:
    """A manifest as JSON text; nothing for nothing. Files are read, and text is taken as it is."""
    if manifest is None:
        return None
    if isinstance(manifest, Mapping):
        return json.dumps(manifest, ensure_ascii=False, allow_nan=False)
    if isinstance(manifest, str) and manifest.lstrip().startswith("{"):
        return manifest
    return Path(manifest).read_text(encoding="utf-8")


def _shape(text: str | None, shape: tuple[int, int] | None) -> tuple[int, int]:
    if shape is not None:
        return shape
    if text is not None:
        manifest = json.loads(text)
        return manifest["steps"], manifest["columns"]
    raise ArgumentError("argument: shape: a module does not say its input; give shape=(steps, columns), or a manifest")


def _json(options: Mapping[str, Any]) -> str:
    try:
        return json.dumps(options, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"argument: options: {error}") from error


def _each(items: Sequence[Any], work: Callable[[Any], T]) -> list[T]:
    """The work on each item, in their order, on all cores; an error names the stay."""

    def numbered(index: int) -> T:
        try:
            return work(items[index])
        except Error as error:
            error.args = (f"stay {index}: {error}",)
            raise

    if len(items) == 1:
        return [work(items[0])]
    # The engine lets the interpreter go while it works.
    with ThreadPoolExecutor(min(len(items) or 1, os.cpu_count() or 1)) as pool:
        return list(pool.map(numbered, range(len(items))))


def _records(x: Any) -> list[Stay] | None:
    if isinstance(x, Stay):
        return [x]
    return list(x) if isinstance(x, (list, tuple)) and x and all(isinstance(one, Stay) for one in x) else None
