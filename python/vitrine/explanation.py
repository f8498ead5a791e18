"""What an explanation is: one number an input, an account of everything else, and a picture."""

from __future__ import annotations

import html
import json
import math
import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import numpy.typing as npt

from ._engine import Held, sha256
from .errors import ArgumentError
from .page import image

if TYPE_CHECKING:
    from .model import Model, Stay

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
#: A number for one stay, and one a stay for a batch.
Amount = Union[float, Doubles]

#: The methods that explain a difference from a baseline. To others it is what their audit takes measurements away towards.
AGAINST = ("deep-shap", "integrated-gradients")

_LEDGER = ("cells", "masks", "biases", "initialStates", "epsilon", "reference")


class Explanation:
    """Relevance of every input of one stay or of a batch, as `Model.explain` returns it.

    A batch has a length, gives single explanations by index and in a loop, and has one number a stay where a single one
    has a number. Pickled, it is its stays and options, and is made again, to the byte, where it is read.
    """

    def __init__(
        self,
        model: Model,
        inputs: Sequence[bytes],
        records: Sequence[Stay] | None,
        options: dict[str, Any],
        is_batch: bool,
        held: Sequence[Held] | None = None,
        place: int = 0,
    ) -> None:
        self.model = model
        self.options = options
        self._held = list(held if held is not None else model._explained(inputs, options))
        self._records = records
        #: Among the stays of the batch that it was taken from.
        self._place = place
        self._is_batch = is_batch
        self._facts: list[dict[str, Any]] = [json.loads(one.facts) for one in self._held]

    def __reduce__(self) -> tuple[Any, ...]:
        # The engine gives the same bytes for the same input, so that an explanation is made again where it is needed.
        inputs = [one.input for one in self._held]
        return Explanation, (self.model, inputs, self._records, self.options, self._is_batch, None, self._place)

    @property
    def relevance(self) -> Floats:
        """Relevance, `[steps, columns]` or `[stays, steps, columns]`, float32; the page's bytes."""
        shape = (len(self._held), self.model.steps, self.model.columns)
        array = np.frombuffer(b"".join(one.relevance for one in self._held), dtype="<f4").reshape(shape)
        return array if self._is_batch else array[0]

    @property
    def score(self) -> Amount:
        """What was decomposed, in model units of the score; for a gradient, the output that was differentiated."""
        return self._amount("score")

    @property
    def logit(self) -> Amount:
        """The whole score before the sigmoid, whatever part of it was decomposed."""
        return self._amount("logit")

    @property
    def probability(self) -> Amount:
        """The output as the model gives it: in 0..1 where it is a probability."""
        return self._amount("probability")

    @property
    def residual(self) -> Amount:
        """The score minus everything accounted for; NaN for a gradient or occlusion, which decompose nothing."""
        return self._amount("residual")

    @property
    def ledger(self) -> dict[str, Amount]:
        """Where the score went: `cells`, `masks`, `biases`, `initialStates`, `epsilon`, `reference`. NaN throughout for a
        method that decomposes nothing."""
        return {name: self._one_or_all([one["ledger"][name] for one in self._facts]) for name in _LEDGER}

    @property
    def note(self) -> str | None | list[str | None]:
        """Why something is missing, where integrated gradients stopped before they were exact."""
        notes = [one["note"] for one in self._facts]
        return notes if self._is_batch else notes[0]

    def cells(self) -> tuple[Floats, Floats]:
        """Relevance of each cell's value, and of its being measured: `[channels, steps]` each, or
        `[stays, channels, steps]`; float32. Channels are in the order of the manifest."""
        shape = (len(self._held), len(self.model.manifest["channels"]), self.model.steps)
        pairs = [one.cells for one in self._held]
        value, mask = (
            np.frombuffer(b"".join(pair[part] for pair in pairs), dtype="<f4").reshape(shape) for part in (0, 1)
        )
        return (value, mask) if self._is_batch else (value[0], mask[0])

    def to_pandas(self) -> Any:
        """A frame with a row a cell: `stay`, `channel`, `hour`, `relevance` (of the value), `mask_relevance` (of being
        measured). Needs pandas. Raises `ArgumentError` for stays of one name, whose rows could not be told apart."""
        import pandas

        channels = [channel["name"] for channel in self.model.manifest["channels"]]
        hours = np.arange(self.model.steps) * self.model.manifest["step_hours"]
        names = [self._name(index) for index in range(len(self._held))]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ArgumentError(f"argument: two stays are called {twice!r}; read them with a name each: model.read(record, name=...)")
        value, mask = self.cells()
        index = pandas.MultiIndex.from_product([names, channels, hours], names=["stay", "channel", "hour"])
        return pandas.DataFrame({"relevance": value.ravel(), "mask_relevance": mask.ravel()}, index=index).reset_index()

    def to_svg(self) -> str:
        """The input and its relevance beside each other, painted by the engine, with labels, legends and provenance: an
        SVG document. Of a batch, take one stay: `explanation[0].to_svg()`."""
        if self._is_batch:
            raise TypeError("a batch has no one picture; take one stay, as in explanation[0].to_svg()")
        record = self._records[0] if self._records else None
        manifest = self.model.manifest
        fact, outputs = self._facts[0], self.model.outputs
        name = self._name(0)
        heading = [name, f"{outputs[self.options.get('target', 0)]}: {fact['probability']:.4g}"]
        provenance = {
            "model": f"{manifest.get('name') or ''} ({self.model.name})".strip(),
            "modelSha256": self.model.sha256,
            "modelCard": manifest.get("description", ""),
            "data": name if record else "an array",
            "dataSha256": record.sha256 if record else sha256(self._held[0].input),
            "method": self.method,
            "residual": fact["residual"],
        }
        return self._held[0].picture(heading, json.dumps(provenance), record._record if record else None)

    @property
    def method(self) -> str:
        """The method with its options, for people."""
        others = {name: value for name, value in self.options.items() if name not in ("method", "target", "baseline")}
        words = [f"{name} {value}" for name, value in others.items()]
        if "baseline" in self.options and self.options.get("method") in AGAINST:
            words.append("against a baseline of one's own")
        return ", ".join([self.options.get("method", "lrp"), *words])

    def __len__(self) -> int:
        if not self._is_batch:
            raise TypeError("one explanation has no length; a batch has")
        return len(self._held)

    def __getitem__(self, index: int) -> Explanation:
        if not self._is_batch:
            raise TypeError("one explanation has no parts; take relevance, or cells()")
        # Raises for what is no place in the batch; one from its end counts from its start.
        place = range(len(self._held))[operator.index(index)]
        records = [self._records[place]] if self._records else None
        return Explanation(self.model, (), records, self.options, False, [self._held[place]], place)

    def __iter__(self) -> Iterator[Explanation]:
        return (self[index] for index in range(len(self)))

    def _repr_html_(self) -> str:
        if not self._is_batch:
            return image(self.to_svg(), self._says())
        shown = "".join(one._repr_html_() for one, _ in zip(self, range(3)))
        return f"{shown}<p>{len(self)} explanations by {html.escape(self.method)}</p>"

    def __repr__(self) -> str:
        return f"<vitrine.Explanation {self._says()}>"

    def _says(self) -> str:
        if self._is_batch:
            return f"of {len(self._held)} stays by {self.method}"
        fact = self._facts[0]
        residual = "" if fact["residual"] is None else f", residual {fact['residual']:.1e}"
        return f"of {self._name(0)} by {self.method}: output {fact['probability']:.4g}{residual}"

    def _name(self, index: int) -> str:
        return (self._records[index].name if self._records else "") or f"stay {self._place + index}"

    def _check_of(self, model: Model, inputs: Sequence[bytes], options: dict[str, Any]) -> None:
        """Refuses to stand for the explanation of other stays, of another network or with other options."""
        if options:
            raise ArgumentError(f"argument: {next(iter(options))}: the explanation has options of its own; leave it out")
        if self.model.sha256 != model.sha256:
            raise ArgumentError("argument: relevance is an explanation of another network; explain the input with this one")
        if len(self._held) == len(inputs) and any(one.input != own for one, own in zip(self._held, inputs)):
            raise ArgumentError("argument: relevance is the explanation of another input; give the input that it explains")

    def _amount(self, name: str) -> Amount:
        return self._one_or_all([one[name] for one in self._facts])

    def _one_or_all(self, values: Sequence[float | None]) -> Amount:
        numbers = [math.nan if value is None else value for value in values]
        return np.array(numbers) if self._is_batch else numbers[0]
