"""Trains one-cell LSTMs on the two toy tasks of Arras 2019 (10.1007/978-3-030-28954-6_11), whose answers are known.

A sequence of 4 to 10 steps has two numbers that count, a before b, in the second input channel; every other step has a
distractor in the first. The network has to say a + b, or a - b, from its last hidden state. Numbers of the addition are
drawn from +-[0.5, 1], those of the subtraction from [0.5, 1]. Networks are kept if their error on fresh sequences, MSE,
is below 1e-4.

    python training/toy/train.py            # writes networks.json beside this file; minutes on one core

Plain NumPy in float64; many networks are trained side by side, each from its own seed, by back-propagation in time and
Adam. Gates in the order i, f, g, o.
"""

import json
import multiprocessing
import sys
from pathlib import Path

import numpy as np

WANTED = 24
CANDIDATES = 30
BATCH = 96
STEPS = 16000
LEAST, MOST = 4, 10
KEPT_BELOW = 1e-4


def draw(rng, task, n, t_len):
    """-> x [t_len, n, 2], y [n], positions of a and b [n]."""
    def numbers(shape):
        size = rng.uniform(0.5, 1.0, shape)
        return size * rng.choice([-1.0, 1.0], shape) if task == "addition" else size

    values = numbers((t_len, n))
    first = rng.integers(0, t_len - 1, n)
    second = rng.integers(first + 1, t_len)
    is_marked = np.zeros((t_len, n), bool)
    rows = np.arange(n)
    is_marked[first, rows] = is_marked[second, rows] = True
    x = np.stack([np.where(is_marked, 0.0, values), np.where(is_marked, values, 0.0)], axis=-1)
    a, b = values[first, rows], values[second, rows]
    return x, a + b if task == "addition" else a - b, first, second


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def forward(p, x):
    """p: w [k, 2, 4], u [k, 4], b [k, 4], v [k], d [k] of k networks; x [t, n, 2] -> y [k, n] and the tape."""
    k, n = len(p["v"]), x.shape[1]
    h, c = np.zeros((k, n)), np.zeros((k, n))
    tape = []
    for x_t in x:
        z = np.einsum("nj,kjg->gkn", x_t, p["w"]) + p["u"].T[:, :, None] * h + p["b"].T[:, :, None]
        i, f, o = sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[3])
        g = np.tanh(z[2])
        c_next = f * c + i * g
        y = np.tanh(c_next)
        tape.append((x_t, h, c, i, f, g, o, y))
        h, c = o * y, c_next
    return p["v"][:, None] * h + p["d"][:, None], (h, tape)


def gradient(p, out, target, recorded):
    h, tape = recorded
    n = out.shape[1]
    d_out = 2.0 * (out - target) / n
    grad = {name: np.zeros_like(value) for name, value in p.items()}
    grad["v"] = (d_out * h).sum(axis=1)
    grad["d"] = d_out.sum(axis=1)
    d_h, d_c = d_out * p["v"][:, None], np.zeros_like(out)
    for x_t, h_prev, c_prev, i, f, g, o, y in reversed(tape):
        d_c = d_c + d_h * o * (1 - y * y)
        d_z = np.stack([d_c * g * i * (1 - i), d_c * c_prev * f * (1 - f), d_c * i * (1 - g * g), d_h * y * o * (1 - o)])
        grad["w"] += np.einsum("gkn,nj->kjg", d_z, x_t)
        grad["u"] += (d_z * h_prev).sum(axis=2).T
        grad["b"] += d_z.sum(axis=2).T
        d_h = (d_z * p["u"].T[:, :, None]).sum(axis=0)
        d_c = d_c * f
    return grad


def train(task, seed):
    rng = np.random.default_rng(seed)
    k = CANDIDATES
    p = {
        "w": rng.uniform(-0.3, 0.3, (k, 2, 4)),
        "u": rng.uniform(-0.3, 0.3, (k, 4)),
        "b": rng.uniform(-1, 1, (k, 4)) + np.array([1.0, 3.0, 0.0, 1.0]),
        "v": rng.uniform(-20, 20, k),
        "d": np.zeros(k),
    }
    mean = {name: np.zeros_like(value) for name, value in p.items()}
    square = {name: np.zeros_like(value) for name, value in p.items()}
    steps = STEPS
    for step in range(1, steps + 1):
        x, target, _, _ = draw(rng, task, BATCH, int(rng.integers(LEAST, MOST + 1)))
        out, recorded = forward(p, x)
        grad = gradient(p, out, target, recorded)
        norm = np.sqrt(sum((g.reshape(k, -1) ** 2).sum(axis=1) for g in grad.values()))
        scale = np.minimum(1.0, 1.0 / np.maximum(norm, 1e-12))
        rate = 0.02 * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
        for name, g in grad.items():
            g = g * scale.reshape(-1, *[1] * (g.ndim - 1))
            mean[name] = 0.9 * mean[name] + 0.1 * g
            square[name] = 0.999 * square[name] + 0.001 * g * g
            # A cell that stays small is nearly linear, and its output weight has far to go.
            faster = 20.0 if name == "v" else 1.0
            p[name] -= faster * rate * (mean[name] / (1 - 0.9**step)) / (np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8)
        if step % 2000 == 0:
            error = test_error(task, p)
            print(f"{task} step {step}: {(error < KEPT_BELOW).sum()} of {k} below {KEPT_BELOW:g}, best {error.min():.2e}", flush=True)
    return p, test_error(task, p)


def test_error(task, p):
    rng = np.random.default_rng(99)
    errors = []
    for t_len in range(LEAST, MOST + 1):
        x, target, _, _ = draw(rng, task, 400, t_len)
        # As the engine holds them: weights in single precision.
        out, _ = forward({name: value.astype(np.float32).astype(float) for name, value in p.items()}, x)
        errors.append(((out - target) ** 2).mean(axis=1))
    return np.mean(errors, axis=0)


def networks_of(task, first_seed):
    kept, seed = [], first_seed
    while len(kept) < WANTED and seed < first_seed + 4:
        p, error = train(task, seed)
        for k in np.flatnonzero(error < KEPT_BELOW):
            weights = {name: np.float32(value[k]).tolist() for name, value in p.items()}
            kept.append({"task": task, "mse": float(error[k])} | weights)
        print(f"{task} seed {seed}: {len(kept)} networks kept", flush=True)
        seed += 1
    return kept[:WANTED]


def main():
    with multiprocessing.Pool(2) as pool:
        networks = sum(pool.starmap(networks_of, [("addition", 1), ("subtraction", 100)]), [])
    path = Path(__file__).with_name("networks.json")
    lines = ",\n".join(json.dumps(network) for network in networks)
    path.write_text(f"[\n{lines}\n]\n")
    counts = {task: sum(n["task"] == task for n in networks) for task in ("addition", "subtraction")}
    print(counts)
    return 0 if min(counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
