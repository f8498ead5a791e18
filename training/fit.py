"""One training run: AdamW, cosine schedule, running average of the weights, best validation epoch."""

import time

import jax
import jax.numpy as jnp
import numpy as np

from augment import augment
from discretise import encode
from measures import auprc, auroc, log_loss
from network import init, predict, scores

SETTINGS = {
    "epochs": 24,
    "batch": 32,
    "learning_rate": 4e-3,
    "weight_decay": 1e-2,
    "dropout": 0.15,
    "clip_norm": 1.0,
    "average": 0.998,
    "teacher": 0.6,  # share of the teacher's probability in the targets
    "replication": 0.3,  # weight of the mean loss over hours 12..47 beside that of the last hour
}


def fit(train, valid, scaling, seed, settings=SETTINGS, log=print):
    """Trains on `(codes, targets in 0..1)` and returns the averaged weights of the epoch with the best log-loss on the
    validation part `(codes, died)`, and the history."""
    rng = np.random.default_rng([seed, 1])
    state = _start(init(seed))
    per_epoch = len(train[1]) // settings["batch"]
    update = _updater(settings, per_epoch * settings["epochs"])
    x_valid = encode(valid[0], scaling)
    best, best_loss, history, key = None, np.inf, [], jax.random.key(seed)
    for epoch in range(settings["epochs"]):
        began = time.monotonic()
        x, order = encode(augment(train[0], rng), scaling), rng.permutation(len(train[1]))
        losses = []
        for start in range(per_epoch):
            chosen = order[start * settings["batch"] : (start + 1) * settings["batch"]]
            key, sub = jax.random.split(key)
            state, loss = update(state, x[chosen], train[1][chosen], sub)
            losses.append(loss)
        score = predict(state["mean"], x_valid)
        row = {"epoch": epoch, "train": float(np.mean(losses)), "valid": log_loss(valid[1], score)}
        row |= {"auroc": auroc(valid[1], score), "auprc": auprc(valid[1], score)}
        history.append(row)
        log("  ".join(f"{k} {v:.4f}" if k != "epoch" else f"epoch {v:2d}" for k, v in row.items()), f" {time.monotonic() - began:.0f} s")
        if row["valid"] < best_loss:
            best, best_loss = jax.tree.map(np.asarray, state["mean"]), row["valid"]
    return best, history


def _start(params):
    zeros = jax.tree.map(jnp.zeros_like, params)
    return {"params": params, "mean": params, "m": zeros, "v": zeros, "step": jnp.zeros((), jnp.int32)}


def _loss(params, x, died, key, settings):
    score = scores(params, x, key, settings["dropout"])
    cross_entropy = jax.nn.softplus(score) - died[:, None] * score
    share = settings["replication"]
    return jnp.mean((1 - share) * cross_entropy[:, -1] + share * cross_entropy[:, 12:].mean(axis=1))


def _updater(settings, n_steps):
    """AdamW (m, v as in the paper of Kingma and Ba; decay of matrices only) with a 3 % warm-up and a cosine to zero."""

    def update(state, x, died, key):
        loss, grad = jax.value_and_grad(_loss)(state["params"], x, died, key, settings)
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grad)))
        grad = jax.tree.map(lambda g: g * jnp.minimum(1, settings["clip_norm"] / (norm + 1e-9)), grad)
        step = state["step"] + 1
        done = step / n_steps
        rate = settings["learning_rate"] * jnp.minimum(done / 0.03, 0.5 * (1 + jnp.cos(jnp.pi * done)))
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, state["m"], grad)
        v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, state["v"], grad)

        def move(p, m, v):
            direction = m / (1 - 0.9**step) / (jnp.sqrt(v / (1 - 0.999**step)) + 1e-8)
            return p - rate * (direction + (settings["weight_decay"] * p if p.ndim > 1 else 0))

        params = jax.tree.map(move, state["params"], m, v)
        keep = jnp.minimum(settings["average"], step / (step + 10))
        mean = jax.tree.map(lambda a, p: keep * a + (1 - keep) * p, state["mean"], params)
        return {"params": params, "mean": mean, "m": m, "v": v, "step": step}, loss

    return jax.jit(update)
