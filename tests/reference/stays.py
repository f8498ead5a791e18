"""An independent reading of the benchmark's episode CSV: text -> [48, 76] float32.

Written from the facts of the format alone; the Rust reader is tested against it. `manifest` is the parsed JSON of a
model's manifest: which columns a channel fills, its categories, its scaling, its normal value.

    bin of a row at t hours: trunc(t - 1e-6); rows that fall outside 0 .. 47 are skipped
    within a bin the last row that holds a value of the channel wins
    a bin without a value repeats the channel's last one, or its normal value before the first
    the mask column is 1 in bins that hold a value
    continuous: (value - mean) / std;  one-hot: 1 in the category's column
"""

import csv
import math

import numpy as np


def read_stay(path, manifest):
    """Returns ([steps, columns] float32, list of remarks on what was not used)."""
    channels, n_bins = manifest["channels"], manifest["steps"]
    if manifest["step_hours"] != 1.0:
        raise ValueError("the benchmark's bins are one hour long")
    observed = [[None] * n_bins for _ in channels]
    remarks = []
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    place = {name: k for k, name in enumerate(rows[0])}
    for line, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        t = float(row[place["Hours"]])
        # As the benchmark does it: towards zero, so that -0.5 is in bin 0 as well.
        k = math.trunc(t - 1e-6)
        if not 0 <= k < n_bins:
            remarks.append(f"line {line}: {t} hours is outside the {n_bins} bins")
            continue
        for c, channel in enumerate(channels):
            text = row[place[channel["name"]]].strip()
            if text == "":
                continue
            value = read_value(text, channel["encoding"])
            if value is None:
                remarks.append(f"line {line}: {channel['name']}: {text!r} is not a value of it")
            else:
                observed[c][k] = value
    x = np.zeros((n_bins, manifest["columns"]))
    for c, channel in enumerate(channels):
        held = normal_of(channel["encoding"])
        for k in range(n_bins):
            seen = observed[c][k]
            if seen is not None:
                held = seen
            write_cell(x[k], channel, held, seen is not None)
    return x.astype(np.float32), remarks


def read_value(text, encoding):
    """A number, or the index of a category; None where the text is neither."""
    if encoding["kind"] == "continuous":
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    if text in encoding["categories"]:
        return encoding["categories"].index(text)
    for k, category in enumerate(encoding["categories"]):
        try:
            if float(category) == float(text):  # "15.0" for "15"
                return k
        except ValueError:
            pass
    return None


def normal_of(encoding):
    if encoding["kind"] == "continuous":
        return encoding["normal"]
    return encoding["categories"].index(encoding["normal"])


def write_cell(row, channel, value, was_observed):
    encoding = channel["encoding"]
    if encoding["kind"] == "continuous":
        row[channel["columns"][0]] = (value - encoding["mean"]) / encoding["std"]
    else:
        row[channel["columns"][value]] = 1.0
    if channel.get("mask") is not None:
        row[channel["mask"]] = 1.0 if was_observed else 0.0
