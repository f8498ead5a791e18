"""Vitrine explains clinical recurrent networks.

    import vitrine

    model = vitrine.Model("in-hospital-mortality.onnx")
    stay = model.read("stay.csv")                      # or an array, [steps, columns] in model units
    explanation = model.explain(stay)                  # relevance of each input, with its account
    explanation.relevance.shape                        # (48, 76)
    model.audit(stay)["verdict"]                       # "holds", "shaky" or "does not hold"
    vitrine.save(model, ["stay.csv"], "explain.html")  # the page as one file, with your network and stays

The engine is the one that the page runs: the same input gives the same bytes. NumPy is all that the package needs; torch,
keras, pandas and pyarrow are used where you bring their objects. Errors are `vitrine.Error`, a `ValueError`, with the
engine's words.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .batches import explain_batches, schema
    from .errors import Error
    from .explanation import Explanation
    from .manifest import Manifest
    from .model import Model, Stay
    from .page import save, show

# Loaded when asked for: a manifest can be written, and a page packed, where the native module is not built.
_HOMES = {
    "Error": "errors",
    "Explanation": "explanation",
    "Manifest": "manifest",
    "Model": "model",
    "Stay": "model",
    "explain_batches": "batches",
    "save": "page",
    "schema": "batches",
    "show": "page",
}

__all__ = [
    "Error",
    "Explanation",
    "Manifest",
    "Model",
    "Stay",
    "explain_batches",
    "save",
    "schema",
    "show",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("vitrine._engine").version()
    if name not in _HOMES:
        raise AttributeError(f"module 'vitrine' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"vitrine.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "__version__"])
