"""Seeded records in the benchmark's CSV format and the input that an independent reading makes of them."""

import json
from pathlib import Path

import numpy as np

from stays import read_stay

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = ROOT / "src/stay/manifest_mimic3.json"


def write(folder, manifest_path=MANIFEST):
    """<case>.csv and <case>.input.f32, little-endian [48 * 76], by the built-in manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    names = [channel["name"] for channel in manifest["channels"]]
    for case, rows in (("edges", edges()), ("every_category", every_category(manifest)), ("random", random(manifest))):
        lines = ["Hours," + ",".join(names)]
        for hours, values in rows:
            lines.append(f"{hours}," + ",".join(str(values.get(name, "")) for name in names))
        path = folder / f"{case}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        x, remarks = read_stay(path, manifest)
        x.astype("<f4").tofile(folder / f"{case}.input.f32")
        print(f"stays/{case}: {len(rows)} rows, {len(remarks)} remarks")


def edges():
    """The bins' borders, later rows in a bin, other spellings of numbers, values beyond plausibility."""
    heart, total, refill = "Heart Rate", "Glascow coma scale total", "Capillary refill rate"
    eye, systolic, glucose = "Glascow coma scale eye opening", "Systolic blood pressure", "Glucose"
    return [
        ("-1.5", {heart: 1}),  # before the first bin: skipped
        ("-1.0", {heart: 2}),  # skipped
        ("-0.5", {heart: 3, systolic: 111}),  # rounds towards zero, into bin 0
        ("0.0", {heart: 70}),  # bin 0
        ("0.4", {glucose: 140}),  # another channel of the same bin
        ("0.9", {heart: 71}),  # a later row wins
        ("1.0", {heart: 72, total: "15.0"}),  # still bin 0
        ("1.000001", {heart: 73}),
        ("1.000002", {heart: 74}),  # bin 1
        ("2.5", {eye: "None", refill: "1.0"}),  # None is a category
        ("3.0", {refill: "0"}),
        ("3.5", {}),  # nothing observed
        ("10.25", {systolic: 11647, "Mean blood pressure": -8, "pH": 5.0}),  # implausible and kept
        ("10.5", {systolic: ""}),  # an empty cell takes nothing back
        ("47.0", {heart: 90}),  # bin 46
        ("47.5", {heart: 91}),
        ("48.0", {total: "3"}),  # bin 47
        ("48.0000005", {heart: 92}),  # still bin 47
        ("48.00001", {heart: 500}),  # after the last bin: skipped
        ("60", {heart: 501}),
    ]


def every_category(manifest):
    one_hot = [channel for channel in manifest["channels"] if channel["encoding"]["kind"] == "one-hot"]
    longest = max(len(channel["encoding"]["categories"]) for channel in one_hot)
    rows = []
    for k in range(longest):
        values = {}
        for channel in one_hot:
            categories = channel["encoding"]["categories"]
            values[channel["name"]] = categories[k % len(categories)]
        rows.append((repr(k * 3.0 + 0.25), values))
    return rows


def random(manifest, seed=17):
    rng = np.random.default_rng(seed)
    rows = []
    for hours in np.sort(rng.uniform(0.0, 50.0, 260)):
        values = {}
        for channel in manifest["channels"]:
            if rng.random() > 0.15:
                continue
            encoding = channel["encoding"]
            if encoding["kind"] == "continuous":
                values[channel["name"]] = repr(float(encoding["normal"] * rng.uniform(0.6, 1.5)))
            else:
                values[channel["name"]] = encoding["categories"][rng.integers(len(encoding["categories"]))]
        rows.append((repr(float(hours)), values))
    return rows
