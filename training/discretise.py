"""From timed measurements to the benchmark's 48 x 76 columns.

Three steps, each a function: `bin_events` (hour bins, the last of a bin wins), `fill` (carry forward, else the normal
value) and `encode` (one-hot, scaling, masks). Between them a stay is its *codes*: an array [48, 17] that holds the
clinical value, or the index of the category, and NaN where nothing was observed.
"""

import csv
import math

import numpy as np

from channels import CHANNELS, COLUMNS, CONTINUOUS, INDEX, NAMES, STEPS

HAIR = 1e-6


def bin_of(hours: float) -> int | None:
    """The bin of a time in hours since admission: (k, k + 1], and 0 belongs to bin 0; None outside the 48 hours."""
    if not math.isfinite(hours) or hours <= -1 + HAIR:
        return None
    step = math.trunc(hours - HAIR)
    return step if step < STEPS else None


def category_of(channel: int, text: str) -> int | None:
    """The index of a category by its exact string, else by its number ("15.0" is "15"); None where neither fits."""
    categories = CHANNELS[channel].categories
    if text in categories:
        return categories.index(text)
    try:
        number = float(text)
    except ValueError:
        return None
    for index, category in enumerate(categories):
        try:
            if float(category) == number:
                return index
        except ValueError:
            continue
    return None


def bin_events(events) -> np.ndarray:
    """Codes [48, 17] of `(hours, channel, code)` events in the order of the record: a later one of a bin wins."""
    codes = np.full((STEPS, len(CHANNELS)), np.nan)
    for hours, channel, code in events:
        step = bin_of(hours)
        if step is not None:
            codes[step, channel] = code
    return codes


def fill(codes: np.ndarray) -> np.ndarray:
    """Codes [..., 48, 17] without gaps: the last observed hour, or the normal value before the first."""
    steps = np.arange(STEPS)[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(codes), -1, steps), axis=-2)
    carried = np.take_along_axis(codes, np.maximum(last, 0), axis=-2)
    normal = np.array([channel.normal for channel in CHANNELS])
    return np.where(last >= 0, carried, normal)


def encode(codes: np.ndarray, scaling: np.ndarray) -> np.ndarray:
    """The model's input [..., 48, 76], float32, from codes [..., 48, 17]; `scaling` is [17, 2]: mean and std."""
    filled = fill(codes)
    out = np.zeros((*codes.shape[:-1], COLUMNS), np.float32)
    for index, channel in enumerate(CHANNELS):
        if channel.categories:
            for code, column in enumerate(channel.columns):
                out[..., column] = filled[..., index] == code
        else:
            out[..., channel.columns[0]] = (filled[..., index] - scaling[index, 0]) / scaling[index, 1]
        out[..., channel.mask] = ~np.isnan(codes[..., index])
    return out


def robust_scaling(codes: np.ndarray) -> np.ndarray:
    """Mean and std [17, 2] of the filled continuous channels over stays [N, 48, 17], clipped to what is plausible.

    Over the hours from the first observation on, carried ones included: normal values that stand in for a channel that
    was never measured would shrink the std. One-hot channels and channels that were never observed get 0 and 1. A
    channel that hardly varies keeps at least 1 % of its mean as its std.
    """
    filled, known = fill(codes), np.maximum.accumulate(~np.isnan(codes), axis=-2)
    scaling = np.tile([0.0, 1.0], (len(CHANNELS), 1))
    for index in CONTINUOUS:
        values = np.clip(filled[..., index][known[..., index]], *CHANNELS[index].plausible)
        if len(values):
            scaling[index] = values.mean(), max(values.std(), 0.01 * abs(values.mean()))
    return scaling


def read_episode(path) -> np.ndarray:
    """Codes [48, 17] of one benchmark-format CSV; cells that cannot be read count as missing."""
    with open(path, newline="", encoding="utf-8") as file:
        return read_episode_text(file)


def read_episode_text(lines) -> np.ndarray:
    """The same of the CSV's lines."""
    return bin_events(_episode_events(csv.DictReader(lines)))


def _episode_events(rows):
    for row in rows:
        try:
            hours = float(row["Hours"])
        except (TypeError, ValueError):
            continue
        for name in NAMES:
            code = _code(INDEX[name], (row.get(name) or "").strip())
            if code is not None:
                yield hours, INDEX[name], code


def _code(channel: int, text: str) -> float | None:
    if not text:
        return None
    if CHANNELS[channel].categories:
        return category_of(channel, text)
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
