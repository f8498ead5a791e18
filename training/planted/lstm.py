"""A plain LSTM of 76 columns with one number at the end, in NumPy: forward, gradient, Adam. Gates in the order i, f, g, o.

    z_t = W x_t + U h_{t-1} + b           i, f, o = sigmoid(z),  g = tanh(z)
    c_t = f c_{t-1} + i g                 h_t = o tanh(c_t)
    score_t = v h_t + d                   the network's own score is that of the last hour
"""

import numpy as np


def init(rng, n_inputs, n_hidden):
    scale = lambda *shape: (rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)  # noqa: E731
    # Forget gates begin open, at memories of a few hours to two days (the chrono initialisation of Tallec and Ollivier
    # 2018, arXiv:1804.11188).
    open_for = np.log(rng.uniform(1, 47, n_hidden)).astype(np.float32)
    zero = np.zeros(n_hidden, np.float32)
    return {
        "w": scale(4 * n_hidden, n_inputs),
        "u": scale(4 * n_hidden, n_hidden),
        "b": np.concatenate([-open_for, open_for, zero, zero]),
        "v": scale(1, n_hidden)[0],
        "d": np.zeros(1, np.float32),
    }


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(p, x):
    """x [n, 48, n_inputs] -> scores [n, 48], and what the gradient needs."""
    n, n_steps, _ = x.shape
    d = p["u"].shape[1]
    zx = x @ p["w"].T + p["b"]
    h = c = np.zeros((n, d), x.dtype)
    tape = []
    for t in range(n_steps):
        z = zx[:, t] + h @ p["u"].T
        i, f, g, o = sigmoid(z[:, :d]), sigmoid(z[:, d : 2 * d]), np.tanh(z[:, 2 * d : 3 * d]), sigmoid(z[:, 3 * d :])
        c_next = f * c + i * g
        y = np.tanh(c_next)
        tape.append((h, c, i, f, g, o, y))
        h, c = o * y, c_next
    hs = np.stack([t[5] * t[6] for t in tape], axis=1)
    return hs @ p["v"] + p["d"], (x, hs, tape)


def gradient(p, recorded, d_scores):
    """The gradient of a loss from that by the scores [n, 48]."""
    x, hs, tape = recorded
    n, n_steps, n_inputs = x.shape
    d = p["u"].shape[1]
    dz_all = np.empty((n, n_steps, 4 * d), x.dtype)
    d_h = d_c = np.zeros((n, d), x.dtype)
    for t in reversed(range(n_steps)):
        h, c, i, f, g, o, y = tape[t]
        d_h = d_h + d_scores[:, t, None] * p["v"]
        d_c = d_c + d_h * o * (1 - y * y)
        dz = dz_all[:, t]
        dz[:, :d] = d_c * g * i * (1 - i)
        dz[:, d : 2 * d] = d_c * c * f * (1 - f)
        dz[:, 2 * d : 3 * d] = d_c * i * (1 - g * g)
        dz[:, 3 * d :] = d_h * y * o * (1 - o)
        d_h, d_c = dz @ p["u"], d_c * f
    before = np.stack([t[0] for t in tape], axis=1)
    flat = dz_all.reshape(-1, 4 * d)
    return {
        "w": flat.T @ x.reshape(-1, n_inputs),
        "u": flat.T @ before.reshape(-1, d),
        "b": flat.sum(axis=0),
        "v": np.einsum("nt,ntd->d", d_scores, hs),
        "d": d_scores.sum(keepdims=True)[0],
    }


class Adam:
    """Kingma and Ba 2015 (arXiv:1412.6980), with the gradient's norm held to 1."""

    def __init__(self, p):
        self.mean = {name: np.zeros_like(value) for name, value in p.items()}
        self.square = {name: np.zeros_like(value) for name, value in p.items()}
        self.step = 0

    def update(self, p, grad, rate):
        self.step += 1
        norm = np.sqrt(sum(float((g * g).sum()) for g in grad.values()))
        for name, g in grad.items():
            g = g * np.float32(min(1.0, 1.0 / max(norm, 1e-12)))
            self.mean[name] = 0.9 * self.mean[name] + 0.1 * g
            self.square[name] = 0.999 * self.square[name] + 0.001 * g * g
            size = np.sqrt(self.square[name] / (1 - 0.999**self.step)) + 1e-8
            p[name] = (p[name] - rate * self.mean[name] / (1 - 0.9**self.step) / size).astype(np.float32)
