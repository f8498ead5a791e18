"""What patients' values, and their changes an hour, stay within, and how finely they are charted: the manifest's `limits` and
`precision`, from training stays.

`python limits.py` writes them into the built-in manifest, for networks of the benchmark that bring none.
"""

import re

import numpy as np

from channels import CHANNELS, EYE, MOTOR, ROOT, VERBAL

PERCENTILES = (1, 99)
CHARTED = 0.5
BUILT_IN = ROOT / "src/stay/manifest_mimic3.json"


def limits(codes: np.ndarray) -> dict[str, dict]:
    """`{channel: {"value": [low, high], "change": [low, high]}}` of codes [N, 48, 17]; a one-hot channel in points of its ordinals.

    Changes are those from one measured hour to the next, divided by the hours between. Implausible values are left out, and so are
    channels that were never measured: the coma scale's parts are drawn from the total here.
    """
    out = {}
    for index, channel in enumerate(CHANNELS):
        values = codes[..., index].astype(np.float64)
        if channel.categories:
            points = np.array(channel.ordinals)
            values = np.where(np.isnan(values), np.nan, points[np.nan_to_num(values).astype(int)])
        else:
            low, high = channel.plausible
            values = np.where((values >= low) & (values <= high), values, np.nan)
        if index in (EYE, MOTOR, VERBAL) or not (~np.isnan(values)).any():
            continue
        out[channel.name] = {"value": _range(values[~np.isnan(values)]), "change": _range(changes(values), around=0)}
    return out


def precisions(codes: np.ndarray) -> dict[str, float]:
    """`{channel: precision}` of codes [N, 48, 17]: the coarsest of 1, 0.1, 0.01 and 0.001 that most values are multiples of.

    Continuous channels that were measured only. The other values are finer because they were computed: from another unit, or a
    mean pressure from the upper and the lower one.
    """
    out = {}
    for index, channel in enumerate(CHANNELS):
        values = codes[..., index].astype(np.float64)
        values = values[~np.isnan(values)]
        if channel.categories or not len(values):
            continue
        # Values come as single precision.
        on_grid = lambda decimals: np.mean(np.abs(np.round(values, decimals) - values) <= 1e-6 * np.abs(values))
        found = next((decimals for decimals in range(3) if on_grid(decimals) >= CHARTED), 3)
        out[channel.name] = float(f"{10.0**-found:g}")
    return out


def changes(values: np.ndarray) -> np.ndarray:
    """Changes an hour between measured hours of values [N, 48], NaN where nothing was measured."""
    stay, hour = np.nonzero(~np.isnan(values))
    same = stay[1:] == stay[:-1]
    return ((values[stay[1:], hour[1:]] - values[stay[:-1], hour[:-1]]) / np.maximum(hour[1:] - hour[:-1], 1))[same]


def _range(values: np.ndarray, around: float | None = None) -> list[float]:
    low, high = np.percentile(values, PERCENTILES) if len(values) else (0, 0)
    if around is not None:
        low, high = min(low, around), max(high, around)
    return [float(f"{low:.3g}"), float(f"{high:.3g}")]


def write_built_in(found: dict[str, dict], charted: dict[str, float]) -> None:
    """Puts the limits and the precision before each channel's encoding, and leaves the rest of the file as it is."""
    text = re.sub(r'\n *"(limits|precision)": .*', "", BUILT_IN.read_text(encoding="utf-8"))
    for name in found | charted:
        start = text.index(f'"name": "{name}"')
        at = text.index('\n      "encoding": ', start)
        lines = ""
        if name in found:
            value, change = (str(found[name][field]) for field in ("value", "change"))
            lines += f'\n      "limits": {{ "value": {value}, "change": {change} }},'
        if name in charted:
            lines += f'\n      "precision": {charted[name]:g},'
        text = text[:at] + lines + text[at:]
    BUILT_IN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import train

    stays, rows = train.load_and_split(train.options().data, train.options().cache)
    fit = stays["codes"][rows["fit"]]
    write_built_in(limits(fit), precisions(fit))
