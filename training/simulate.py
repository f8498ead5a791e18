"""A small bedside physiology simulator: the synthetic demo patients in www/stays/.

No number of any real patient enters. A scenario says how an illness and its treatment run (knots over 48 hours: vascular
tone, pump, shunt, acid load, ventilator, warmth, glucose, coma); the equations below turn it into vital signs and blood
gases that belong together, every 5 minutes; a chart then samples them as nurses and laboratories do, with jitter, gaps
and measurement noise.

    stroke volume   sv  = pump * min(1, (130 / HR)^1.2)                  filling time is lost above 130 a minute
    mean pressure   MBP = 88 * tone * (HR / 78 * sv)^0.8
    pulse pressure  PP  = 46 * sv * stiffness;   SBP = MBP + 2/3 PP,  DBP = MBP - 1/3 PP
    heart rate      HR -> rate * (1 + 0.9 (85 - MBP) / 85 + 0.09 (T - 37))        baroreflex and fever, tau 15 min
    ventilation     VA  = RR / 16 * (tidal - dead) / 0.7;   PaCO2 -> 40 / VA     tau 20 min
    breathing       RR -> drive * (16 + 55 (7.40 - pH) + 0.5 (94 - SpO2) + 1.5 (T - 37)), or the ventilator's rate
    acid and base   pH  = 6.1 + log10((24 - acid + buffer) / (0.03 PaCO2))        Henderson and Hasselbalch
    oxygen          PaO2 = ratio * FiO2;   SpO2 = 1 / (1 + 23400 / (PaO2^3 + 150 PaO2))       Severinghaus 1979

`python simulate.py` writes www/stays/; the same seeds give the same bytes.
"""

import csv
import io
import json
import math
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from channels import EYE, MOTOR, NAMES, VERBAL
from gcs import NUMBERED, PLAIN, spell

STAYS = Path(__file__).resolve().parent.parent / "www/stays"
MINUTES = 5
TIMES = np.arange(0, 48 * 60 + 1, MINUTES) / 60
END = 48.0

# What a driver is where a scenario does not say otherwise.
REST = {
    "tone": 1.0, "pump": 1.0, "stiffness": 1.0, "rate": 76.0, "ratio": 450.0, "fio2": 0.21, "acid": 0.0, "buffer": 0.0,
    "drive": 1.0, "tidal": 1.0, "dead": 0.3, "set_rate": 0.0, "warmth": 36.9, "glucose": 118.0,
}  # fmt: skip
# Slow natural wandering of a driver: its share of the value (or its size, for warmth), and its time constant in hours.
WANDER = {"tone": (0.05, 1.5), "pump": (0.04, 3.0), "rate": (0.035, 1.0), "ratio": (0.06, 4.0), "glucose": (0.06, 5.0), "drive": (0.07, 0.7)}


@dataclass(frozen=True)
class Scenario:
    """One patient: the drivers' knots `[(hour, value), ...]` and the coma scale `[(hour, eye, motor, verbal), ...]`."""

    file: str
    name: str
    description: str
    died: int
    height: float
    weight: float
    drivers: dict
    coma: list
    intubated: list = field(default_factory=list)  # [(from, to), ...] in hours
    spelling: int = NUMBERED
    labs: float = 5.0  # hours between blood gases
    sugar: float = 5.0  # hours between glucose readings
    warmth: float = 4.0  # hours between temperatures
    refill: list = field(default_factory=list)  # [(hour, 0 or 1), ...]
    dirty: bool = False


SCENARIOS = (
    Scenario(
        "septic-shock", "Septic shock", "Pneumonia with septic shock; vasopressors stop working after the first day, organs fail.", 1, 168, 74,
        {
            "tone": [(0, 0.60), (6, 0.45), (10, 0.52), (20, 0.50), (30, 0.46), (40, 0.42), (48, 0.38)],
            "pump": [(0, 1.0), (12, 0.95), (30, 0.82), (48, 0.66)],
            "rate": [(0, 98), (8, 106), (48, 110)],
            "ratio": [(0, 230), (8, 150), (20, 140), (34, 105), (48, 78)],
            "fio2": [(0, 0.40), (7, 0.60), (8.5, 1.0), (11, 0.70), (26, 0.70), (30, 0.85), (38, 1.0), (48, 1.0)],
            "acid": [(0, 5.5), (8, 8.5), (16, 7.5), (28, 10.0), (40, 14.0), (48, 16.5)],
            "set_rate": [(8.4, 0), (8.5, 22), (30, 26), (48, 30)],
            "dead": [(0, 0.34), (24, 0.40), (48, 0.46)],
            "warmth": [(0, 39.1), (10, 38.7), (26, 37.4), (40, 35.6), (48, 35.0)],
            "glucose": [(0, 186), (14, 204), (30, 160), (42, 92), (48, 70)],
        },
        [(0, 3, 6, 4), (5, 3, 5, 4), (8.5, 1, 4, 1), (20, 2, 4, 1), (28, 1, 4, 1), (34, 1, 2, 1), (40, 1, 1, 1)],
        [(8.5, 48)], NUMBERED, 4.0, 4.0, 2.0, [(1.5, 1), (17.5, 1)],
    ),
    Scenario(
        "brain-injury", "Traumatic brain injury", "Fall from height; brain swelling with a Cushing response around hour 22, then brainstem failure.", 1, 178, 82,
        {
            "tone": [(0, 1.02), (10, 1.08), (18, 1.45), (22, 2.05), (25, 1.95), (28, 0.90), (34, 0.70), (48, 0.66)],
            "rate": [(0, 94), (12, 86), (20, 86), (24, 86), (27, 96), (30, 104), (40, 96), (48, 90)],
            "stiffness": [(0, 1.0), (18, 1.3), (22, 1.9), (25, 1.8), (29, 0.9), (48, 0.85)],
            "ratio": [(0, 400), (24, 330), (48, 230)],
            "fio2": [(0, 0.50), (2, 0.50), (6, 0.40), (28, 0.40), (34, 0.50), (48, 0.55)],
            "acid": [(0, 2.0), (10, 1.0), (28, 2.0), (40, 5.0), (48, 6.5)],
            "set_rate": [(0, 16), (18, 18), (22, 22), (48, 18)],
            "warmth": [(0, 36.4), (12, 38.0), (24, 38.9), (30, 37.4), (40, 35.6), (48, 35.0)],
            "glucose": [(0, 164), (20, 172), (30, 196), (48, 168)],
        },
        [(0, 2, 5, 1), (8, 1, 5, 1), (13, 1, 4, 1), (17, 1, 3, 1), (21, 1, 2, 1), (25, 1, 1, 1)],
        [(0, 48)], PLAIN, 6.0, 4.0, 2.0,
    ),
    Scenario(
        "post-operative", "Recovering after heart surgery", "Elective bypass surgery; rewarmed, woken and extubated within eight hours.", 0, 174, 86,
        {
            "tone": [(0, 1.02), (3, 0.90), (8, 0.92), (24, 0.98), (48, 1.0)],
            "pump": [(0, 0.86), (6, 0.94), (24, 1.0)],
            "rate": [(0, 80), (6, 84), (24, 80), (48, 77)],
            "ratio": [(0, 280), (8, 310), (24, 350), (48, 400)],
            "fio2": [(0, 1.0), (1, 0.70), (3, 0.50), (6, 0.40), (7.5, 0.40), (20, 0.32), (32, 0.24), (40, 0.21)],
            "acid": [(0, 2.5), (6, 2.0), (14, 0.5), (24, 0)],
            "set_rate": [(0, 14), (6.9, 14), (7, 0)],
            "drive": [(7, 0.92), (20, 1.0)],
            "warmth": [(0, 35.3), (5, 36.8), (14, 37.5), (30, 37.1)],
            "glucose": [(0, 158), (6, 148), (24, 128), (48, 116)],
        },
        [(0, 1, 1, 1), (4, 3, 6, 1), (7.2, 4, 6, 4), (10, 4, 6, 5)],
        [(0, 7.2)], NUMBERED, 4.0, 3.0, 1.0,
    ),
    Scenario(
        "diabetic-ketoacidosis", "Diabetic ketoacidosis", "Young patient with missed insulin; insulin and fluids close the gap within a day.", 0, 171, 64,
        {
            "tone": [(0, 0.84), (8, 0.96), (20, 1.0)],
            "pump": [(0, 0.74), (4, 0.90), (10, 1.0)],
            "rate": [(0, 124), (6, 108), (18, 88), (36, 78)],
            "acid": [(0, 19.5), (4, 16.5), (10, 9.0), (18, 4.0), (26, 1.5), (36, 0.5)],
            "tidal": [(0, 1.25), (8, 1.15), (18, 1.05), (26, 1.0)],
            "warmth": [(0, 36.2), (12, 36.8), (24, 36.9)],
            "glucose": [(0, 585), (3, 430), (7, 265), (10, 205), (24, 180), (34, 150), (48, 138)],
        },
        [(0, 3, 6, 4), (6, 4, 6, 4), (10, 4, 6, 5)],
        [], PLAIN, 4.0, 1.0, 4.0,
    ),
    Scenario(
        "respiratory-failure", "Respiratory failure", "Chronic lung disease with pneumonia; ventilated from hour 5, slowly improving, still on the ventilator.", 0, 166, 70,
        {
            "tone": [(0, 1.05), (5, 0.84), (12, 0.90), (30, 0.97)],
            "rate": [(0, 102), (6, 94), (24, 86), (48, 82)],
            "ratio": [(0, 140), (6, 155), (20, 190), (48, 250)],
            "fio2": [(0, 0.50), (4, 0.60), (5, 1.0), (7, 0.60), (20, 0.50), (36, 0.40)],
            "buffer": [(0, 6.0)],
            "acid": [(0, 1.0), (24, 0)],
            "drive": [(0, 1.15), (4, 1.05)],
            "tidal": [(0, 0.74), (4.9, 0.69), (5, 0.95), (48, 0.98)],
            "dead": [(0, 0.40)],
            "set_rate": [(4.9, 0), (5, 19), (30, 18), (48, 16)],
            "warmth": [(0, 38.4), (16, 37.9), (36, 37.2)],
            "glucose": [(0, 152), (20, 168), (48, 140)],
        },
        [(0, 3, 6, 4), (5, 1, 4, 1), (16, 2, 5, 1), (26, 3, 6, 1), (40, 4, 6, 1)],
        [(5, 48)], NUMBERED, 4.0, 5.0, 4.0,
    ),
    Scenario(
        "stable", "Stable stay", "Watched for two nights after a gastrointestinal bleed that had stopped.", 0, 164, 68,
        {
            "rate": [(0, 86), (8, 78), (48, 74)],
            "tone": [(0, 0.96), (10, 1.0)],
            "warmth": [(0, 36.7), (48, 36.9)],
            "glucose": [(0, 126), (48, 108)],
        },
        [(0, 4, 6, 5)], [], PLAIN, 14.0, 8.0, 4.0,
    ),
    Scenario(
        "late-arrest", "Heart failure, sudden death later", "Calm for 48 hours after pulmonary oedema; died of a late arrhythmia that nothing here announces.", 1, 170, 79,
        {
            "tone": [(0, 1.22), (4, 1.05), (48, 1.0)],
            "pump": [(0, 0.80), (10, 0.88), (48, 0.92)],
            "rate": [(0, 96), (10, 84), (48, 78)],
            "ratio": [(0, 190), (8, 270), (24, 350), (48, 390)],
            "fio2": [(0, 0.60), (4, 0.50), (10, 0.40), (20, 0.28), (36, 0.21)],
            "acid": [(0, 2.5), (8, 0)],
            "glucose": [(0, 148), (48, 124)],
        },
        [(0, 4, 6, 5)], [], NUMBERED, 8.0, 6.0, 4.0,
    ),
    Scenario(
        "sparse-dirty", "Sparse and dirty chart", "Mostly uncharted urinary infection, with the slips of a real chart: a typing error, rows twice, odd spellings.", 0, 0, 61,
        {
            "tone": [(0, 0.86), (10, 0.95), (24, 1.0)],
            "rate": [(0, 96), (16, 84)],
            "acid": [(0, 2.0), (12, 0)],
            "warmth": [(0, 38.6), (18, 37.6), (36, 37.0)],
            "glucose": [(0, 160), (24, 130)],
        },
        [(0, 4, 6, 4), (14, 4, 6, 5)], [], NUMBERED, 18.0, 12.0, 8.0, [(2.0, 0)], True,
    ),
)  # fmt: skip


def simulate(scenario: Scenario, rng: random.Random) -> dict[str, np.ndarray]:
    """Vital signs and blood gases every 5 minutes, by name."""
    drivers = {name: _course(scenario.drivers.get(name, [(0, rest)])) for name, rest in REST.items()}
    for name, (share, tau) in WANDER.items():
        drivers[name] = drivers[name] * np.exp(_wander(share, tau, rng))
    drivers["warmth"] = drivers["warmth"] + _wander(0.15, 3.0, rng) + 0.15 * np.sin((TIMES - 6) * math.pi / 12)
    state = {"hr": drivers["rate"][0], "rr": 18.0, "paco2": 40.0, "ph": 7.38, "spo2": 95.0, "t": drivers["warmth"][0], "mbp": 80.0}
    rows = []
    for _ in range(36):  # three hours at the first drivers, so that the record starts in balance
        state = _step(state, {name: course[0] for name, course in drivers.items()})
    for index in range(len(TIMES)):
        state = _step(state, {name: course[index] for name, course in drivers.items()})
        rows.append(state)
    out = {name: np.array([row[name] for row in rows]) for name in state}
    return out | {"fio2": drivers["fio2"], "glucose": _lag(drivers["glucose"], 0.7)}


def _step(state: dict, now: dict) -> dict:
    sv = now["pump"] * min(1.0, (130 / state["hr"]) ** 1.2)
    mbp = 88 * now["tone"] * (state["hr"] / 78 * sv) ** 0.8
    pulse = 46 * sv * now["stiffness"]
    hr = now["rate"] * (1 + 0.9 * (85 - mbp) / 85 + 0.09 * (state["t"] - 37))
    wanted = 16 + 55 * (7.40 - state["ph"]) + 0.5 * max(0.0, 94 - state["spo2"]) + 1.5 * max(0.0, state["t"] - 37)
    rr = now["set_rate"] if now["set_rate"] > 5 else now["drive"] * min(max(wanted, 8.0), 42.0)
    ventilation = max(0.12, state["rr"] / 16 * (now["tidal"] - now["dead"]) / 0.7)
    paco2 = _towards(state["paco2"], min(max(40 / ventilation, 12.0), 115.0), 20)
    ph = 6.1 + math.log10(max(2.0, 24 - now["acid"] + now["buffer"]) / (0.03 * paco2))
    pao2 = now["ratio"] * now["fio2"]
    spo2 = 100 / (1 + 23400 / (pao2**3 + 150 * pao2))
    return {
        "hr": _towards(state["hr"], min(max(hr, 34.0), 178.0), 15),
        "mbp": mbp,
        "sbp": mbp + pulse * 2 / 3,
        "dbp": mbp - pulse / 3,
        "rr": rr if now["set_rate"] > 5 else _towards(state["rr"], rr, 10),
        "paco2": paco2,
        "ph": ph,
        "spo2": _towards(state["spo2"], spo2, 5),
        "t": _towards(state["t"], now["warmth"], 60),
    }


def _towards(value: float, target: float, minutes: float) -> float:
    return value + (target - value) * (1 - math.exp(-MINUTES / minutes))


def _course(knots) -> np.ndarray:
    hours, values = zip(*knots)
    return np.interp(TIMES, hours, values)


def _lag(course: np.ndarray, hours: float) -> np.ndarray:
    out, value = [], float(course[0])
    for target in course:
        value = _towards(value, float(target), 60 * hours)
        out.append(value)
    return np.array(out)


def _wander(size: float, hours: float, rng: random.Random) -> np.ndarray:
    """An Ornstein-Uhlenbeck path of this standard deviation and time constant."""
    keep = math.exp(-MINUTES / 60 / hours)
    out = [rng.gauss(0, size)]
    for _ in TIMES[1:]:
        out.append(keep * out[-1] + math.sqrt(1 - keep * keep) * rng.gauss(0, size))
    return np.array(out)


def chart(scenario: Scenario, rng: random.Random) -> list[dict]:
    """The record's rows in order of time: `Hours` and the names of what was charted."""
    signs = simulate(scenario, rng)
    rows = [*_vital_rows(scenario, signs, rng), *_coma_rows(scenario, rng)]
    for every, first, cells in (
        (scenario.warmth, 0.3, lambda at: {"Temperature": f"{_at(signs['t'], at) + rng.gauss(0, 0.1):.1f}"}),
        (scenario.sugar, 0.8, lambda at: {"Glucose": f"{_at(signs['glucose'], at) * math.exp(rng.gauss(0, 0.03)):.0f}"}),
        (scenario.labs, 0.6, lambda at: {"pH": f"{_at(signs['ph'], at) + rng.gauss(0, 0.01):.2f}"}),
        (24.0, 0.1, lambda at: {"Weight": f"{scenario.weight + 0.06 * at + rng.gauss(0, 0.2):.1f}"}),
    ):
        rows += [{"Hours": at} | cells(at) for at in _rounds(first, every, rng)]
    if max(signs["fio2"]) > 0.21:
        rows += [{"Hours": at, "Fraction inspired oxygen": f"{_at(signs['fio2'], at):.2f}"} for at in _fio2_rounds(signs, rng)]
    if scenario.height:
        rows.append({"Hours": 0.05, "Height": f"{scenario.height:.0f}"})
    rows += [{"Hours": at, "Capillary refill rate": f"{late:.1f}"} for at, late in scenario.refill]
    rows.sort(key=lambda row: row["Hours"])
    return _dirty(rows, rng) if scenario.dirty else rows


def _vital_rows(scenario, signs, rng):
    every = 6.0 if scenario.dirty else 1.0
    times = _rounds(0.25, every, rng)
    if not scenario.dirty:
        times = sorted(times + [0.5, 0.75, 1.6])  # the first hours are charted more closely
    for at in times:
        sbp, dbp = _at(signs["sbp"], at) + rng.gauss(0, 3), _at(signs["dbp"], at) + rng.gauss(0, 2)
        dbp = min(dbp, sbp - 8)
        cells = {
            "Heart Rate": f"{_at(signs['hr'], at) + rng.gauss(0, 1.5):.0f}",
            "Systolic blood pressure": f"{sbp:.0f}",
            "Diastolic blood pressure": f"{dbp:.0f}",
            "Mean blood pressure": f"{dbp + (sbp - dbp) / 3 + rng.gauss(0, 1.5):.1f}",
            "Respiratory rate": f"{max(6, _at(signs['rr'], at) + rng.gauss(0, 1)):.0f}",
            "Oxygen saturation": f"{min(100, _at(signs['spo2'], at) + rng.gauss(0, 0.7)):.0f}",
        }
        yield {"Hours": at} | {name: cell for name, cell in cells.items() if rng.random() > 0.03}


def _coma_rows(scenario, rng):
    for at in _rounds(0.4, 12.0 if scenario.dirty else 4.0, rng):
        eye, motor, verbal = next(parts for hour, *parts in reversed(scenario.coma) if hour <= at)
        if 1 < eye < 4 and rng.random() < 0.15:
            eye += rng.choice((-1, 1))
        tube = any(start <= at < end for start, end in scenario.intubated)
        row = {"Hours": at}
        for channel, points in ((EYE, eye), (MOTOR, motor), (VERBAL, verbal)):
            row[NAMES[channel]] = spell(channel, points, scenario.spelling, tube)
        if scenario.spelling == NUMBERED:  # the charting system with plain spellings has no total
            row["Glascow coma scale total"] = str(eye + motor + verbal)
        yield row


def _rounds(first: float, every: float, rng: random.Random) -> list[float]:
    """Times of a repeated task: some minutes early or late, never beyond 48 hours."""
    jitter = min(0.1, every / 10)
    count = int((END - first) / every) + 1
    return [min(END, max(0.0, first + k * every + rng.uniform(-jitter, jitter))) for k in range(count)]


def _fio2_rounds(signs, rng):
    """Every four hours, and soon after each change by more than 0.05."""
    changes = np.flatnonzero(np.abs(np.diff(signs["fio2"][::6])) > 0.05) * 0.5 + 0.6
    return sorted(_rounds(0.3, 4.0, rng) + [float(at) for at in changes if at < END])


def _dirty(rows, rng):
    """What real charts contain: a pressure typed twice over, rows charted twice, a number as "15.0", another spelling."""
    vitals = [row for row in rows if "Systolic blood pressure" in row]
    vitals[2]["Systolic blood pressure"] = "11647"
    again = [dict(row) for row in (vitals[1], vitals[3])]
    again[0]["Heart Rate"] = str(int(again[0].get("Heart Rate", "90")) + 4)
    coma = [row for row in rows if "Glascow coma scale total" in row]
    coma[3]["Glascow coma scale total"] += ".0"
    coma[2]["Glascow coma scale eye opening"] = "Spontaneously"
    vitals[4]["Oxygen saturation"] = "9"
    rows.append({"Hours": 49.2, "Heart Rate": "88"})
    return sorted(rows + again, key=lambda row: row["Hours"])


def _at(course: np.ndarray, hours: float) -> float:
    return float(np.interp(hours, TIMES, course))


def text(scenario: Scenario) -> str:
    """The record as benchmark-format CSV."""
    rng = random.Random(f"vitrine {scenario.file}")
    out = io.StringIO()
    writer = csv.DictWriter(out, ["Hours", *NAMES], restval="", lineterminator="\n")
    writer.writeheader()
    for row in chart(scenario, rng):
        writer.writerow(row | {"Hours": f"{row['Hours']:.4f}"})
    return out.getvalue()


def index() -> str:
    """The list of stays that the page reads."""
    stays = [
        {"file": _file(scenario), "name": f"{scenario.name} (synthetic)", "description": scenario.description, "trueLabel": scenario.died, "synthetic": True}
        for scenario in SCENARIOS
    ]  # fmt: skip
    return json.dumps(stays, indent=2) + "\n"


def _file(scenario: Scenario) -> str:
    return f"{scenario.file}_timeseries.csv"


def main(folder: Path = STAYS) -> None:
    """Writes every record and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for scenario in SCENARIOS:
        (folder / _file(scenario)).write_text(text(scenario), encoding="utf-8", newline="\n")
    (folder / "index.json").write_text(index(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
