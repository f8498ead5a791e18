"""One training run: AdamW, cosine schedule, running average of the weights."""

import time

import numpy as np

from augment import augment
from discretise import encode
from measures import auprc, auroc, log_loss
from network import gradient, init, predict

SETTINGS = {
    "epochs": 15,
    "batch": 32,
    "learning_rate": 4e-3,
    "weight_decay": 1e-2,
    "dropout": 0.15,
    "clip_norm": 1.0,
    "average": 0.998,
    "replication": 0.3,  # weight of the mean loss over hours 12..47 beside that of the last hour
}


def fit(train, valid, scaling, seed, settings=SETTINGS, log=print):
    """Trains on `(codes, targets in 0..1)`: the averaged weights after the last epoch, and the history, with the figures of the
    validation part `(codes, died)` after each epoch where there is one."""
    rng = np.random.default_rng([seed, 1])
    optimiser = Optimiser(init(seed), settings, len(train[1]) // settings["batch"] * settings["epochs"])
    weight = hour_weights(settings["replication"])
    history = []
    for epoch in range(settings["epochs"]):
        began = time.monotonic()
        codes, order = augment(train[0], rng), rng.permutation(len(train[1]))
        losses = []
        for chosen in order[: len(order) // settings["batch"] * settings["batch"]].reshape(-1, settings["batch"]):
            targets = train[1][chosen]
            scores, grad = gradient(optimiser.params, encode(codes[chosen], scaling), targets, weight, settings["dropout"], rng)
            optimiser.step(grad)
            losses.append(np.mean((np.logaddexp(0, scores) - targets[:, None] * scores) @ weight))
        row = {"epoch": epoch, "train": float(np.mean(losses))}
        if valid is not None:
            score = predict(optimiser.mean, encode(valid[0], scaling))
            row |= {"valid": log_loss(valid[1], score), "auroc": auroc(valid[1], score), "auprc": auprc(valid[1], score)}
        history.append(row)
        log("  ".join(f"{k} {v:.4f}" if k != "epoch" else f"epoch {v:2d}" for k, v in row.items()), f" {time.monotonic() - began:.0f} s")
    return optimiser.mean, history


def hour_weights(share: float) -> np.ndarray:
    """How much the prediction after each hour counts: `share` over hours 12 to 47, the rest for the last one."""
    weight = np.zeros(48)
    weight[12:] = share / 36
    weight[-1] += 1 - share
    return weight


class Optimiser:
    """AdamW (Kingma and Ba's m and v; decay of matrices only), a 3 % warm-up and a cosine to zero, and the running average of
    the weights. All weights are one vector, of which `params` and `mean` are views."""

    def __init__(self, params, settings, n_steps):
        self.settings, self.n_steps, self.done = settings, n_steps, 0
        self.flat = np.concatenate([value.ravel() for value in params.values()]).astype(np.float32)
        self.flat_mean = self.flat.copy()
        self.m, self.v = np.zeros_like(self.flat), np.zeros_like(self.flat)
        self.params, self.mean = self._views(self.flat, params), self._views(self.flat_mean, params)
        self.decay = np.concatenate([np.full(value.size, settings["weight_decay"] * (value.ndim > 1)) for value in params.values()])
        self.decay = self.decay.astype(np.float32)

    def step(self, grad) -> None:
        """One update, the gradient's norm clipped first."""
        grad = np.concatenate([grad[name].ravel() for name in self.params])
        grad *= min(1, self.settings["clip_norm"] / (np.sqrt(grad @ grad) + 1e-9))
        self.done += 1
        share = self.done / self.n_steps
        rate = np.float32(self.settings["learning_rate"] * min(share / 0.03, 0.5 * (1 + np.cos(np.pi * share))))
        self.m += np.float32(0.1) * (grad - self.m)
        self.v += np.float32(0.001) * (grad * grad - self.v)
        m, v = self.m / np.float32(1 - 0.9**self.done), self.v / np.float32(1 - 0.999**self.done)
        self.flat -= rate * (m / (np.sqrt(v) + np.float32(1e-8)) + self.decay * self.flat)
        keep = min(self.settings["average"], self.done / (self.done + 10))
        self.flat_mean += np.float32(1 - keep) * (self.flat - self.flat_mean)

    @staticmethod
    def _views(flat, params):
        ends = np.cumsum([value.size for value in params.values()])
        return {name: flat[end - value.size : end].reshape(value.shape) for (name, value), end in zip(params.items(), ends)}
