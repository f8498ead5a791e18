"""What the engine refuses, and why. Every error is a `ValueError` that ends with what to do."""

from __future__ import annotations

import json
from typing import Any


class Error(ValueError):
    """What was wrong, where, and what to do about it, in the engine's words.

    `kind` is the kind in one or two words, as JavaScript's `error.kind`. `question` is what can be chosen where a choice
    would do, else None: `{"option": ..., "choices": [{"value", "name", "rows", "span"}, ...]}`.
    """

    kind = "error"
    question: dict[str, Any] | None = None


class ModelError(Error):
    """The bytes are no ONNX model, or one that is damaged."""

    kind = "model"


class UnsupportedModelError(Error):
    """A sound model that cannot be explained: an operator, attribute or shape that the engine has no rule for."""

    kind = "unsupported model"


class ManifestError(Error):
    """The manifest is wrong or does not fit the model; `field` is the path where it is known."""

    kind = "manifest"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RecordError(Error):
    """The record of a stay cannot be read."""

    kind = "record"


class ArgumentError(Error):
    """An argument has the wrong length, range or name."""

    kind = "argument"


class UnstableError(Error):
    """An explanation whose parts no longer add up to the score."""

    kind = "unstable explanation"


class NotFiniteError(Error):
    """The network gives NaN or infinity for an input."""

    kind = "no number"


class MismatchError(Error):
    """The recorded values do not reproduce what the network computes."""

    kind = "mismatch"


class EngineError(Error):
    """The engine stopped over a file. This is a fault of the engine: please report it."""

    kind = "panic"


_CLASSES: dict[str, type[Error]] = {
    one.kind: one
    for one in (
        ModelError,
        UnsupportedModelError,
        ManifestError,
        RecordError,
        ArgumentError,
        UnstableError,
        NotFiniteError,
        MismatchError,
        EngineError,
    )
}


def made(kind: str, message: str, question: str | None) -> Error:
    """The exception of an error of the engine's; called by the native module."""
    error = _CLASSES.get(kind, Error)(message)
    error.question = None if question is None else json.loads(question)
    return error
