"""PhysioNet/CinC Challenge 2012 (sets a and b, ODC-By 1.0) as codes [N, 48, 17] of the benchmark's channels."""

import io
import tarfile
import zlib
from pathlib import Path

import numpy as np

import gcs
from channels import CHANNELS, INDEX, TOTAL
from discretise import bin_events

WHERE = (
    "PhysioNet 2012 not found: {missing}. Sets a and b are open data (ODC-By 1.0): download set-a and set-b with "
    "Outcomes-a.txt and Outcomes-b.txt from https://physionet.org/content/challenge-2012/1.0.0/, pack each set as "
    "set-a.tar.xz (the folder set-a and its Outcomes-a.txt) and set-b.tar.xz, put both into a folder physionet2012, "
    "and name the folder above it: DATA=/path/to/data training/train.sh"
)

# Where invasive and cuff readings carry the same time, the invasive one is written last and so wins the bin.
PRIORITY = ("NIDiasABP", "NISysABP", "NIMAP")
VARIABLES = {
    "DiasABP": "Diastolic blood pressure",
    "NIDiasABP": "Diastolic blood pressure",
    "FiO2": "Fraction inspired oxygen",
    "GCS": "Glascow coma scale total",
    "Glucose": "Glucose",
    "HR": "Heart Rate",
    "Height": "Height",
    "MAP": "Mean blood pressure",
    "NIMAP": "Mean blood pressure",
    "SaO2": "Oxygen saturation",
    "RespRate": "Respiratory rate",
    "SysABP": "Systolic blood pressure",
    "NISysABP": "Systolic blood pressure",
    "Temp": "Temperature",
    "Weight": "Weight",
    "pH": "pH",
}
TOTAL_CATEGORIES = {int(text): index for index, text in enumerate(CHANNELS[TOTAL].categories)}
VENTILATION_REACH = 6.0  # hours: ventilation is charted every few hours, and holds between two such rows


def read(data: Path, seed: int) -> dict[str, np.ndarray]:
    """All 8,000 stays: `codes` [N, 48, 17], `died` [N], `record` [N], `age`, `sex` (1 male, -1 unknown), `icu` [N]."""
    archives = [data / "physionet2012" / f"set-{part}.tar.xz" for part in "ab"]
    missing = [str(archive) for archive in archives if not archive.is_file()]
    if missing:
        raise SystemExit(WHERE.format(missing=", ".join(missing)))
    records, died = {}, {}
    for archive in archives:
        _read_archive(archive, records, died)
    order = sorted(records)
    stays = [_stay(records[record], np.random.default_rng([seed, record])) for record in order]
    out = {key: np.array([stay[key] for stay in stays]) for key in stays[0]}
    return out | {"record": np.array(order), "died": np.array([died[record] for record in order], np.float32)}


def digest(data: Path) -> str:
    """A checksum of the two archives, to name the cache by."""
    total = 0
    for part in "ab":
        path = data / "physionet2012" / f"set-{part}.tar.xz"
        total = zlib.crc32(path.read_bytes(), total) if path.is_file() else total
    return f"{total:08x}"


def _read_archive(archive: Path, records: dict, died: dict) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.isfile():
                continue
            text = io.TextIOWrapper(tar.extractfile(member), encoding="utf-8").read()
            name = Path(member.name)
            if name.name.startswith("Outcomes"):
                for line in text.splitlines()[1:]:
                    fields = line.split(",")
                    died[int(fields[0])] = int(fields[-1])
            elif name.stem.isdigit():
                records[int(name.stem)] = _rows(text)


def _rows(text: str) -> list[tuple[float, str, float]]:
    """`(hours, parameter, value)` in order of time; nameless rows are dropped."""
    rows = []
    for line in text.splitlines()[1:]:
        time, parameter, value = line.split(",")
        if parameter:
            hours, minutes = time.split(":")
            rows.append((int(hours) + int(minutes) / 60, parameter, float(value)))
    return sorted(rows, key=lambda row: (row[0], row[1] not in PRIORITY))


def _stay(rows, rng: np.random.Generator) -> dict:
    general = {parameter: value for hours, parameter, value in reversed(rows) if hours == 0}
    events = list(_events(rows))
    return {
        "codes": bin_events(events + list(gcs.parts(_totals(rows), rng))),
        "age": general.get("Age", -1.0),
        "sex": general.get("Gender", -1.0),
        "icu": general.get("ICUType", -1.0),
        "ventilated": float(any(parameter == "MechVent" for _, parameter, _ in rows)),
    }


def _events(rows):
    """The measured channels. -1 stands for "missing"; the weight is repeated at every row set, so only a change counts."""
    weight = None
    for hours, parameter, value in rows:
        name = VARIABLES.get(parameter)
        if name is None or (value <= 0 and name in ("Weight", "Height")) or value == -1:
            continue
        if name == "Weight":
            if value == weight:
                continue
            weight = value
        yield hours, INDEX[name], TOTAL_CATEGORIES[int(value)] if parameter == "GCS" else value


def _totals(rows):
    ventilation = np.array([hours for hours, parameter, _ in rows if parameter == "MechVent"])
    for hours, parameter, value in rows:
        if parameter == "GCS":
            yield hours, int(value), _ventilated(ventilation, hours)


def _ventilated(ventilation: np.ndarray, hours: float) -> bool:
    """Whether a row that charts ventilation stands at this time, or on both sides within reach of each other."""
    before, after = ventilation[ventilation <= hours], ventilation[ventilation >= hours]
    if not len(before) or not len(after):
        return False
    return bool(after.min() - before.max() <= VENTILATION_REACH)
