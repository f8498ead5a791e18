"""Training stays charted in other ways: what was measured stays, how often it was measured varies.

The network is shown records from elsewhere (the benchmark's MIMIC-III stays chart respiration and oxygen saturation every
hour; PhysioNet 2012 does for a quarter of its stays, or hardly ever), so habits of charting must not carry the prediction.
Each epoch sees its own random variant of every stay; validation and test stays are never touched.
"""

import numpy as np

from channels import CHANNELS, EYE, INDEX, MOTOR, TOTAL, VERBAL
from discretise import fill

SATURATION = INDEX["Oxygen saturation"]
RESPIRATION = INDEX["Respiratory rate"]
PARTS = [EYE, MOTOR, VERBAL]

UNMEASURED = 0.03  # a channel (not of the Glasgow coma scale) was never measured
# The coma scale is charted as its total alone (so it stands in this challenge's records), in full, as its parts, or not at all.
COMA = {"total": 0.65, "all": 0.2, "parts": 0.1, "none": 0.05}
THINNED = 0.1  # a channel was measured less often, each measurement kept with a probability drawn from 0.2..1
# (share of stays, mean and sd where nothing was measured, sd of the noise around a carried value, highest value)
CHARTED_HOURLY = {SATURATION: (0.4, 97.5, 1.5, 1.2, 100.0), RESPIRATION: (0.25, 19.0, 3.5, 2.5, 80.0)}


def augment(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A variant of codes [N, 48, 17]."""
    codes = codes.copy()
    for channel, setting in CHARTED_HOURLY.items():
        _chart_hourly(codes, channel, *setting, rng)
    codes[_thinned(codes.shape, rng)] = np.nan
    codes[np.broadcast_to(_unmeasured(len(codes), rng)[:, None, :], codes.shape)] = np.nan
    return codes


def _chart_hourly(codes, channel, share, mean, sd, noise, highest, rng) -> None:
    chosen = rng.random(len(codes)) < share
    values = codes[chosen, :, channel]
    base = fill(codes[chosen])[:, :, channel]
    unknown = np.isnan(values).all(axis=1)
    base[unknown] = rng.normal(mean, sd, (unknown.sum(), 1))
    charted = np.minimum(np.round(base + rng.normal(0, noise, base.shape)), highest)
    codes[chosen, :, channel] = np.where(np.isnan(values), charted, values)


def _thinned(shape, rng) -> np.ndarray:
    keep = np.where(rng.random((shape[0], 1, shape[2])) < THINNED, rng.uniform(0.2, 1, (shape[0], 1, shape[2])), 1.0)
    drop = rng.random(shape) >= keep
    drop[:, :, PARTS] = drop[:, :, [EYE]]  # the three parts are charted together
    return drop


def _unmeasured(n_stays: int, rng) -> np.ndarray:
    out = rng.random((n_stays, len(CHANNELS))) < UNMEASURED
    coma = rng.choice(list(COMA), n_stays, p=list(COMA.values()))
    out[:, TOTAL] = (coma == "parts") | (coma == "none")
    out[:, PARTS] = ((coma == "total") | (coma == "none"))[:, None]
    return out
