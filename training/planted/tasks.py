"""Small made-up stays whose risk is known to the cell, a task of its own for every network.

A task draws its own events, and the score is `bias + sum of weight * (the event is there)`. Some events raise it, some
lower it. An event is an excursion of a channel in a part of the stay:

    spike     one or two hours of one size
    plateau   three to six hours of one size
    ramp      four to six hours, growing to its size
    pair      a plateau of two channels each; one of them alone says nothing

Beside them come excursions that say nothing: of channels without an event, and of the opposite sign. Values wander, are
charted now and then and carried forward; how often is the task's. An event's hours are charted (in some tasks only 60 %
of them, at least one), and so is the hour after it.

The truth of a stay is one number a charted cell: an event's weight, divided evenly among the charted cells that make it.
The first hours of a ramp, below half of its size, do not stand out from the background and are not counted.

An additive task is exact: the score is a sum of weights times values, over few blocks of hours or over all cells.

Values are multiples of 1/32 of a standard deviation in -4..4, so that a byte holds each of them exactly.
"""

from dataclasses import dataclass

import numpy as np

SCALE = 32


@dataclass(frozen=True)
class Event:
    """`channels` are one or, for a pair, two; `hours` is a length, `first`..`last` where it may begin."""

    kind: str
    channels: tuple
    size: tuple
    hours: int
    first: int
    last: int
    chance: float
    weight: float


@dataclass(frozen=True)
class Task:
    n_steps: int
    n_channels: int
    bias: float
    events: tuple
    decoys: tuple
    rates: tuple
    charted: float


@dataclass
class Stays:
    """`value` [n, steps, channels] in standard deviations, carried forward; `observed` flags; `truth` the signed share of
    each charted cell; `so_far` [n, steps] the score if only the events that were over by an hour counted."""

    value: np.ndarray
    observed: np.ndarray
    truth: np.ndarray
    so_far: np.ndarray

    def columns(self):
        """The network's input [n, steps, 2 * channels]: values, then masks."""
        return np.concatenate([self.value, self.observed], axis=2).astype(np.float32)


def make(rng, n_steps, n_channels):
    """A task of two to four events; at least one raises the score."""
    free = list(rng.permutation(n_channels))
    events = []
    for index in range(int(rng.integers(2, 5))):
        kind = str(rng.choice(["spike", "plateau", "ramp", "pair"]))
        n_wanted = 2 if kind == "pair" else 1
        if len(free) < n_wanted + 1:
            break
        channels = tuple(int(free.pop()) for _ in range(n_wanted))
        hours = int(rng.integers(*{"spike": (1, 3), "plateau": (3, 7), "ramp": (4, 7), "pair": (3, 5)}[kind]))
        sizes = tuple(float(rng.choice([-1, 1]) * rng.uniform(1.8, 3.0)) for _ in channels)
        first = int(rng.integers(0, n_steps // 3))
        last = int(rng.integers(first + n_steps // 4, n_steps - hours))
        sign = 1 if index == 0 or rng.random() < 0.7 else -1
        chance = 0.65 if kind == "pair" else float(rng.uniform(0.35, 0.55))
        events.append(Event(kind, channels, sizes, hours, first, last, chance, float(sign * rng.uniform(1.5, 3.0))))
    decoys = [
        Event("plateau", (int(channel),), (float(rng.choice([-1, 1]) * rng.uniform(1.8, 2.6)),), int(rng.integers(2, 6)), 0, n_steps - 7, 0.35, 0.0)
        for channel in free
    ] + [
        Event("plateau", (event.channels[0],), (-event.size[0],), event.hours, 0, n_steps - event.hours - 1, 0.25, 0.0)
        for event in events
    ]
    rates = tuple(float(rate) for rate in rng.uniform(0.35, 0.95, n_channels))
    return Task(n_steps, n_channels, -1.5, tuple(events), tuple(decoys), rates, float(rng.choice([1.0, 0.6])))


def draw(rng, task, n):
    shape = (n, task.n_steps, task.n_channels)
    value = _wander(rng, shape)
    observed = rng.random(shape) < np.array(task.rates)
    for decoy in task.decoys:
        _happen(rng, task, value, observed, decoy, 0, 1.0)
    truth = np.zeros(shape)
    so_far = np.full(shape[:2], task.bias)
    for event in task.events:
        found = [_happen(rng, task, value, observed, event, which, task.charted) for which in range(len(event.channels))]
        is_there = np.all([ends > 0 for ends, _ in found], axis=0)
        cells = sum(during.sum(axis=1) for _, during in found)
        for channel, (_, during) in zip(event.channels, found):
            truth[:, :, channel] += np.where(is_there[:, None] & during, (event.weight / np.maximum(cells, 1))[:, None], 0)
        over = np.max([ends for ends, _ in found], axis=0)
        so_far += event.weight * (is_there[:, None] & (np.arange(task.n_steps) >= over[:, None] - 1))
    value = np.clip(np.rint(value * SCALE), -128, 127) / SCALE
    return Stays(_carry_forward(value, observed), observed, truth, so_far)


def make_additive(rng, n_steps, n_channels):
    """Weights [steps, channels] of the values: three to five blocks of hours of a channel, or all cells; and rates."""
    weights = np.zeros((n_steps, n_channels))
    if rng.random() < 0.5:
        weights[:] = rng.normal(0, 1, weights.shape) / np.sqrt(weights.size)
    else:
        for _ in range(int(rng.integers(3, 6))):
            hours, channel = int(rng.integers(3, 7)), int(rng.integers(n_channels))
            first = int(rng.integers(0, n_steps - hours))
            weights[first : first + hours, channel] = rng.choice([-1, 1]) * rng.uniform(0.2, 0.8)
    return weights, rng.uniform(0.35, 0.95, n_channels)


def draw_additive(rng, weights, rates, n):
    """A charted value counts for all hours that carry it forward."""
    shape = (n, *weights.shape)
    observed = rng.random(shape) < rates
    value = np.clip(np.rint(_wander(rng, shape, 1.0) * SCALE), -128, 127) / SCALE
    value = _carry_forward(value, observed)
    parts = value * weights
    truth = np.zeros(shape)
    running = np.zeros((n, shape[2]))
    for t in reversed(range(shape[1])):
        running += parts[:, t]
        truth[:, t] = np.where(observed[:, t], running, 0)
        running = np.where(observed[:, t], 0, running)
    return Stays(value, observed, truth, parts.sum(axis=2).cumsum(axis=1))


def _wander(rng, shape, size=0.5, keep=0.8):
    """An autoregressive course of this standard deviation."""
    steps = rng.normal(0, size, shape)
    for t in range(1, shape[1]):
        steps[:, t] = keep * steps[:, t - 1] + np.sqrt(1 - keep * keep) * steps[:, t]
    return steps


def _happen(rng, task, value, observed, event, which, charted):
    """Lets one channel's part of an event happen to some stays: the hour [n] after its last one, 0 where it does not
    happen, and the charted cells [n, steps] that make it."""
    n, n_steps = value.shape[:2]
    ends = np.where(rng.random(n) < event.chance, rng.integers(event.first, event.last + 1, n) + event.hours, 0)
    hours = np.arange(n_steps)
    during = (ends[:, None] > 0) & (hours >= ends[:, None] - event.hours) & (hours < ends[:, None])
    size = np.full(during.shape, event.size[which])
    if event.kind == "ramp":
        size *= np.clip((hours - (ends[:, None] - event.hours) + 1) / event.hours, 0, 1)
    channel = event.channels[which]
    value[:, :, channel] = np.where(during, size + rng.normal(0, 0.2, during.shape), value[:, :, channel])
    kept = during & (rng.random(during.shape) < charted)
    # The last hour of an event is always charted.
    kept |= during & (hours == ends[:, None] - 1)
    telling = kept & (np.abs(size) >= 0.5 * abs(event.size[which]))
    after = hours == np.where(ends > 0, ends, -1)[:, None]
    observed[:, :, channel] = (observed[:, :, channel] & ~during) | kept | after
    return ends, telling


def _carry_forward(value, observed):
    """The last charted value; before the first, the normal value 0."""
    hours = np.arange(value.shape[1])[None, :, None]
    last = np.maximum.accumulate(np.where(observed, hours, -1), axis=1)
    held = np.take_along_axis(value, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, held, 0.0)
