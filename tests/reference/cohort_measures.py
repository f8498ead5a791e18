"""Writes tests/fixtures/cohort/measures.json and means.json: what scikit-learn, NumPy and SciPy make of seeded numbers.

    python -m pip install -r tests/reference/requirements-cohort.txt
    python tests/reference/cohort_measures.py

The resamples are drawn by SplitMix64, written a second time here from its definition, so that the intervals can be
compared to the last digits and not only within their own spread.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "cohort"
N_RESAMPLES = 200
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return int((self.bits() >> 11) / 2.0**53 * n)


def cases():
    rng = np.random.default_rng(20240705)
    for name, n, digits in [("many", 300, 6), ("ties", 120, 1), ("few", 12, 3)]:
        logit = rng.normal(-1.2, 1.5, n)
        labels = rng.random(n) < 1 / (1 + np.exp(-logit))
        labels[:2] = [True, False]
        noisy = logit * 1.4 + rng.normal(0, 0.7, n)
        yield name, labels, np.round(1 / (1 + np.exp(-noisy)), digits)
    yield "perfect", np.array([False, False, True, True]), np.array([0.1, 0.2, 0.8, 1.0])
    yield "reversed", np.array([True, True, False]), np.array([0.1, 0.4, 0.4])


def curves(labels, probabilities, weights):
    """ROC and precision-recall with every threshold kept, from the highest down."""
    fpr, tpr, _ = metrics.roc_curve(labels, probabilities, sample_weight=weights, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(labels, probabilities, sample_weight=weights)
    return (fpr, tpr), (recall[::-1], precision[::-1])


def measures(labels, probabilities, weights):
    return [
        metrics.roc_auc_score(labels, probabilities, sample_weight=weights),
        metrics.average_precision_score(labels, probabilities, sample_weight=weights),
        metrics.brier_score_loss(labels, probabilities, sample_weight=weights),
    ]


def resampled(labels, probabilities, seed):
    """The middle 95 % of each measure, and of the height of the ROC curve at 0, 0.01, ... 1."""
    # The engine counts draws by falling probability, equal ones in the order given.
    order = np.argsort(-probabilities, kind="stable")
    labels, probabilities = labels[order], probabilities[order]
    chance = SplitMix64(seed)
    grid = np.arange(101) / 100
    drawn, heights = [], []
    while len(drawn) < N_RESAMPLES:
        weights = np.zeros(len(labels))
        for _ in range(len(labels)):
            weights[chance.below(len(labels))] += 1
        there = weights > 0
        if len(set(labels[there])) == 2:
            kept = labels[there], probabilities[there], weights[there]
            drawn.append(measures(*kept))
            (fpr, tpr), _ = curves(*kept)
            # np.interp takes the last of several points at one place, as the engine does.
            heights.append(np.interp(grid, fpr, tpr))
    quantiles = lambda rows: np.quantile(np.array(rows), [0.025, 0.975], axis=0).T.tolist()  # noqa: E731
    return quantiles(drawn), quantiles(heights)


def case(name, labels, probabilities, seed):
    once = np.ones(len(labels))
    roc, precision_recall = curves(labels, probabilities, once)
    observed, predicted = calibration_curve(labels, probabilities, n_bins=10, strategy="uniform")
    intervals, roc_band = resampled(labels, probabilities, seed)
    return {
        "name": name,
        "seed": seed,
        "n_resamples": N_RESAMPLES,
        "labels": labels.astype(int).tolist(),
        "probabilities": probabilities.tolist(),
        "measures": measures(labels, probabilities, once),
        "intervals": intervals,
        "roc": [axis.tolist() for axis in roc],
        "roc_band": roc_band,
        "precision_recall": [axis.tolist() for axis in precision_recall],
        "calibration": [predicted.tolist(), observed.tolist()],
    }


def means(name, values, seed):
    """A mean with the middle 95 % of its resamples: to the last digits by the same draws, and by SciPy's own."""
    chance = SplitMix64(seed)
    n = len(values)
    drawn = [np.mean([values[chance.below(n)] for _ in range(n)]) for _ in range(N_RESAMPLES)]
    scipy = stats.bootstrap((values,), np.mean, n_resamples=20000, method="percentile", rng=np.random.default_rng(seed))
    return {
        "name": name,
        "seed": seed,
        "n_resamples": N_RESAMPLES,
        "values": values.tolist(),
        "mean": float(np.mean(values)),
        "interval": np.quantile(drawn, [0.025, 0.975]).tolist(),
        "scipy": [float(end) for end in scipy.confidence_interval],
    }


def lists():
    rng = np.random.default_rng(20261125)
    yield "parts", rng.beta(4, 1, 60)
    yield "skewed", rng.lognormal(-1, 1, 200)
    yield "few", rng.normal(0, 1, 5)


def main():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    written = [case(name, labels, probabilities, 7 + at) for at, (name, labels, probabilities) in enumerate(cases())]
    (FIXTURES / "measures.json").write_text(json.dumps(written) + "\n")
    written = [means(name, values, 70 + at) for at, (name, values) in enumerate(lists())]
    (FIXTURES / "means.json").write_text(json.dumps(written) + "\n")


if __name__ == "__main__":
    main()
