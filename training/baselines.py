"""Two baselines on hand-made features of the same channels and the same split: gradient boosting, logistic regression.

The three parts of the Glasgow coma scale are drawn at random from its total here, and capillary refill is never observed,
so the features come from the other 13 channels.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from channels import CHANNELS, EYE, INDEX, MOTOR, TOTAL, VERBAL

USED = [index for index in range(len(CHANNELS)) if index not in (EYE, MOTOR, VERBAL, INDEX["Capillary refill rate"])]
HOURS = np.arange(48)


def features(codes: np.ndarray) -> np.ndarray:
    """[N, 13 * 13] of codes [N, 48, 17]: per channel first, last, lowest, highest, mean, sd, slope, share of hours
    observed, and mean, lowest and highest of the last 12 hours, mean of the first 12, of the middle 24; NaN where none."""
    out = []
    for index in USED:
        values = codes[:, :, index].astype(np.float64)
        if index == TOTAL:
            points = np.array(CHANNELS[TOTAL].ordinals)
            values = np.where(np.isnan(values), np.nan, points[np.nan_to_num(values).astype(int)])
        else:
            values = np.clip(values, *CHANNELS[index].plausible)
        out += summary(values)
    return np.stack(out, axis=1)


def summary(values):
    """The 13 summaries of one channel's values [N, 48], NaN where there is none."""
    seen = ~np.isnan(values)
    rows, any_seen = np.arange(len(values)), seen.any(axis=1)
    first = np.where(any_seen, values[rows, seen.argmax(axis=1)], np.nan)
    last = np.where(any_seen, values[rows, 47 - seen[:, ::-1].argmax(axis=1)], np.nan)
    mean, sd = _mean(values), np.sqrt(_mean((values - _mean(values)[:, None]) ** 2))
    time = np.where(seen, HOURS, np.nan)
    centred = time - _mean(time)[:, None]
    slope = _mean(centred * (values - mean[:, None])) / np.maximum(_mean(centred**2), 1)
    late, early, middle = values[:, 36:], values[:, :12], values[:, 12:36]
    return [
        first, last, _extreme(values, np.fmin), _extreme(values, np.fmax), mean, sd, slope, seen.mean(axis=1),
        _mean(late), _extreme(late, np.fmin), _extreme(late, np.fmax), _mean(early), _mean(middle),
    ]  # fmt: skip


def _mean(values):
    count = (~np.isnan(values)).sum(axis=1)
    return np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan)


def _extreme(values, choose):
    return choose.reduce(values, axis=1)


def _pair(train, test):
    """Features of both, without those that never vary in the training part."""
    x_train, x_test = features(train[0]), features(test)
    varies = [len(np.unique(column[~np.isnan(column)])) > 1 for column in x_train.T]
    return x_train[:, varies], x_test[:, varies]


def gradient_boosting(train, test, seed) -> np.ndarray:
    """Scores of the test stays; settings chosen once, with early stopping inside the training part."""
    x_train, x_test = _pair(train, test)
    model = HistGradientBoostingClassifier(
        learning_rate=0.03, max_iter=600, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=10.0,
        max_features=0.2, early_stopping=True, validation_fraction=0.15, n_iter_no_change=40, random_state=seed,
    )  # fmt: skip
    return model.fit(x_train, train[1]).decision_function(x_test)


def logistic_regression(train, test) -> np.ndarray:
    """Scores of the test stays: medians for what is missing, standardised, L2."""
    x_train, x_test = _pair(train, test)
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), LogisticRegression(C=0.003, max_iter=2000)
    )
    return model.fit(x_train, train[1]).decision_function(x_test)
