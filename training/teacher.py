"""What the networks are taught: not the outcome, but how likely two gradient boosting models thought it, out of fold.

An outcome is one draw of a coin; a probability says of each death whether the chart announced it. One teacher reads what the network
reads. The other reads the whole record as well, laboratory values, urine, age, sex and kind of unit: what it knows beyond the
network's input averages out over stays that look alike to the network, and leaves a target that scatters less than the outcome.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

import baselines
from measures import recalibration, sigmoid

SEED = 1
FOLDS = 5
HIGHEST = 99.5  # percentile: single values beyond it are typing errors


def targets(stays: dict, rows: np.ndarray, log=print) -> np.ndarray:
    """The target [len(rows)] of each of the chosen stays, each from models that were fitted without it: half the teacher that reads
    what the network reads, half the one that reads everything."""
    own = baselines.features(stays["codes"])
    out = np.zeros(len(rows))
    for name, table in (("the network's inputs", own), ("the whole record", np.concatenate([own, _others(stays)], axis=1))):
        score = _out_of_fold(_varying(table)[rows], stays["died"][rows])
        slope, intercept = recalibration(stays["died"][rows], score)
        log(f"teacher on {name}: {table.shape[1]} features", flush=True)
        out += 0.5 * sigmoid(slope * score + intercept)
    return out.astype(np.float32)


def _others(stays: dict) -> np.ndarray:
    columns = []
    for values in np.moveaxis(stays["others"], 2, 0):
        columns += baselines.summary(np.minimum(values, np.nanpercentile(values, HIGHEST)))
    columns += [stays["age"], stays["sex"], *(stays["icu"] == kind for kind in (1, 2, 3, 4))]
    return np.stack(columns, axis=1).astype(np.float64)


def _varying(table: np.ndarray) -> np.ndarray:
    return table[:, [len(np.unique(column[~np.isnan(column)])) > 1 for column in table.T]]


def _out_of_fold(table: np.ndarray, died: np.ndarray) -> np.ndarray:
    """Scores of the stays, each from a model that was fitted to the other folds."""
    out = np.zeros(len(died))
    for rest, fold in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(table, died):
        model = HistGradientBoostingClassifier(
            learning_rate=0.03, max_iter=300, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=10.0,
            max_features=0.2, early_stopping=False, random_state=SEED,
        )  # fmt: skip
        probability = np.clip(model.fit(table[rest], died[rest]).predict_proba(table[fold])[:, 1], 1e-4, 1 - 1e-4)
        out[fold] = np.log(probability / (1 - probability))
    return out
