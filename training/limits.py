"""What patients' values, and their changes an hour, stay within: the manifest's `limits`, from training stays.

`python limits.py` writes them into the built-in manifest, for networks of the benchmark that bring none.
"""

import re

import numpy as np

from channels import CHANNELS, EYE, MOTOR, ROOT, VERBAL

PERCENTILES = (1, 99)
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


def write_built_in(found: dict[str, dict]) -> None:
    """Puts the limits behind each channel's noise, and leaves the rest of the file as it is."""
    text = re.sub(r'\n *"limits": .*', "", BUILT_IN.read_text(encoding="utf-8"))
    for name, ranges in found.items():
        start = text.index(f'"name": "{name}"')
        at = text.index("\n", text.index('"noise": ', start))
        value, change = (str(ranges[field]) for field in ("value", "change"))
        text = text[:at] + f'\n      "limits": {{ "value": {value}, "change": {change} }},' + text[at:]
    BUILT_IN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import train

    stays, rows = train.load_and_split(train.options().data, train.options().cache)
    write_built_in(limits(stays["codes"][rows["fit"]]))
