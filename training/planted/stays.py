"""Made-up stays whose risk is known to the cell: what an explanation of them has to find.

Every stay has 48 hours of the benchmark's 17 channels. Values wander, are charted now and then and carried forward. On
top of that come events, and the risk depends on three of them and on nothing else:

    score = -3.0 + 2.5 A + 2.5 B + 3.2 C
    A  mean blood pressure is low for six hours in a row, from hour 20..38 on
    B  glucose is high for two hours, from hour 2..9 on
    C  heart rate is high for four hours and oxygen saturation is low for four hours, each from hour 10..30 on; one of
       them alone says nothing

Other events look like these and say nothing: single hours of low mean blood pressure, glucose high late, the same
excursions of temperature, breathing, diastolic pressure and pH. An event's hours are charted, and the hour after it.
The truth of a stay is the channels and hours of A, B and C, C's only where both halves are there.

Values are multiples of 1/32 of a standard deviation in -4..4, so that a byte holds each of them exactly.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parent.parent))

from channels import CHANNELS, COLUMNS, INDEX, STEPS  # noqa: E402

BIAS, WEIGHTS = -3.0, {"A": 2.5, "B": 2.5, "C": 3.2}
NORMAL = 128  # the byte of 0 standard deviations
SCALE = 32

# How often a channel is charted in an hour.
OFTEN = {"Capillary refill rate": 0.02, "Fraction inspired oxygen": 0.2, "Glucose": 0.35, "Height": 0.02, "Temperature": 0.3, "Weight": 0.04, "pH": 0.15}
COMA = 0.25
VITAL = 0.85


@dataclass(frozen=True)
class Event:
    """An excursion of a channel by so many standard deviations, for so many hours, from one of these hours on."""

    channel: str
    size: float
    hours: int
    first: int
    last: int
    chance: float


PRESSURE = Event("Mean blood pressure", -2.0, 6, 20, 38, 0.35)
SUGAR = Event("Glucose", 3.0, 2, 2, 9, 0.35)
HEART = Event("Heart Rate", 2.2, 4, 10, 30, 0.5)
OXYGEN = Event("Oxygen saturation", -2.2, 4, 10, 30, 0.5)
DECOYS = (
    Event("Mean blood pressure", -2.0, 1, 2, 44, 0.4),
    Event("Glucose", 3.0, 2, 24, 44, 0.35),
    Event("Temperature", 2.2, 6, 2, 40, 0.3),
    Event("Respiratory rate", 2.2, 4, 2, 40, 0.3),
    Event("Diastolic blood pressure", -2.0, 6, 2, 40, 0.3),
    Event("pH", -2.2, 4, 2, 40, 0.3),
)


@dataclass
class Stays:
    """`value` is bytes: a category's index, or standard deviations; `observed` and `truth` are flags: all [n, 48, 17].
    `so_far` is the score [n, 48] if only the events that were over by an hour counted; the last is the score."""

    value: np.ndarray
    observed: np.ndarray
    truth: np.ndarray
    so_far: np.ndarray

    @property
    def score(self):
        return self.so_far[:, -1]


def draw(rng, n):
    value, observed = _background(rng, n)
    for decoy in DECOYS:
        _happen(rng, value, observed, decoy)
    ends = {event: _happen(rng, value, observed, event) for event in (PRESSURE, SUGAR, HEART, OXYGEN)}
    truth = np.zeros(value.shape, bool)
    so_far = np.full((n, STEPS), BIAS)
    for name, events in (("A", (PRESSURE,)), ("B", (SUGAR,)), ("C", (HEART, OXYGEN))):
        all_there = np.all([ends[event] > 0 for event in events], axis=0)
        for event in events:
            truth[:, :, INDEX[event.channel]] |= all_there[:, None] & _during(event, ends[event])
        over = np.max([ends[event] for event in events], axis=0)
        so_far += WEIGHTS[name] * (all_there[:, None] & (np.arange(STEPS) >= over[:, None] - 1))
    return Stays(_carry_forward(value, observed), observed, truth, so_far)


def columns(stays):
    """The model's input [n, 48, 76]: one column a category, one a continuous value, one a mask."""
    x = np.zeros((*stays.value.shape[:2], COLUMNS), np.float32)
    for k, channel in enumerate(CHANNELS):
        if channel.categories:
            for index, column in enumerate(channel.columns):
                x[:, :, column] = stays.value[:, :, k] == index
        else:
            x[:, :, channel.columns[0]] = (stays.value[:, :, k].astype(np.float32) - NORMAL) / SCALE
        x[:, :, channel.mask] = stays.observed[:, :, k]
    return x


def _background(rng, n):
    value = np.empty((n, STEPS, len(CHANNELS)))
    observed = np.empty(value.shape, bool)
    for k, channel in enumerate(CHANNELS):
        if channel.categories:
            changes = rng.random((n, STEPS)) < 0.06
            changes[:, 0] = True
            drawn = rng.integers(0, len(channel.categories), (n, STEPS))
            value[:, :, k] = np.take_along_axis(drawn, np.maximum.accumulate(np.where(changes, np.arange(STEPS), 0), axis=1), axis=1)
            rate = OFTEN.get(channel.name, COMA)
        else:
            value[:, :, k] = _wander(rng, n)
            rate = OFTEN.get(channel.name, VITAL)
        observed[:, :, k] = rng.random((n, STEPS)) < rate
    return value, observed


def _wander(rng, n, size=0.6, keep=0.85):
    """An autoregressive course of this standard deviation: [n, 48]."""
    steps = rng.normal(0, size, (n, STEPS))
    for t in range(1, STEPS):
        steps[:, t] = keep * steps[:, t - 1] + np.sqrt(1 - keep * keep) * steps[:, t]
    return steps


def _happen(rng, value, observed, event):
    """Lets an event happen to some stays; the hour [n] after its last one, 0 where it does not happen."""
    n = len(value)
    ends = np.where(rng.random(n) < event.chance, rng.integers(event.first, event.last + 1, n) + event.hours, 0)
    channel = INDEX[event.channel]
    during = _during(event, ends)
    value[:, :, channel] = np.where(during, event.size + rng.normal(0, 0.25, during.shape), value[:, :, channel])
    after = np.arange(STEPS) == np.where(ends > 0, ends, -1)[:, None]
    observed[:, :, channel] |= during | after
    return ends


def _during(event, ends):
    hours = np.arange(STEPS)
    return (ends[:, None] > 0) & (hours >= ends[:, None] - event.hours) & (hours < ends[:, None])


def _carry_forward(value, observed):
    """The last charted value, as a byte; before the first, the normal value."""
    out = np.empty(value.shape, np.uint8)
    for k, channel in enumerate(CHANNELS):
        is_named = bool(channel.categories)
        own = value[:, :, k] if is_named else np.clip(np.rint(value[:, :, k] * SCALE) + NORMAL, 0, 255)
        last = np.maximum.accumulate(np.where(observed[:, :, k], np.arange(STEPS), -1), axis=1)
        held = np.take_along_axis(own, np.maximum(last, 0), axis=1)
        out[:, :, k] = np.where(last >= 0, held, channel.normal if is_named else NORMAL)
    return out
