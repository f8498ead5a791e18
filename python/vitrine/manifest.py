"""What a model's columns and outputs mean (docs/manifest.md), from preprocessing that you already have.

    vitrine manifest check MODEL.onnx|MANIFEST.json
    vitrine manifest write MODEL.onnx MANIFEST.json [--output OTHER.onnx]
    vitrine manifest benchmark MODEL.onnx NORMALIZER [--name TEXT] [--outcome TEXT ...] [--output OTHER.onnx]

Everything is validated before a file is touched, and an error names the field. `Manifest` has the same as methods. Neither
scikit-learn nor pandas is imported: what is read off the objects are their public attributes. Needs Python's own library;
`write` and `read` need onnx.
"""

from __future__ import annotations

import argparse
import json
import math
import pickletools
import struct
from collections.abc import Sequence
from datetime import date, timedelta
from numbers import Integral
from pathlib import Path
from typing import Any

from .errors import ManifestError
from .protobuf import with_metadata

KEY, FORMAT = "vitrine.manifest", "vitrine-manifest/1"
INPUTS_MAX, OUTCOMES_MAX, F32_MAX = 1 << 20, 100_000, 3.4028235e38
#: In the wheel, and where the repository has it.
BENCHMARKS = [
    Path(__file__).with_name("data") / "manifest_mimic3.json",
    Path(__file__).resolve().parents[2] / "src/stay/manifest_mimic3.json",
]


class Manifest(dict):  # type: ignore[type-arg]
    """A manifest as a dict, with the ways to make one.

    The makers take `steps` and `outcomes` (names, or dicts as in the format) and the options of docs/manifest.md: `name`,
    `description`, `step_hours`, `masks`, `deltas`, `labels`, `groups`, `units`, `plausible`, `imputations`, `normals`. They raise
    `ManifestError` with the field where the engine would refuse what comes out.
    """

    @classmethod
    def from_scaler(cls, scaler: Any, steps: int, outcomes: Sequence[Any], **options: Any) -> Manifest:
        """From a fitted scikit-learn `StandardScaler`; `names` gives the columns' names where it has none."""
        return cls(from_scaler(scaler, steps, outcomes, **options))

    @classmethod
    def from_transformer(cls, transformer: Any, steps: int, outcomes: Sequence[Any], **options: Any) -> Manifest:
        """From a fitted `ColumnTransformer` of scalers, one-hot encoders and "passthrough"."""
        return cls(from_transformer(transformer, steps, outcomes, **options))

    @classmethod
    def from_frame(cls, frame: Any, steps: int, outcomes: Sequence[Any], **options: Any) -> Manifest:
        """From a pandas frame of clinical values: numbers are scaled, the rest is one-hot."""
        return cls(from_frame(frame, steps, outcomes, **options))

    @classmethod
    def from_benchmark(cls, normaliser: Any, outcomes: Sequence[Any] = ("in-hospital mortality",), **options: Any) -> Manifest:
        """The MIMIC-III benchmark's 48 x 76 columns, from its normaliser's file, which is never unpickled."""
        return cls(benchmark(normaliser, outcomes, **options))

    @classmethod
    def of_model(cls, model: Any) -> Manifest | None:
        """The manifest inside an ONNX file; None without one."""
        found = read(model)
        return None if found is None else cls(found)

    def calibrated(
        self, probabilities: Any, labels: Any, data: str, *, outcome: int = 0, bins: Sequence[float] = (), networks: int = 1
    ) -> Manifest:
        """The same with how often predictions came true on held-out stays.

        probabilities, labels: `[stays]`, in 0..1 and 0 or 1, of stays that the network was not trained on. data: which.
        bins: upper ends, the last one 1; by default tenths. A bin without a stay is joined to the next one.
        """
        given = [(float(p), float(label)) for p, label in zip(probabilities, labels, strict=True)]
        check("probabilities", all(0 <= p <= 1 for p, _ in given), "have to lie in 0 to 1, and to be numbers")
        check("labels", all(label in (0, 1) for _, label in given), "have to be 0 or 1")
        ends = list(bins) or [place / 10 for place in range(1, 11)]
        check("bins", ends == sorted(set(ends)) and ends[0] > 0 and ends[-1] == 1, "have to rise, from above 0, and to end at 1")
        pairs = sorted((p, int(label)) for p, label in given)
        counted: list[dict[str, Any]] = []
        at, stays, events = 0, 0, 0
        for to in ends:
            while at < len(pairs) and (pairs[at][0] < to or to == 1):
                at, stays, events = at + 1, stays + 1, events + pairs[at][1]
            if stays:
                counted.append({"to": to, "stays": stays, "events": events})
                stays, events = 0, 0
        if counted:
            counted[-1]["to"] = 1
        calibration = {"data": data, "networks": networks, "bins": counted}
        outcomes = [dict(one) for one in self["outcomes"]]
        outcomes[outcome]["calibration"] = calibration
        return Manifest({**self, "outcomes": outcomes}).check()

    def check(self) -> Manifest:
        """Itself; raises `ManifestError` at the first field that the engine would refuse."""
        validate(self)
        return self

    def save(self, path: Any) -> None:
        """Writes it as a JSON file, once it is valid."""
        text = json.dumps(self.check(), ensure_ascii=False, indent=2, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8")

    def inside(self, onnx: bytes) -> bytes:
        """An ONNX file's bytes with this manifest in their metadata, in place of any that was there."""
        return with_metadata(onnx, KEY, json.dumps(self, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


# ---------------------------------------------------------------------------------------------------- validation


def check(field: Any, holds: Any, message: Any) -> None:
    if not holds:
        raise ManifestError(f"field {field}: {message}" if field else message, field)


def is_number(value: Any) -> Any:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: Any) -> Any:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: Any) -> Any:
    return isinstance(value, str) and value.strip() != ""


def fields(value: Any, path: Any, required: Any, optional: Any) -> None:
    """Refuses anything but an object with these fields."""
    check(path, isinstance(value, dict), "has to be an object")
    dot = f"{path}." if path else ""
    for name in required:
        check(f"{dot}{name}", name in value, "is missing")
    for name in value:
        check(f"{dot}{name}", name in required or name in optional, "is not known; remove it")


def validate(manifest: Any) -> Any:
    """Raises ManifestError at the first field that the engine would refuse; returns the manifest."""
    required = ("format", "name", "steps", "step_hours", "columns", "outcomes", "channels")
    check("format", isinstance(manifest, dict) and manifest.get("format") == FORMAT, f'has to be "{FORMAT}"')
    fields(manifest, "", required, ("description", "text", "codes", "inputs", "layout"))
    for field in ("name", "description"):
        check(field, isinstance(manifest.get(field, ""), str), "has to be text")
    for field in ("steps", "columns"):
        check(field, is_count(manifest[field]) and manifest[field] > 0, "has to be a whole number above 0")
    n_inputs = manifest["steps"] * manifest["columns"]
    check(
        "steps", n_inputs <= INPUTS_MAX, f"times columns is more than {INPUTS_MAX}, the largest input that is accepted"
    )
    hours = manifest["step_hours"]
    check("step_hours", is_number(hours) and 0.001 <= hours <= 1e6, "has to lie in 0.001 to 1000000")
    check_outcomes(manifest["outcomes"], manifest["steps"])
    check_channels(manifest["channels"], manifest["columns"])
    for index, outcome in enumerate(manifest["outcomes"]):
        if outcome.get("calibration") is not None:
            names = {channel["name"] for channel in manifest["channels"]}
            check_calibration(outcome, f"outcomes[{index}].calibration", names)
    check_static(manifest["channels"])
    if manifest.get("text") is not None:
        check_text(manifest["text"], manifest["columns"])
    if manifest.get("codes") is not None:
        check_codes(manifest["codes"], manifest["channels"])
    check_inputs(manifest.get("inputs", []), manifest.get("layout", []))
    return manifest


def check_outcomes(outcomes: Any, steps: Any) -> None:
    check("outcomes", isinstance(outcomes, list) and outcomes, "has to name every output of the model")
    for index, outcome in enumerate(outcomes):
        path = f"outcomes[{index}]"
        fields(outcome, path, ("name",), ("threshold", "kind", "unit", "classes", "per_step", "calibration"))
        check(f"{path}.name", is_text(outcome["name"]), "is empty")
        threshold = outcome.get("threshold", 0.5)
        check(f"{path}.threshold", is_number(threshold) and 0 <= threshold <= 1, "is a probability, in 0 to 1")
        kind, unit = outcome.get("kind", "probability"), outcome.get("unit", "")
        check(f"{path}.kind", kind in ("probability", "number"), 'has to be "probability" or "number"')
        has_unit = isinstance(unit, str) and (unit == "" or kind == "number")
        check(f"{path}.unit", has_unit, 'is for kind "number"; a probability has none')
        check(f"{path}.per_step", isinstance(outcome.get("per_step", False), bool), "has to be true or false")
        classes = outcome.get("classes", [])
        check_words(classes, f"{path}.classes")
        check(f"{path}.classes", len(classes) != 1, "has one entry; leave it out, or name at least two")
    check("outcomes", n_numbers(outcomes, steps) <= OUTCOMES_MAX, f"name more than {OUTCOMES_MAX} numbers together")


def check_calibration(outcome: Any, path: Any, names: Any) -> None:
    is_binary = outcome.get("kind", "probability") == "probability" and not outcome.get("classes")
    check(path, is_binary and not outcome.get("per_step"), "is for one probability a stay; leave it out here")
    calibration = outcome["calibration"]
    fields(calibration, path, ("data", "bins"), ("networks", "sets"))
    check(f"{path}.data", is_text(calibration["data"]), "is empty")
    networks = calibration.get("networks", 1)
    check(f"{path}.networks", is_count(networks) and networks > 0, "has to be a whole number above 0")
    check(f"{path}.bins", isinstance(calibration["bins"], list), "has to be a list")
    last = 0
    for index, one in enumerate(calibration["bins"]):
        here = f"{path}.bins[{index}]"
        fields(one, here, ("to", "stays", "events"), ())
        is_above = is_number(one["to"]) and last < one["to"] <= 1
        check(f"{here}.to", is_above, "has to lie above the bin before, and at most at 1")
        check(f"{here}.stays", is_count(one["stays"]) and one["stays"] > 0, "has to be greater than zero")
        check(f"{here}.events", is_count(one["events"]) and one["events"] <= one["stays"], "is more than the stays")
        last = one["to"]
    check(f"{path}.bins", last == 1, "have to end at 1")
    if calibration.get("sets") is not None:
        check_sets(calibration["sets"], f"{path}.sets", names)


def check_sets(sets: Any, path: Any, names: Any) -> None:
    fields(sets, path, ("coverage", "groups"), ())
    check(f"{path}.coverage", is_number(sets["coverage"]) and 0 < sets["coverage"] < 1, "has to lie between 0 and 1")
    check(f"{path}.groups", isinstance(sets["groups"], list) and sets["groups"], "is empty")
    first, seen = None, []
    for index, group in enumerate(sets["groups"]):
        here = f"{path}.groups[{index}]"
        fields(group, here, ("measured", "stays", "event_from", "none_to"), ())
        measured, stays = group["measured"], group["stays"]
        is_known = isinstance(measured, dict) and all(isinstance(value, bool) for value in measured.values())
        check(f"{here}.measured", is_known and set(measured) <= names, "has to say true or false of channels by name")
        first = first or set(measured)
        check(f"{here}.measured", set(measured) == first, "names other channels than the first group")
        check(f"{here}.measured", measured not in seen, "is an earlier group too")
        seen.append(measured)
        check(f"{here}.stays", isinstance(stays, list) and len(stays) == 2 and all(map(is_count, stays)), "has to be two counts")
        for field in ("event_from", "none_to"):
            check(f"{here}.{field}", is_number(group[field]) and 0 <= group[field] <= 1, "is a probability, in 0 to 1")
    message = "have to be one for each combination of what was measured and what was not"
    check(f"{path}.groups", len(seen) == 2 ** len(first or ()), message)


def n_numbers(outcomes: Any, steps: Any) -> Any:
    """How many of the model's numbers the outcomes name."""
    return sum(max(1, len(o.get("classes", []))) * (steps if o.get("per_step") else 1) for o in outcomes)


def check_words(words: Any, path: Any) -> None:
    check(path, isinstance(words, list), "has to be a list")
    seen = set()
    for index, word in enumerate(words):
        check(f"{path}[{index}]", is_text(word), "has to be text that is not empty")
        check(f"{path}[{index}]", word not in seen, "stands there twice")
        seen.add(word)


def check_channels(channels: Any, n_columns: Any) -> None:
    check("channels", isinstance(channels, list), "has to be a list")
    names, taken = set(), {}
    for index, channel in enumerate(channels):
        here = f"channels[{index}]"
        check_channel(channel, here)
        check(f"{here}.name", channel["name"] not in names, "is the name of an earlier channel too")
        names.add(channel["name"])
        places = [(f"{here}.columns[{place}]", column) for place, column in enumerate(channel["columns"])]
        if channel.get("mask") is not None:
            places.append((f"{here}.mask", channel["mask"]))
        if channel.get("delta") is not None:
            places.append((f"{here}.delta.column", channel["delta"]["column"]))
        for field, column in places:
            in_range = is_count(column) and column < n_columns
            check(field, in_range, f"column {column} is out of range: the input has {n_columns} columns")
            check(field, column not in taken, f"column {column} is used twice")
            taken[column] = field
    for index in [index for index, channel in enumerate(channels) if channel.get("gap") is not None][1:]:
        check(f"channels[{index}].gap", False, "stands at another channel too; one has it")
    free = next((column for column in range(n_columns) if column not in taken), None)
    message = f"column {free} belongs to no channel; give every column to one, as value, mask or delta"
    check("channels", free is None, message)


def check_channel(channel: Any, path: Any) -> None:
    optional = (
        "group", "unit", "mask", "delta", "gap", "plausible", "noise", "normal_range", "limits", "precision", "imputation",
        "static",
    )
    fields(channel, path, ("name", "label", "columns", "encoding"), optional)
    for field in ("name", "label"):
        check(f"{path}.{field}", is_text(channel[field]), "has to be text that is not empty")
    for field in ("group", "unit"):
        check(f"{path}.{field}", isinstance(channel.get(field, ""), str), "has to be text")
    imputation = channel.get("imputation", "previous")
    check(f"{path}.imputation", imputation in ("previous", "normal"), 'has to be "previous" or "normal"')
    check(f"{path}.static", isinstance(channel.get("static", False), bool), "has to be true or false")
    check(f"{path}.columns", isinstance(channel["columns"], list), "has to be a list")
    encoding = channel["encoding"]
    check(f"{path}.encoding", isinstance(encoding, dict), "has to be an object")
    kind = encoding.get("kind")
    check(f"{path}.encoding.kind", kind in ("continuous", "one-hot"), 'has to be "continuous" or "one-hot"')
    wanted = (
        check_continuous(encoding, f"{path}.encoding")
        if kind == "continuous"
        else check_one_hot(encoding, f"{path}.encoding")
    )
    n_columns = len(channel["columns"])
    check(f"{path}.columns", n_columns == wanted, f"has {n_columns} entries; give {wanted}, one a value or category")
    plausible = channel.get("plausible")
    if plausible is not None:
        check(f"{path}.plausible", kind == "continuous", "is for continuous channels; leave it out here")
        is_range = isinstance(plausible, list) and len(plausible) == 2 and all(map(is_number, plausible))
        check(f"{path}.plausible", is_range and plausible[0] < plausible[1], "has to be [low, high] with low < high")
    noise = channel.get("noise")
    check(f"{path}.noise", noise is None or (is_number(noise) and noise > 0), "has to be greater than zero")
    usual = channel.get("normal_range")
    is_range = usual is None or (isinstance(usual, list) and len(usual) == 2 and all(map(is_number, usual)) and usual[0] <= usual[1])
    check(f"{path}.normal_range", is_range, "has to be [low, high], both finite, low not above high")
    if channel.get("delta") is not None:
        check_delta(channel, f"{path}.delta")
    if channel.get("gap") is not None:
        check_gap(channel, f"{path}.gap")
    precision = channel.get("precision")
    if precision is not None:
        check(f"{path}.precision", kind == "continuous", "is for continuous channels; leave it out here")
        check(f"{path}.precision", is_number(precision) and precision > 0, "has to be greater than zero")
    if channel.get("limits") is not None:
        check_limits(channel["limits"], f"{path}.limits")


def check_delta(channel: Any, path: Any) -> None:
    delta = channel["delta"]
    fields(delta, path, ("column",), ("counts", "mean", "std", "most"))
    has_mask = channel.get("mask") is not None and not channel.get("static")
    check(path, has_mask, "is for a channel of the sequence with a mask, which says where it was observed")
    check(f"{path}.counts", delta.get("counts", "gap") in ("gap", "age"), 'has to be "gap" or "age"')
    check(f"{path}.mean", is_number(delta.get("mean", 0)), "has to be finite")
    above_zero = "has to be greater than zero, and finite"
    std, most = delta.get("std", 1), delta.get("most")
    check(f"{path}.std", is_number(std) and std > 0, above_zero)
    check(f"{path}.most", most is None or (is_number(most) and most > 0), above_zero)


def check_gap(channel: Any, path: Any) -> None:
    gap = channel["gap"]
    fields(gap, path, (), ("counts", "most"))
    is_plain = channel.get("mask") is None and channel.get("delta") is None and not channel.get("static")
    is_number_channel = channel["encoding"]["kind"] == "continuous"
    check(path, is_plain and is_number_channel, "is for a continuous channel of the sequence without mask and delta")
    check(f"{path}.counts", gap.get("counts", "gap") in ("gap", "age"), 'has to be "gap" or "age"')
    most = gap.get("most")
    check(f"{path}.most", most is None or (is_number(most) and most > 0), "has to be greater than zero, and finite")


def check_limits(limits: Any, path: Any) -> None:
    fields(limits, path, ("value", "change"), ())
    for field in ("value", "change"):
        pair = limits[field]
        is_range = isinstance(pair, list) and len(pair) == 2 and all(map(is_number, pair)) and pair[0] <= pair[1]
        check(f"{path}.{field}", is_range, "has to be [low, high] with low <= high")
    check(f"{path}.change", limits["change"][0] <= 0 <= limits["change"][1], "has to hold 0, no change")


def check_continuous(encoding: Any, path: Any) -> Any:
    fields(encoding, path, ("kind", "mean", "std", "normal"), ())
    for field in ("mean", "std", "normal"):
        check(f"{path}.{field}", is_number(encoding[field]), "has to be a finite number")
    check(f"{path}.std", encoding["std"] > 0, "has to be greater than zero")
    scaled = (encoding["normal"] - encoding["mean"]) / encoding["std"]
    check(f"{path}.normal", abs(scaled) <= F32_MAX, "is too large for the model once scaled")
    return 1


def check_one_hot(encoding: Any, path: Any) -> Any:
    fields(encoding, path, ("kind", "categories", "ordinals", "normal"), ())
    categories, ordinals = encoding["categories"], encoding["ordinals"]
    check_words(categories, f"{path}.categories")
    check(f"{path}.categories", categories, "is empty")
    fits = isinstance(ordinals, list) and len(ordinals) == len(categories)
    check(f"{path}.ordinals", fits, f"has to have one entry for each of {len(categories)} categories")
    for index, ordinal in enumerate(ordinals):
        check(f"{path}.ordinals[{index}]", is_number(ordinal), "has to be a finite number")
    check(f"{path}.normal", encoding["normal"] in categories, "is none of the categories")
    return len(categories)


def check_static(channels: Any) -> Any:
    """The columns of further inputs stand behind those of the sequence."""

    def columns(channel: Any) -> Any:
        mask, delta = channel.get("mask"), channel.get("delta")
        return channel["columns"] + ([] if mask is None else [mask]) + ([] if delta is None else [delta["column"]])

    last = max((max(columns(channel)) for channel in channels if not channel.get("static")), default=-1)
    check("channels", last >= 0, "are all static; a model reads a sequence beside them")
    for index, channel in enumerate(channels):
        is_behind = not channel.get("static") or min(columns(channel)) > last
        message = f"is true, but column {last} is one of the sequence; static columns stand behind all others"
        check(f"channels[{index}].static", is_behind, message)


def check_text(text: Any, columns: Any) -> None:
    fields(text, "text", ("vocabulary", "unknown", "padding"), ("pad", "lowercase"))
    check("text", columns == 1, 'is for models that read one token a step; "columns" has to be 1')
    check_words(text["vocabulary"], "text.vocabulary")
    for field in ("unknown", "padding"):
        in_range = is_count(text[field]) and text[field] < len(text["vocabulary"])
        check(f"text.{field}", in_range, f"is {text[field]}, but the vocabulary has {len(text['vocabulary'])} words")
    check("text.unknown", text["unknown"] != text["padding"], "is the padding token too")
    check("text.pad", text.get("pad", "left") in ("left", "right"), 'has to be "left" or "right"')
    check("text.lowercase", isinstance(text.get("lowercase", True), bool), "has to be true or false")


def check_inputs(inputs: Any, layout: Any) -> None:
    """The inputs of the file by name, and the axes of the one with the steps."""
    check("inputs", isinstance(inputs, list), "has to be a list")
    parts, seen = ("value", "mask", "delta", "code", "static", "length", "state"), set()
    for index, one in enumerate(inputs):
        fields(one, f"inputs[{index}]", ("name", "part"), ("columns",))
        check(f"inputs[{index}].name", isinstance(one["name"], str) and one["name"] not in ("", *seen), "is empty or named before")
        seen.add(one["name"])
        check(f"inputs[{index}].part", one["part"] in parts, f"has to be one of {', '.join(parts)}")
        columns = one.get("columns")
        check(f"inputs[{index}].columns", columns is None or (is_count(columns) and columns > 0), "has to be greater than zero")
    is_sound = isinstance(layout, list) and all(axis in ("batch", "steps", "columns", "rows") for axis in layout)
    is_sound = is_sound and (not layout or (layout.count("steps") == 1 and layout.count("batch") <= 1))
    check("layout", is_sound, 'needs one axis "steps", and at most one "batch"')


def check_codes(codes: Any, channels: Any) -> None:
    """The frame of a table of codes; its entries are checked by the engine, and by docs/manifest.schema.json."""
    of_tables = ("columns", "time_units", "withdrawn", "comparators", "statistics", "fluids", "bloods")
    optional = ("systems", "unit_names", *of_tables, "excluded", "panels", "relations")
    fields(codes, "codes", ("format", "variables"), optional)
    check("codes.format", codes["format"] == "vitrine-codes/1", 'has to be "vitrine-codes/1"')
    check("codes.variables", isinstance(codes["variables"], list), "has to be a list")
    names = {channel["name"] for channel in channels}
    for index, variable in enumerate(codes["variables"]):
        is_known = isinstance(variable, dict) and variable.get("channel") in names
        check(f"codes.variables[{index}].channel", is_known, "names no channel of this manifest")


# ------------------------------------------------------------------------------------------ from preprocessing


def from_scaler(scaler: Any, steps: Any, outcomes: Any, names: Any = None, **options: Any) -> Any:
    """From a fitted StandardScaler over the columns of a step. `names` where it was fitted on a bare array."""
    names = names if names is not None else getattr(scaler, "feature_names_in_", None)
    check("channels", names is not None, "has no names: fit the scaler on a frame, or pass names=[...]")
    return assemble(
        [scaled(str(n), m, s) for n, m, s in zip(names, *moments(scaler), strict=True)], steps, outcomes, options
    )


def from_transformer(transformer: Any, steps: Any, outcomes: Any, **options: Any) -> Any:
    """From a fitted ColumnTransformer of StandardScaler, OneHotEncoder (dense, every category kept) and "passthrough"."""
    parts = []
    weights = getattr(transformer, "transformer_weights", None)
    check("transformer_weights", not weights, "scale columns once more; fit the ColumnTransformer without them")
    for label, step, columns in transformer.transformers_:
        names = _column_names(transformer, label, columns)
        kind = type(step).__name__
        if step == "drop" or not names:
            continue
        if step == "passthrough" or kind == "FunctionTransformer" and step.func is None:
            parts += [scaled(name, 0.0, 1.0) for name in names]
        elif kind == "StandardScaler":
            parts += [scaled(name, m, s) for name, m, s in zip(names, *moments(step), strict=True)]
        elif kind == "OneHotEncoder":
            kept = getattr(step, "drop_idx_", None) is None and getattr(step, "infrequent_categories_", None) is None
            check(
                label, kept, "leaves categories out; fit OneHotEncoder without drop, min_frequency and max_categories"
            )
            parts += [
                categorical(name, [str(c) for c in found]) for name, found in zip(names, step.categories_, strict=True)
            ]
        else:
            check(label, False, f"is a {kind}; StandardScaler, OneHotEncoder and passthrough can be described")
    return assemble(parts, steps, outcomes, options)


def _column_names(transformer: Any, label: str, columns: Any) -> list[str]:
    """The names of a step's columns, which a ColumnTransformer takes by name, by place, by a slice or by truths."""
    count = transformer.n_features_in_
    known = [str(name) for name in getattr(transformer, "feature_names_in_", range(count))]
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice):
        is_by_place = all(end is None or isinstance(end, Integral) for end in (columns.start, columns.stop))
        check(label, is_by_place, "takes a slice of names; give the names, or a slice of places")
        return known[columns]
    chosen = list(columns)
    if len(chosen) == count and all(type(one).__name__ in ("bool", "bool_") for one in chosen):
        return [name for name, is_in in zip(known, chosen) if is_in]
    return [known[one] if isinstance(one, Integral) else str(one) for one in chosen]


def from_frame(frame: Any, steps: Any, outcomes: Any, **options: Any) -> Any:
    """From a pandas frame of clinical values: numbers are scaled by their mean and deviation, the rest is one-hot."""
    parts = []
    for name in frame.columns:
        column = frame[name]
        is_time = column.dtype.kind in "mM" or any(isinstance(value, (date, timedelta)) for value in column.dropna().head(1))
        check(str(name), not is_time, "is a date or a duration; give hours since admission as numbers, or leave it out")
        if hasattr(column, "cat"):
            part = categorical(str(name), [str(c) for c in column.cat.categories])
        elif column.dtype.kind in "iuf":
            # Rounding leaves a little of what does not vary at all.
            varies = column.min() != column.max()
            part = scaled(str(name), column.mean(), column.std(ddof=0) if varies else 1.0)
        else:
            texts = sorted({str(value) for value in column.dropna()})
            are_numbers = 2 * sum(map(is_numeral, texts)) > len(texts) and column.dtype.kind != "b"
            check(str(name), not are_numbers, 'holds numbers as text; make them numbers with pandas.to_numeric, or, if they are codes, categories with .astype("category")')
            part = categorical(str(name), texts)
        if part["encoding"]["kind"] == "one-hot" and len(column.dropna()):
            part["encoding"]["normal"] = str(column.mode().iloc[0])
        parts.append(part)
    return assemble(parts, steps, outcomes, options)


def is_numeral(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def moments(scaler: Any) -> Any:
    """(means, deviations) of a StandardScaler, which leaves them out where it was told to."""
    n = scaler.n_features_in_
    means = scaler.mean_ if scaler.with_mean else [0.0] * n
    return means, scaler.scale_ if scaler.with_std else [1.0] * n


def scaled(name: Any, mean: Any, std: Any) -> Any:
    encoding = {"kind": "continuous", "mean": float(mean), "std": float(std), "normal": float(mean)}
    return {"name": name, "label": name, "encoding": encoding}


def categorical(name: Any, categories: Any) -> Any:
    ordinals = [float(place) for place in range(len(categories))]
    encoding = {"kind": "one-hot", "categories": categories, "ordinals": ordinals, "normal": (categories or [""])[0]}
    return {"name": name, "label": name, "encoding": encoding}


def assemble(parts: Any, steps: Any, outcomes: Any, options: Any) -> Any:
    """The manifest of channels in the order of their columns, masks behind all values and deltas behind all masks."""
    options = dict(options)
    masks, deltas, column = options.pop("masks", False), options.pop("deltas", None), 0
    check("deltas", masks or deltas is None, "are counted where masks say that something was observed; give masks=True as well")
    for part in parts:
        width = len(part["encoding"].get("categories", [0]))
        part["columns"], column = list(range(column, column + width)), column + width
    for place, part in enumerate(parts if masks else []):
        part["mask"] = column + place
    for place, part in enumerate([] if deltas is None else parts):
        part["delta"] = {**deltas, "column": column + len(parts) + place}
    by_field = {
        "label": "labels",
        "group": "groups",
        "unit": "units",
        "plausible": "plausible",
        "imputation": "imputations",
    }
    for field, option in by_field.items():
        for name, value in options.pop(option, {}).items():
            named(parts, name, option)[field] = list(value) if field == "plausible" else value
    for name, value in options.pop("normals", {}).items():
        named(parts, name, "normals")["encoding"]["normal"] = value
    manifest = {
        "format": FORMAT,
        "name": options.pop("name", "a model"),
        "description": options.pop("description", ""),
        "steps": steps,
        "step_hours": options.pop("step_hours", 1.0),
        "columns": column + len(parts) * (bool(masks) + (deltas is not None)),
        "outcomes": [{"name": o} if isinstance(o, str) else o for o in outcomes],
        "channels": parts,
    }
    check(next(iter(options), ""), not options, "is no option; see the head of docs/manifest.md")
    return validate(manifest)


def named(parts: Any, name: Any, option: Any) -> Any:
    part = next((part for part in parts if part["name"] == name), None)
    check(option, part is not None, f'names "{name}", which is no variable here')
    return part


# --------------------------------------------------------------------------------------- the benchmark's normaliser


def benchmark(normaliser: Any, outcomes: Any = ("in-hospital mortality",), name: Any = "MIMIC-III benchmark model") -> Any:
    """The 48 x 76 manifest of the benchmark with the means and deviations of its normaliser file."""
    means, deviations = read_normaliser(normaliser)
    manifest = json.loads(next(path for path in BENCHMARKS if path.exists()).read_text(encoding="utf-8"))
    manifest["name"], manifest["outcomes"] = name, [{"name": o} if isinstance(o, str) else o for o in outcomes]
    for channel in manifest["channels"]:
        if channel["encoding"]["kind"] == "continuous":
            (column,) = channel["columns"]
            channel["encoding"].update(mean=means[column], std=deviations[column])
    return validate(manifest)


# What such a file is made of: marks, tuples, a dictionary, memory, text, and numbers. Nothing here is ever called.
INERT = {
    "PROTO", "MARK", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_TUPLE", "EMPTY_DICT", "EMPTY_LIST", "SETITEM",
    "SETITEMS", "APPENDS", "APPEND", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "BINUNICODE", "SHORT_BINSTRING", "BINSTRING",
    "BININT", "BININT1", "BININT2", "BINFLOAT", "NONE", "NEWTRUE", "NEWFALSE", "STOP", "LONG1",
}  # fmt: skip
NAMES = {
    "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct", "numpy ndarray", "numpy dtype",
    "_codecs encode", "numpy.core.multiarray scalar", "numpy._core.multiarray scalar",
}  # fmt: skip
N_COLUMNS = 76


def read_normaliser(path: Any) -> Any:
    """(means, deviations) of the benchmark's normaliser, 76 floats each, from the pickle's opcodes alone.

    The file is a pickle of protocol 2 of {'means': array, 'stds': array}. Unpickling would run whatever the file names;
    this walks the opcodes, refuses every one that has no place in two arrays, and takes the arrays' bytes.
    """
    data = Path(path).read_bytes()
    check(str(path), len(data) <= 1 << 20, "has more than a megabyte; the benchmark's normaliser has a few kilobytes")
    try:
        opcodes = [(opcode.name, argument) for opcode, argument, _ in pickletools.genops(data)]
    except Exception as error:
        raise ManifestError(f"field {path}: is no pickle: {error}", str(path)) from None
    for opcode, argument in opcodes:
        is_known = opcode in INERT or opcode in ("REDUCE", "BUILD") or opcode == "GLOBAL" and argument in NAMES
        what = f"{opcode} {argument}" if opcode == "GLOBAL" else opcode
        check(str(path), is_known, f"holds {what}, which has no place in two arrays of numbers; it is not read")
    words = [argument for opcode, argument in opcodes if opcode in ("BINUNICODE", "SHORT_BINSTRING", "BINSTRING")]
    arrays = [numbers for numbers in map(floats, words) if numbers]
    types = [word for word in words if word in ("f8", "<f8", "f4", "<f4", "i8", "O")]
    keys = [word for word in words if word in ("means", "stds")]
    message = f"holds {len(arrays)} arrays of {N_COLUMNS} float64 named {keys}; means and stds are wanted"
    check(
        str(path),
        len(arrays) == 2 and sorted(keys) == ["means", "stds"] and set(types) <= {"f8", "<f8"} and types,
        message,
    )
    means, deviations = arrays if keys[0] == "means" else arrays[::-1]
    check(str(path), all(map(is_number, means + deviations)), "holds numbers that are not finite")
    check(str(path), all(std > 0 for std in deviations), "holds deviations that are not above zero")
    return means, deviations


def floats(word: Any) -> Any:
    """76 little-endian float64 from the text of a pickled array, of Python 2 (bytes) or 3 (latin-1 text)."""
    try:
        raw = word if isinstance(word, bytes) else word.encode("latin-1")
    except UnicodeEncodeError:
        return []
    return list(struct.unpack(f"<{N_COLUMNS}d", raw)) if len(raw) == 8 * N_COLUMNS else []


# --------------------------------------------------------------------------------------------------------- ONNX


def write(model: Any, manifest: Any, output: Any = None) -> None:
    """Writes the manifest into the model's metadata, once it is valid and fits the model; other metadata is kept."""
    import onnx

    proto = onnx.load(model, load_external_data=False)
    check_fits(proto, validate(manifest))
    kept = {entry.key: entry.value for entry in proto.metadata_props if entry.key != KEY}
    kept[KEY] = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    onnx.helper.set_model_props(proto, kept)
    onnx.save(proto, output or model)


def read(model: Any) -> Any:
    """The manifest in the model's metadata; None without one."""
    import onnx

    proto = onnx.load(model, load_external_data=False)
    text = next((entry.value for entry in proto.metadata_props if entry.key == KEY), None)
    return None if text is None else check_fits(proto, validate(json.loads(text)))


def check_fits(proto: Any, manifest: Any) -> Any:
    """Refuses a manifest of another shape than the model's, as far as the file says it."""
    held = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in held]
    shapes = [sizes(value) for value in inputs]
    if shapes and len(shapes[0]) == 3:
        n_further = sum(shape[-1] or 0 for shape in shapes[1:])
        wanted = (shapes[0][1], shapes[0][2] and shapes[0][2] + n_further)
        for field, size in zip(("steps", "columns"), wanted):
            check(field, size in (None, manifest[field]), f"{manifest[field]} here, but the model has {size}")
    elif shapes and len(shapes[0]) == 2 and manifest.get("text"):
        size = shapes[0][1]
        check("steps", size in (None, manifest["steps"]), f"{manifest['steps']} here, but the model has {size}")
    outputs = [sizes(value) for value in proto.graph.output]
    if all(size is not None for shape in outputs for size in shape[1:]):
        n_outputs = sum(math.prod(shape[1:]) for shape in outputs)
        here = n_numbers(manifest["outcomes"], manifest["steps"])
        check("outcomes", here == n_outputs, f"name {here} numbers, but the model returns {n_outputs}")
    return manifest


def sizes(value: Any) -> Any:
    """The axes of an input or output; None for an open one."""
    return [d.dim_value if d.HasField("dim_value") else None for d in value.type.tensor_type.shape.dim]


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The commands of `vitrine manifest`."""
    commands = parser.add_subparsers(dest="action", required=True)
    commands.add_parser("check", help="the manifest inside a model, or a JSON file").add_argument("file")
    for name, second in (("write", "manifest"), ("benchmark", "normaliser")):
        command = commands.add_parser(name, help=f"write one into a model, from a {second}")
        command.add_argument("model")
        command.add_argument(second)
        command.add_argument("--output")
        if name == "benchmark":
            command.add_argument("--name", default="MIMIC-III benchmark model")
            command.add_argument("--outcome", action="append")


def run(options: argparse.Namespace) -> None:
    """One of the commands."""
    if options.action == "check":
        path = Path(options.file)
        manifest = validate(json.loads(path.read_text(encoding="utf-8"))) if path.suffix == ".json" else read(path)
        check("", manifest is not None, f"{path} holds no manifest")
        shape = f"{manifest['steps']} x {manifest['columns']}"
        print(f"{path}: {manifest['name']}, {shape}, {len(manifest['channels'])} channels")
    elif options.action == "write":
        write(options.model, json.loads(Path(options.manifest).read_text(encoding="utf-8")), options.output)
    else:
        outcomes = options.outcome or ["in-hospital mortality"]
        write(options.model, benchmark(options.normaliser, outcomes, options.name), options.output)
