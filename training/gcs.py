"""Eye, motor and verbal parts of the Glasgow coma scale, drawn from an observed total.

PhysioNet 2012 records the total alone; the benchmark's input has the three parts as well. Each observed total gets a
triple that adds up to it:

- prior: the parts of a patient worsen together, so a triple weighs exp(-8 * variance of (e-1)/3, (m-1)/5, (v-1)/4);
- while the total stays the same the triple stays; when it changes, triples near the last one are preferred, by
  exp(-distance), the distance being the sum of the absolute changes;
- a ventilated patient cannot speak: verbal is 1 where a triple with verbal 1 can reach the total (total <= 11).

The benchmark's records spell the answers in two ways, by the charting system of the time ("4 Spontaneously" and
"Spontaneously"). One way is drawn for each stay, so that every category's weights are trained.
"""

import numpy as np

from channels import CHANNELS, EYE, MOTOR, VERBAL

TRIPLES = np.array([(e, m, v) for e in range(1, 5) for m in range(1, 7) for v in range(1, 6)])
_DEPTH = (TRIPLES - 1) / np.array([3, 5, 4])
PRIOR = np.exp(-8 * _DEPTH.var(axis=1))

NUMBERED, PLAIN = 0, 1
SPELLINGS = {
    EYE: (
        ("1 No Response", "2 To pain", "3 To speech", "4 Spontaneously"),
        ("None", "To Pain", "To Speech", "Spontaneously"),
    ),
    MOTOR: (
        ("1 No Response", "2 Abnorm extensn", "3 Abnorm flexion", "4 Flex-withdraws", "5 Localizes Pain", "6 Obeys Commands"),
        ("No response", "Abnormal extension", "Abnormal Flexion", "Flex-withdraws", "Localizes Pain", "Obeys Commands"),
    ),
    VERBAL: (
        ("1 No Response", "2 Incomp sounds", "3 Inapprop words", "4 Confused", "5 Oriented"),
        ("No Response", "Incomprehensible sounds", "Inappropriate Words", "Confused", "Oriented"),
    ),
}
INTUBATED = ("1.0 ET/Trach", "No Response-ETT")


def draw_triple(total: int, last, ventilated: bool, rng: np.random.Generator) -> tuple[int, int, int]:
    """Eye (1..4), motor (1..6) and verbal (1..5) points that add up to `total` (3..15), near the triple `last`."""
    fits = TRIPLES.sum(axis=1) == total
    if ventilated and total <= 11:
        fits &= TRIPLES[:, 2] == 1
    triples, weights = TRIPLES[fits], PRIOR[fits]
    if last is not None:
        weights = weights * np.exp(-np.abs(triples - np.array(last)).sum(axis=1))
    return tuple(int(part) for part in triples[rng.choice(len(triples), p=weights / weights.sum())])


def spell(channel: int, points: int, spelling: int, ventilated: bool = False) -> str:
    """The string that the benchmark's records use for so many points of eye, motor or verbal response."""
    if channel == VERBAL and points == 1 and ventilated:
        return INTUBATED[spelling]
    return SPELLINGS[channel][spelling][points - 1]


def parts(totals, rng: np.random.Generator):
    """Events `(hours, channel, category index)` of the three parts for `(hours, total, ventilated)` in order of time."""
    spelling = int(rng.integers(2))
    last, state = None, None
    for hours, total, ventilated in totals:
        if (total, ventilated) != state:
            last, state = draw_triple(total, last, ventilated, rng), (total, ventilated)
        for channel, points in zip((EYE, MOTOR, VERBAL), last):
            yield hours, channel, CHANNELS[channel].categories.index(spell(channel, points, spelling, ventilated))
