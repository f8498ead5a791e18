"""Fits the verdict's constants on measurements of maps of known quality, and says what they reach on other families.

    python training/planted/bounds.py target/tmp/answers.csv      # what `make answers` wrote: family, map, area, follows, finds ...

A logistic regression of "the area is at least 0.8" on follows, finds, and how far each is above 0.8.
"""

import csv
import sys

import numpy as np

FITTED = ("additive", "gru", "attention", "stacked")
GOOD, LOWEST, HIGHEST = 0.8, -0.5, 1.1


def terms(follows, finds):
    follows, finds = np.clip(follows, LOWEST, HIGHEST), np.clip(finds, LOWEST, HIGHEST)
    return np.column_stack([np.ones_like(follows), follows, finds, np.maximum(follows - GOOD, 0), np.maximum(finds - GOOD, 0)])


def fit(x, y):
    """Newton's method with a penalty of 1e-3, which alone keeps separable measurements finite."""
    b = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ b))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(b))
        b = b + np.linalg.solve(curvature, x.T @ (y - p) - 1e-3 * b)
    return b


def main(path):
    rows = list(csv.DictReader(open(path, newline="")))
    column = lambda name: np.array([float(row[name]) for row in rows])  # noqa: E731
    family = np.array([row["family"] for row in rows])
    x, good = terms(column("follows"), column("finds")), column("area") >= 0.8
    b = fit(x[np.isin(family, FITTED)], good[np.isin(family, FITTED)].astype(float))
    print("constant, follows, finds, above 0.8 of each:", np.round(b, 2))
    p = 1 / (1 + np.exp(-x @ b))
    for name in dict.fromkeys(family):
        own = family == name
        bins = np.minimum((p[own] * 10).astype(int), 9)
        error = sum(abs(p[own][bins == k].sum() - good[own][bins == k].sum()) for k in range(10)) / own.sum()
        best = own & (column("area") >= 0.9)
        words = f"{100 * (p[best] >= 0.5).mean():.1f} % of maps with an area from 0.9 hold, {100 * (p[best] < 0.05).mean():.1f} % do not"
        print(f"{name}{'' if name in FITTED else ', held back'}: {words}; calibration error {error:.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
