"""How often predictions came true: the `calibration` of an outcome in the manifest, made from held-out predictions.

    from calibration import calibrate
    manifest["outcomes"][0]["calibration"] = calibrate(died, probability, {"Respiratory rate": measured}, data="2,000 stays of 2024")

`died` is 0 or 1, `probability` what the network (or the mean of several) gives, and `measured` whether a channel was measured at
least once: one entry a stay, of stays that the network was not trained on. NumPy alone.

**Observed by predicted.** Stays in the order of their probability are cut into bins of about equal size; neighbours whose observed
share falls are pooled (Ayer et al. 1955), so that a higher risk never says fewer.

**Sets.** Split conformal prediction, conditional on the outcome (Vovk 2012) and on what was measured. In each group, of the n stays
with the outcome the set has to hold it for all but the floor((1 - coverage) (n + 1)) - 1 lowest: the next stay of the group is then
covered with a probability of at least `coverage`, whatever the network. Likewise for the stays without it, from above.
"""

import itertools

import numpy as np

BYTES_MAX = 8_000


def calibrate(died, probability, measured, data, networks=1, coverage=0.9, n_bins=12) -> dict:
    """The calibration as the manifest has it (`docs/manifest.md`). `measured` is {channel: whether it was, a stay}, of at most four
    channels; none makes one group of all."""
    died, probability = np.asarray(died) > 0.5, np.asarray(probability, np.float64)
    if died.shape != probability.shape or died.ndim != 1 or any(np.shape(seen) != died.shape for seen in measured.values()):
        raise ValueError("give one outcome, one probability and one answer a channel for each stay")
    if not len(died) or not np.all((probability >= 0) & (probability <= 1)):
        raise ValueError("a probability has to lie in 0 to 1, and there has to be at least one")
    if len(measured) > 4:
        raise ValueError("sets conditional on more than four channels have too few stays in each group")
    return {
        "data": data,
        "networks": networks,
        "bins": observed_by_predicted(died, probability, n_bins),
        "sets": {"coverage": coverage, "groups": conformal_sets(died, probability, measured, coverage)},
    }


def observed_by_predicted(died, probability, n_bins) -> list[dict]:
    """Bins `{to, stays, events}` whose observed share rises."""
    order = np.argsort(probability, kind="stable")
    pooled = []
    for chosen in np.array_split(order, min(n_bins, len(order))):
        pooled.append([float(probability[chosen[-1]]), len(chosen), int(died[chosen].sum())])
        while len(pooled) > 1 and (pooled[-2][0] >= pooled[-1][0] or pooled[-2][2] * pooled[-1][1] >= pooled[-1][2] * pooled[-2][1]):
            last = pooled.pop()
            pooled[-1] = [last[0], pooled[-1][1] + last[1], pooled[-1][2] + last[2]]
    pooled[-1][0] = 1.0
    return [{"to": _rounded(to), "stays": stays, "events": events} for to, stays, events in pooled]


def conformal_sets(died, probability, measured, coverage) -> list[dict]:
    """One group for each combination of what was measured, with the bounds of its sets."""
    out = []
    for answers in itertools.product((True, False), repeat=len(measured)):
        inside = np.ones(len(died), bool)
        for seen, answer in zip(measured.values(), answers):
            inside &= np.asarray(seen, bool) == answer
        with_it, without = probability[inside & died], probability[inside & ~died]
        out.append(
            {
                "measured": dict(zip(measured, answers)),
                "stays": [len(without), len(with_it)],
                "event_from": _lowest(with_it, coverage),
                "none_to": _rounded(1 - _lowest(1 - without, coverage)),
            }
        )
    return out


def _lowest(values, coverage) -> float:
    """The bound that the next value reaches with a probability of at least `coverage`; 0 where there are too few."""
    rank = int(np.floor((1 - coverage) * (len(values) + 1) + 1e-9))
    return _rounded(np.sort(values)[rank - 1]) if rank else 0.0


def _rounded(value) -> float:
    return float(f"{value:.6g}")


def covered(groups, died, probability, measured) -> np.ndarray:
    """Whether the set of each stay holds what came about, by the groups of a calibration; NaN of no group."""
    died, out = np.asarray(died) > 0.5, np.full(len(died), np.nan)
    for group in groups:
        inside = np.ones(len(died), bool)
        for channel, answer in group["measured"].items():
            inside &= np.asarray(measured[channel], bool) == answer
        out[inside] = np.where(died, probability >= group["event_from"], probability <= group["none_to"])[inside]
    return out


def coverage_on_halves(died, probability, measured, coverage=0.9, n_splits=200, seed=0) -> list[dict]:
    """What sets made from one half cover on the other, the mean over drawn halves: `{measured, died, stays, coverage, low, high}` by
    group and outcome. `stays` counts both halves; `low` and `high` hold 95 % of the halves."""
    rng, died, probability = np.random.default_rng(seed), np.asarray(died) > 0.5, np.asarray(probability, np.float64)
    found: dict = {}
    for _ in range(n_splits):
        order = rng.permutation(len(died))
        fitted, tested = order[: len(order) // 2], order[len(order) // 2 :]
        parts = [{channel: np.asarray(seen)[half] for channel, seen in measured.items()} for half in (fitted, tested)]
        groups = conformal_sets(died[fitted], probability[fitted], parts[0], coverage)
        hit = covered(groups, died[tested], probability[tested], parts[1])
        for number, group in enumerate(groups):
            inside = np.all([parts[1][channel] == answer for channel, answer in group["measured"].items()], axis=0)
            for outcome in (False, True):
                chosen = inside & (died[tested] == outcome)
                if chosen.any():
                    found.setdefault((number, outcome), []).append((hit[chosen].mean(), chosen.sum()))
    everyone = conformal_sets(died, probability, measured, coverage)
    out = []
    for (number, outcome), rows in sorted(found.items()):
        shares, weights = np.array(rows).T
        low, high = np.percentile(shares, [2.5, 97.5])
        mean = float(np.average(shares, weights=weights))
        stays = everyone[number]["stays"][int(outcome)]
        out.append(
            {"measured": everyone[number]["measured"], "died": outcome, "stays": stays, "coverage": mean, "low": float(low), "high": float(high)}
        )
    return out
