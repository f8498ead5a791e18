"""Trains a plain LSTM on stays whose risk is known to the cell (stays.py), and writes tests/fixtures/planted/.

    python training/planted/train.py        # some minutes on one core; the same seed gives the same stays

Fresh stays for every update; the target of an hour is the probability of the events that are over by then, and the last
hour counts as much as all others. What is written: `network.onnx`; `stays.bin`, two bytes for each stay, hour and channel
(the value; 1 where observed, plus 2 where the risk depends on it); `network.json`, the network's own figures on stays of
its own, and what it says of the stays in the file.
"""

import json
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from lstm import Adam, forward, gradient, init, sigmoid
from stays import BIAS, COLUMNS, STEPS, columns, draw

FIXTURES = Path(__file__).resolve().parent.parent.parent / "tests/fixtures/planted"
SEED = 48
N_HIDDEN = 24
BATCH = 64
CHUNK = 16
UPDATES = 6000
N_TESTED = 4000
N_KEPT = 48


def train(rng, log=print):
    p = init(rng, COLUMNS, N_HIDDEN)
    adam = Adam(p)
    weight = np.full(STEPS, 0.5 / (STEPS - 1), np.float32)
    weight[-1] = 0.5
    for step in range(UPDATES):
        if step % CHUNK == 0:
            # Drawing many at once is faster.
            stays = draw(rng, CHUNK * BATCH)
            x, targets = columns(stays), sigmoid(stays.so_far).astype(np.float32)
        batch = slice(step % CHUNK * BATCH, (step % CHUNK + 1) * BATCH)
        scores, recorded = forward(p, x[batch])
        off = sigmoid(scores) - targets[batch]
        done = (step + 1) / UPDATES
        rate = 5e-3 * min(done / 0.02, 0.5 * (1 + np.cos(np.pi * done)))
        adam.update(p, gradient(p, recorded, off * weight / BATCH), rate)
        if (step + 1) % 500 == 0:
            log(f"{step + 1} updates: last hour off by {np.abs(off[:, -1]).mean():.3f} on average", flush=True)
    return p


def measures(p, rng):
    """How well the network does on stays of its own, and how well one could do that knows the risk."""
    stays = draw(rng, N_TESTED)
    died = rng.random(N_TESTED) < sigmoid(stays.score)
    scores = forward(p, columns(stays))[0][:, -1]
    return {
        "stays": N_TESTED,
        "auroc": auroc(died, scores),
        "auroc_of_the_true_score": auroc(died, stays.score),
        "correlation_with_the_true_score": float(np.corrcoef(scores, stays.score)[0, 1]),
        "mean_error_of_the_probability": float(np.abs(sigmoid(scores) - sigmoid(stays.score)).mean()),
        "same_side_of_one_half": float(((scores > 0) == (stays.score > 0)).mean()),
    }


def auroc(labels, scores):
    """The part of pairs, one of each label, that are in order; a tie counts half."""
    positive, negative = scores[labels], scores[~labels]
    more = (positive[:, None] > negative).mean() + 0.5 * (positive[:, None] == negative).mean()
    return float(more)


def kept(rng):
    """Stays with something to find: the first so many of those drawn."""
    stays = draw(rng, 4 * N_KEPT)
    which = np.flatnonzero(stays.score > BIAS)[:N_KEPT]
    return type(stays)(*(getattr(stays, name)[which] for name in ("value", "observed", "truth", "so_far")))


def export(p):
    """x [1, 48, 76] -> probability [1, 1]."""
    d = N_HIDDEN
    order = np.concatenate([np.arange(d), np.arange(3 * d, 4 * d), np.arange(d, 2 * d), np.arange(2 * d, 3 * d)])  # i f g o -> i o f g
    constants = {
        "w": p["w"][order][None],
        "r": p["u"][order][None],
        "b": np.concatenate([p["b"][order], np.zeros(4 * d, np.float32)])[None],
        "v": p["v"][None],
        "d": p["d"],
        "flat": np.array([1, d], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["hours"], "hours", perm=[1, 0, 2]),
        helper.make_node("LSTM", ["hours", "w", "r", "b"], ["", "last"], "lstm", hidden_size=d),
        helper.make_node("Reshape", ["last", "flat"], ["state"], "state"),
        helper.make_node("Gemm", ["state", "v", "d"], ["score"], "score", transB=1),
        helper.make_node("Sigmoid", ["score"], ["probability"], "probability"),
    ]
    tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)  # noqa: E731
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "planted", [tensor("x", [1, STEPS, COLUMNS])], [tensor("probability", [1, 1])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="vitrine planted")


def main():
    rng = np.random.default_rng(SEED)
    p = train(rng)
    found = measures(p, rng)
    print(json.dumps(found, indent=1))
    stays = kept(rng)
    scores = forward({name: value.astype(float) for name, value in p.items()}, columns(stays).astype(float))[0][:, -1]
    FIXTURES.mkdir(parents=True, exist_ok=True)
    (FIXTURES / "network.onnx").write_bytes(export(p).SerializeToString())
    flags = stays.observed + 2 * stays.truth
    (FIXTURES / "stays.bin").write_bytes(np.stack([stays.value, flags.astype(np.uint8)], axis=-1).tobytes())
    record = {"seed": SEED, "updates": UPDATES, "measures": found, "scores": scores.tolist(), "true_scores": stays.score.tolist()}
    (FIXTURES / "network.json").write_text(json.dumps(record) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
