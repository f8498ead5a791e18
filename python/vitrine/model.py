"""A network, and the records that it reads."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Literal, TypeVar, Union

import numpy as np
import numpy.typing as npt

from . import export
from ._engine import Engine, Held
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
    found implausible, with the names that JavaScript has (`rows`, `rowsRead`, `observed`, ...). `name` is the record's. A
    stay may be pickled; it brings its model and its record along.
    """

    def __init__(self, model: Model, text: bytes, options: str) -> None:
        record = model._engine.read(text, options)
        self._made_of = (model, text, options)
        self._record = record
        self._bytes = text
        self.name = record.name
        self.sha256 = record.sha256
        self.input: Floats = np.frombuffer(record.input, dtype="<f4").reshape(record.steps, model.columns)
        self.report: dict[str, Any] = json.loads(record.report)

    def cells(self) -> list[dict[str, Any]]:
        """What stands in each cell, a channel's steps after each other: `value` in clinical units, `category` (an index,
        or None), `origin` (`{"kind": "observed" | "carried-forward" | "normal"}`, with `age` in steps where carried)."""
        cells: list[dict[str, Any]] = json.loads(self._record.cells)
        return cells

    def __reduce__(self) -> tuple[Any, ...]:
        return Stay, self._made_of

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

    A network whose number of steps nothing says (`open_steps`) is run at each stay's own length, as on the page; `steps` is
    then the length that it was opened with. A model may be pickled: for processes of your own, or a cache.

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
            # One that the network does not name is none of its.
            if weights.exists() and weights.name.encode() in onnx:
                files.setdefault(weights.name, weights.read_bytes())
        elif export.is_module(model):
            shape = _shape(text, shape)
            onnx, self.name = export.to_onnx(model, shape), type(model).__name__
        else:
            kind = type(model).__name__
            raise ArgumentError(f"argument: model is a {kind}; give a path, bytes, a torch module or a Keras model")
        self._engine = Engine(onnx, text, files)
        self._onnx, self._external, self._manifest_text = onnx, files, text
        self.manifest = Manifest(json.loads(self._engine.manifest))
        if self.assumed_layout and not export.is_module(model):
            warnings.warn(_assumed(self.name, self.assumed_layout), stacklevel=2)
        if export.is_module(model):
            export.check_shape(shape, (self.steps, self.columns))
            export.check_same(model, (self.steps, self.columns), self.predict)

    @property
    def steps(self) -> int:
        """Steps of the input."""
        return self._engine.steps

    @property
    def open_steps(self) -> bool:
        """Whether neither the file nor a manifest says how many steps a stay has."""
        return self._engine.open_steps

    @property
    def assumed_layout(self) -> tuple[str, ...]:
        """What the axes of the input with the steps are taken for, as a manifest's `layout` has them, where neither the file nor
        a manifest nor what the layers do tells; empty where something does. Opening such a file warns of it."""
        return tuple(self._engine.assumed_layout)

    def at_length(self, steps: int) -> Model:
        """The same network for stays of so many steps, where their number is open. Raises `ArgumentError` where it is not."""
        if steps == self.steps:
            return self
        if not self.open_steps:
            raise ArgumentError(f"argument: steps: the model reads stays of {self.steps} steps, and no others")
        fitted = object.__new__(type(self))
        fitted.__dict__.update(self.__dict__)
        fitted._engine = self._engine.at_length(steps)
        fitted.manifest = Manifest(json.loads(fitted._engine.manifest))
        return fitted

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
        """SHA-256 of the ONNX file, 64 hexadecimal digits; where weights are in other files, of it and then of these in the
        order of their names, as of `cat model.onnx model.onnx.data`."""
        return self._engine.sha256

    def predict(self, x: Input) -> Floats:
        """The model's outputs: `[outputs]` for one stay, `[stays, outputs]` for a batch, float32.

        x: `[steps, columns]` or `[stays, steps, columns]` in model units, what `read` returned, or a list of those.
        A network of any number of steps takes stays of any length, those of a batch being as long as each other.
        Raises `ArgumentError` for another shape and for numbers that are not finite.
        """
        fitted = self._fitted(x)
        inputs, is_batch = fitted._inputs(x)
        outputs = _each(inputs, fitted._engine.predict)
        array = np.frombuffer(b"".join(outputs), dtype="<f4").reshape(len(inputs), len(self.outputs))
        return array if is_batch else array[0]

    def explain(
        self,
        x: Input,
        *,
        method: Method = "lrp",
        target: int | str = 0,
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

        x: as for `predict`. target: the output's index, or its name among `outputs`. baseline: `[steps, columns]`, what integrated-gradients and
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
        fitted = self._fitted(x)
        given = fitted._asked(options)
        inputs, is_batch = fitted._inputs(x)
        return Explanation(fitted, inputs, _records(x), given, is_batch)

    def audit(
        self, x: Input, relevance: Explanation | npt.ArrayLike | None = None, *, details: bool = True, **options: Any
    ) -> Any:
        """How far an explanation holds for this stay and this network: a dict, or a list of them for a batch.

        relevance: what `explain` returned, or a map from elsewhere (Captum, SHAP, your own), shaped as `x`; without it
        `options`, as of `explain`, make the explanation first. A map that a difference was explained by needs its
        `baseline` here too.
        details: False stops as soon as the word is known, which is sooner by far for methods of many runs. Noise, shuffles,
        epsilon and curves, which decide nothing, are then absent, and `isFinal` is False; the word is the same.

        The fields are JavaScript's `Trust`: `verdict` ("holds", "shaky", "does not hold"), `probability`, `answers` with
        `question`, `value`, `interval` and `decides`, `isFinal`, `curves`, `ceiling`, ... `docs/holds.md` says what each is.
        Raises as `explain`; `ArgumentError` for a map of another shape or with numbers that are not finite.
        """
        fitted = self._fitted(x)
        inputs, is_batch = fitted._inputs(x)
        if isinstance(relevance, Explanation):
            relevance._check_of(fitted, inputs, options)
            held = relevance._held
        elif relevance is None:
            held = fitted.explain(x, **options)._held
        else:
            values, _ = fitted._inputs(relevance, "relevance")
            held = fitted._foreign(inputs, values, options)
        if len(held) != len(inputs):
            raise ArgumentError(f"argument: relevance is of {len(held)} stays, and the input of {len(inputs)}")
        audits = [json.loads(text) for text in _each(held, lambda one: one.audit(details))]
        return audits if is_batch else audits[0]

    def read(
        self,
        record: str | os.PathLike[str] | bytes | Any,
        *,
        format: Literal["auto", "mimic3", "physionet2012", "fhir", "long"] = "auto",
        name: str | None = None,
        patient: str | None = None,
        encounter: str | None = None,
        time_zero: str | None = None,
        mapping: Mapping[str, Any] | None = None,
    ) -> Stay:
        """Reads a record of one stay: a path, the bytes of a file (which may be compressed), text, or a frame.

        A `str` with a line end is a text, and any other is a path. A table in Parquet is read where pyarrow is there, and so
        is a frame of pandas or polars, or an Arrow table, with the columns that a file would have; an index with a name is one.
        patient, encounter, time_zero and mapping say what the record leaves open, as JavaScript's `StayOptions`
        (`docs/records.md`). A network of any number of steps gives a stay as long as its record.

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
        return Stay(self, data, _json({field: value for field, value in options.items() if value is not None}))

    def _fitted(self, x: Any) -> Model:
        """This network, or, where its number of steps is open, the same for stays as long as x."""
        if not self.open_steps:
            return self
        if isinstance(x, Stay):
            return self.at_length(len(x.input))
        if isinstance(x, (list, tuple)) and x and all(isinstance(one, Stay) for one in x):
            lengths = sorted({len(one.input) for one in x})
            if len(lengths) > 1:
                raise ArgumentError(
                    f"argument: the stays have from {lengths[0]} to {lengths[-1]} steps; give those of one length together, or "
                    "one after the other"
                )
            return self.at_length(lengths[0])
        shape = floats(x).shape
        is_whole = len(shape) in (2, 3) and shape[-1] == self.columns and shape[-2] > 0
        return self.at_length(shape[-2]) if is_whole else self

    def _inputs(self, x: Any, name: str = "the input") -> tuple[list[bytes], bool]:
        """The stays' numbers as the engine takes them, and whether they are a batch. name: what an error calls them."""
        stays = _records(x)
        if stays:
            for stay in stays:
                self._check_read(stay, name)
            return [stay.input.tobytes() for stay in stays], not isinstance(x, Stay)
        array = floats(x, name)
        whole = (self.steps, self.columns)
        if array.shape == whole or array.shape == (self.steps * self.columns,):
            return [array.tobytes()], False
        if array.ndim >= 2 and array.shape[1:] in (whole, (self.steps * self.columns,)):
            return [one.tobytes() for one in array], True
        raise ArgumentError(
            f"argument: {name} has the shape {list(array.shape)}; the model reads {list(whole)}, or "
            f"[stays, {whole[0]}, {whole[1]}]"
        )

    def _check_read(self, stay: Stay, name: str) -> None:
        """Refuses a stay whose numbers are in the units of another network, which may have the same shape."""
        reader = stay._made_of[0]
        if reader is not self and _reading(reader) != _reading(self):
            raise ArgumentError(
                f"argument: {name}: {stay.name!r} was read for a network whose manifest makes other numbers of it; read it again with "
                "this model"
            )

    def _explained(self, inputs: Sequence[bytes], options: Mapping[str, Any]) -> list[Held]:
        text = _json(options)
        return _each(inputs, lambda one: self._engine.explain(one, text))

    def _asked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of `explain` as the engine takes them; what is not given is left out."""
        given = {name: value for name, value in options.items() if value is not None}
        if "bias_factor" in given:
            given["biasFactor"] = given.pop("bias_factor")
        if isinstance(given.get("target"), str):
            given["target"] = self._output(given["target"])
        if "baseline" in given:
            given["baseline"] = self._baseline(given["baseline"])
        return given

    def _output(self, name: str) -> int:
        if self.outputs.count(name) != 1:
            raise ArgumentError(f"argument: target: no one output is called {name!r}; there are {', '.join(self.outputs)}")
        return self.outputs.index(name)

    def _baseline(self, baseline: Any) -> list[float]:
        (one, *others), _ = self._inputs(baseline, "baseline")
        if others:
            raise ArgumentError("argument: baseline holds several stays; explain against one at a time")
        return [float(value) for value in np.frombuffer(one, dtype="<f4")]

    def _foreign(self, inputs: list[bytes], values: list[bytes], options: dict[str, Any]) -> list[Held]:
        if len(inputs) != len(values):
            raise ArgumentError(f"argument: relevance is of {len(values)} stays, and the input of {len(inputs)}")
        text = _json(self._asked(options))
        return [self._engine.foreign(one, value, text) for one, value in zip(inputs, values)]

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._onnx, self._manifest_text, self._external, self.name, self.steps)

    def __repr__(self) -> str:
        steps = "any number of" if self.open_steps else self.steps
        return f"<vitrine.Model {self.name!r}, {steps} steps x {self.columns} columns, {', '.join(self.outputs)}>"


def _reopened(onnx: bytes, manifest: str | None, external: Mapping[str, bytes], name: str, steps: int) -> Model:
    """A model that was pickled."""
    model = Model(onnx, manifest, external=external)
    model.name = name
    return model.at_length(steps)


def floats(x: Any, name: str = "the input") -> Floats:
    """Numbers of an array, a tensor, or a frame, in single precision and row-major. name: what an error calls them.

    Raises `ArgumentError` for what is no array of real numbers, and for numbers that are hidden or beyond single precision.
    """
    if hasattr(x, "detach"):
        x = x.detach().cpu()
    if np.ma.is_masked(x):
        raise ArgumentError(f"argument: {name} is a masked array, and a network reads every number; fill what is hidden")
    try:
        given = np.asarray(x)
        if np.iscomplexobj(given):
            raise ArgumentError(f"argument: {name} has complex numbers; give real ones")
        if given.dtype.kind in "mM":
            raise ArgumentError(f"argument: {name} has times; give numbers")
        if given.dtype.kind == "O":
            # So that what single precision changes is seen below.
            given = given.astype(np.float64)
        with np.errstate(over="ignore"):
            single = np.ascontiguousarray(given, dtype="<f4")
    except (TypeError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"argument: {name} is no array of numbers ({error})") from error
    if given.dtype.kind in "iu" and not np.array_equal(given, single):
        raise ArgumentError(f"argument: {name} has whole numbers that single precision rounds, above 16777216; number codes anew")
    if given.dtype.kind == "f" and not np.array_equal(np.isinf(given), np.isinf(single)):
        raise ArgumentError(f"argument: {name} has numbers beyond the range of single precision, 3.4e38; scale them as in training")
    return single


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


def _assumed(name: str, layout: tuple[str, ...]) -> str:
    axes = ", ".join(f'"{axis}"' for axis in layout)
    return (
        f"{name}: nothing says what the axes of its input are; they are taken for [{axes}]. Where they are others, say so "
        'in the manifest, by "layout"'
    )


def _json(options: Mapping[str, Any]) -> str:
    try:
        return json.dumps(options, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"argument: options: {error}") from error


def _plain(value: Any) -> Any:
    """A number or an array of NumPy as Python has it."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{value!r} is a {type(value).__name__}; give a number, a text or a list")


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


def _reading(model: Model) -> list[Any]:
    """What of a manifest makes a record's numbers."""
    fields = ("name", "columns", "encoding", "mask", "delta", "gap", "imputation", "static")
    channels = [[channel.get(field) for field in fields] for channel in model.manifest["channels"]]
    return [model.columns, model.manifest["step_hours"], channels]


def _records(x: Any) -> list[Stay] | None:
    if isinstance(x, Stay):
        return [x]
    return list(x) if isinstance(x, (list, tuple)) and x and all(isinstance(one, Stay) for one in x) else None
