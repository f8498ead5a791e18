"""The 17 channels, read from the built-in manifest, so that names, columns and normal values stand in one place.

The channel axis of every array here is in the benchmark's order (ASCII order of the names, which is the order of the
mask columns 59..75), not in the manifest's drawing order.
"""

import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = json.loads((ROOT / "src/stay/manifest_mimic3.json").read_text(encoding="utf-8"))

STEPS = MANIFEST["steps"]
COLUMNS = MANIFEST["columns"]


@dataclass(frozen=True)
class Channel:
    """One variable of the record; `categories` is empty for a continuous one."""

    name: str
    columns: tuple[int, ...]
    mask: int
    categories: tuple[str, ...]
    ordinals: tuple[float, ...]
    normal: float  # clinical value, or the index of the normal category
    plausible: tuple[float, float] | None
    mean: float
    std: float


def _channel(entry: dict) -> Channel:
    encoding = entry["encoding"]
    categories = tuple(encoding.get("categories", ()))
    normal = encoding["normal"]
    return Channel(
        name=entry["name"],
        columns=tuple(entry["columns"]),
        mask=entry["mask"],
        categories=categories,
        ordinals=tuple(encoding.get("ordinals", ())),
        normal=float(categories.index(normal)) if categories else float(normal),
        plausible=tuple(entry["plausible"]) if "plausible" in entry else None,
        mean=encoding.get("mean", 0.0),
        std=encoding.get("std", 1.0),
    )


CHANNELS = tuple(sorted((_channel(entry) for entry in MANIFEST["channels"]), key=lambda channel: channel.mask))
NAMES = tuple(channel.name for channel in CHANNELS)
INDEX = {name: index for index, name in enumerate(NAMES)}
CONTINUOUS = tuple(index for index, channel in enumerate(CHANNELS) if not channel.categories)

EYE = INDEX["Glascow coma scale eye opening"]
MOTOR = INDEX["Glascow coma scale motor response"]
TOTAL = INDEX["Glascow coma scale total"]
VERBAL = INDEX["Glascow coma scale verbal response"]
