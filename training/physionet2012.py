"""PhysioNet/CinC Challenge 2012 (sets a and b, ODC-By 1.0) as codes [N, 48, 17] of the benchmark's channels."""

import io
import tarfile
import zlib
from pathlib import Path

import numpy as np

import gcs
from channels import CHANNELS, EYE, INDEX, MOTOR, STEPS, TOTAL, VERBAL
from discretise import bin_events, bin_of

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
# What the network does not read: laboratory values, urine, ventilation. The teacher does.
OTHERS = (
    "ALP", "ALT", "AST", "Albumin", "BUN", "Bilirubin", "Cholesterol", "Creatinine", "HCO3", "HCT", "K", "Lactate", "MechVent",
    "Mg", "Na", "PaCO2", "PaO2", "Platelets", "TroponinI", "TroponinT", "Urine", "WBC",
)  # fmt: skip
TOTAL_CATEGORIES = {int(text): index for index, text in enumerate(CHANNELS[TOTAL].categories)}
VENTILATION_REACH = 6.0  # hours: ventilation is charted every few hours, and holds between two such rows


def read(data: Path, seed: int) -> dict[str, np.ndarray]:
    """All 8,000 stays: `codes` [N, 48, 17], `others` [N, 48, 22], `died`, `record`, `age`, `sex` (1 male, -1 unknown), `icu` [N]."""
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


def as_read(codes: np.ndarray) -> np.ndarray:
    """The codes that the page makes of the same records: the challenge has the coma scale's total alone, and the page draws no parts."""
    codes = codes.copy()
    codes[..., [EYE, MOTOR, VERBAL]] = np.nan
    return codes


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
    """`(hours, parameter, value)` in order of time; nameless rows are dropped, and so is a weight that is the one before it in the
    record: it is repeated on every sheet, and only a change is a measurement."""
    rows, weight = [], None
    for line in text.splitlines()[1:]:
        time, parameter, value = line.split(",")
        if not parameter or (parameter == "Weight" and float(value) == weight):
            continue
        if parameter == "Weight" and float(value) > 0:
            weight = float(value)
        hours, minutes = time.split(":")
        rows.append((int(hours) + int(minutes) / 60, parameter, float(value)))
    return sorted(rows, key=lambda row: (row[0], row[1] not in PRIORITY))


def _stay(rows, rng: np.random.Generator) -> dict:
    general = {parameter: value for hours, parameter, value in reversed(rows) if hours == 0}
    return {
        "codes": _codes(rows, rng),
        "others": _others(rows),
        "age": general.get("Age", -1.0),
        "sex": general.get("Gender", -1.0),
        "icu": general.get("ICUType", -1.0),
        "ventilated": float(any(parameter == "MechVent" for _, parameter, _ in rows)),
    }


def _codes(rows, rng: np.random.Generator, is_read: bool = False) -> np.ndarray:
    events = list(_events(rows, is_read))
    return bin_events(events + list(gcs.parts(_totals(rows), rng)))


def _events(rows, is_read: bool):
    """The measured channels. -1 stands for "missing", and so does 0 for weight and height. The page does not use what is
    outside its plausible range (`is_read`); the networks were trained on all of it."""
    for hours, parameter, value in rows:
        name = VARIABLES.get(parameter)
        if name is None or (value <= 0 and name in ("Weight", "Height")) or value == -1:
            continue
        if is_read and not _is_possible(CHANNELS[INDEX[name]], value):
            continue
        yield hours, INDEX[name], TOTAL_CATEGORIES[int(value)] if parameter == "GCS" else value


def _is_possible(channel, value: float) -> bool:
    """Whether a value is plausible; of oxygen as a fraction, or as the percentage that it may be."""
    if channel.plausible is None:
        return True
    low, high = channel.plausible
    scale = 100 if channel.name == "Fraction inspired oxygen" and value > 1 else 1
    return low <= value / scale <= high


def _others(rows) -> np.ndarray:
    """[48, 22]: the last value of an hour, of urine the sum; NaN where there is none."""
    out = np.full((STEPS, len(OTHERS)), np.nan)
    for hours, parameter, value in rows:
        step = bin_of(hours)
        if parameter in OTHERS and value >= 0 and step is not None:
            column = OTHERS.index(parameter)
            out[step, column] = np.nansum([out[step, column], value]) if parameter == "Urine" else value
    return out


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
