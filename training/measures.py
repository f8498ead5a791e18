"""Discrimination and calibration of scores (before the sigmoid), with bootstrap intervals. NumPy only."""

import numpy as np


def sigmoid(score):
    """1 / (1 + exp(-score)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(score, np.float64)))


def auroc(died, score) -> float:
    """Probability that a stay that ended in death scores above one that did not; ties count half."""
    died, score = np.asarray(died) > 0.5, np.asarray(score)
    values, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_dead, n_alive = died.sum(), (~died).sum()
    return float((rank[died].sum() - n_dead * (n_dead + 1) / 2) / (n_dead * n_alive))


def auprc(died, score) -> float:
    """Average precision: the sum of (recall_n - recall_{n-1}) precision_n over the thresholds."""
    order = np.argsort(-np.asarray(score), kind="stable")
    died, score = (np.asarray(died) > 0.5)[order], np.asarray(score)[order]
    last = np.append(np.diff(score) != 0, True)
    hits = np.cumsum(died)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / died.sum())


def brier(died, score) -> float:
    """Mean squared difference of the probability and the outcome."""
    return float(np.mean((sigmoid(score) - died) ** 2))


def log_loss(died, score) -> float:
    """Mean negative log-likelihood."""
    score = np.asarray(score, np.float64)
    return float(np.mean(np.logaddexp(0, score) - died * score))


def recalibration(died, score) -> tuple[float, float]:
    """`(slope, intercept)` of the logistic regression of the outcome on the score, by Newton's method: 1, 0 is perfect."""
    x = np.stack([np.asarray(score, np.float64), np.ones(len(score))], axis=1)
    w = np.array([1.0, 0.0])
    for _ in range(50):
        p = sigmoid(x @ w)
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (died - p))
        w = w + step
        if np.abs(step).max() < 1e-10:
            break
    return float(w[0]), float(w[1])


def reliability(died, score, n_bins=10) -> list[dict]:
    """Bins of equal size by predicted probability: mean prediction, observed share with its 95 % Wilson interval."""
    p = sigmoid(score)
    out = []
    for chosen in np.array_split(np.argsort(p, kind="stable"), n_bins):
        n, share, z = len(chosen), float(np.mean(np.asarray(died)[chosen])), 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        out.append({"n": n, "predicted": float(p[chosen].mean()), "observed": share, "low": middle - half, "high": middle + half})
    return out


def interval(measure, died, *scores, seed, n_samples=1000) -> list:
    """The 2.5 and 97.5 percentiles of `measure(died, *scores)`, a number or several, over stays drawn again with replacement."""
    rng = np.random.default_rng(seed)
    died, samples = np.asarray(died), []
    while len(samples) < n_samples:
        chosen = rng.integers(len(died), size=len(died))
        if 0 < died[chosen].sum() < len(died):
            samples.append(measure(died[chosen], *(np.asarray(score)[chosen] for score in scores)))
    return np.percentile(samples, [2.5, 97.5], axis=0).tolist()
