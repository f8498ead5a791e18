"""GRU and plain recurrent cells for the float64 reference: forward, relevance, gradient.

Written from ONNX's equations and the rules of `lrp_reference.py`, whose head states the conventions. What is added here:

*GRU.*  h_t = (1 - z) n + z h_{t-1} is one linear map without bias, its 2d lower units the products (1 - z) n and
z h_{t-1}, its weights two d x d identity matrices. Each product divides by the gate rule; 1 - z and z are functions of
the same pre-activation, so what both gates receive meets there.

*Reset before the product* (`linear_before_reset` 0).  The candidate's lower units are x and q = r h_{t-1}, N = e + d; q
divides between r and h_{t-1} by the gate rule.

*Reset after the product* (`linear_before_reset` 1).  u = U h_{t-1} + rb has the d lower units h_{t-1}. The candidate's unit
j has the e lower units x and one of its own, the product r_j u_j, so N = e + 1; the product divides between r and u by
the gate rule, and u follows the linear rule of its own sum.

*RNN.*  h_t = f(W x_t + U h_{t-1} + b): the activation passes relevance unchanged, N = e + d.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrp_reference import SIGMOID, TANH, Activation, linear, product


def bounded(cell, z):
    return z if cell.clip is None else np.clip(z, -cell.clip, cell.clip)


def slope(cell, activation, z):
    """d activation(bounded(z)) / d z"""
    inside = np.ones_like(z) if cell.clip is None else (np.abs(z) < cell.clip).astype(float)
    return activation.derivative(bounded(cell, z)) * inside


def hours_of(cell, n_hours):
    return range(n_hours - 1, -1, -1) if cell.reverse else range(n_hours)


# ------------------------------------------------------------------------------------------------------------ GRU


@dataclass
class GruStep:
    """What one step computed; pre are pre-activations before the clip. reset is r h, or u with the reset after."""

    hour: int
    x: np.ndarray
    h_prev: np.ndarray
    pre: dict
    z: np.ndarray
    r: np.ndarray
    n: np.ndarray
    reset: np.ndarray
    h: np.ndarray


@dataclass
class GruCell:
    """One direction of a GRU. Blocks are named z, r, n; d hidden units, e inputs."""

    w: dict  # block -> [d, e]
    u: dict  # block -> [d, d]
    b: dict  # block -> [d], both ONNX biases summed; with the reset after the product, n's input bias alone
    rb: np.ndarray | None = None  # n's recurrent bias [d], where the reset comes after the product
    f: Activation = SIGMOID  # of the gates
    g: Activation = TANH  # of the candidate
    clip: float | None = None
    reverse: bool = False
    h0: np.ndarray | None = None

    @property
    def d(self):
        return self.u["z"].shape[0]

    @property
    def e(self):
        return self.w["z"].shape[1]

    def run(self, x):
        """x [n_hours, e] -> the steps in the order in which the cell took them.

        z = f(W_z x + U_z h + b_z)          r = f(W_r x + U_r h + b_r)
        n = g(W_n x + U_n (r h) + b_n)      or g(W_n x + r (U_n h + rb) + b_n)
        h = (1 - z) n + z h
        """
        h = np.zeros(self.d) if self.h0 is None else self.h0
        steps = []
        for hour in hours_of(self, len(x)):
            x_t, h_prev = x[hour], h
            pre = {k: self.w[k] @ x_t + self.u[k] @ h_prev + self.b[k] for k in "zr"}
            z, r = (self.f.value(bounded(self, pre[k])) for k in "zr")
            if self.rb is None:
                reset = r * h_prev
                pre["n"] = self.w["n"] @ x_t + self.u["n"] @ reset + self.b["n"]
            else:
                reset = self.u["n"] @ h_prev + self.rb
                pre["n"] = self.w["n"] @ x_t + r * reset + self.b["n"]
            n = self.g.value(bounded(self, pre["n"]))
            h = (1.0 - z) * n + z * h_prev
            steps.append(GruStep(hour, x_t, h_prev, pre, z, r, n, reset, h))
        return steps

    def relevance(self, steps, r_hours, r_last, rule, ledger):
        """Relevance of x [n_hours, e] from that of the hours' h [n_hours, d] and of the last step's h [d]."""
        d, identity = self.d, np.eye(self.d)
        r_x = np.zeros((len(steps), self.e))
        r_h = np.array(r_last, dtype=float)
        for step in reversed(steps):
            r_h = r_h + r_hours[step.hour]
            # h = identity ((1 - z) n) + identity (z h_prev), N = 2d, no bias
            r_zn, r_zh = linear(
                [(identity, (1.0 - step.z) * step.n), (identity, step.z * step.h_prev)], np.zeros(d), r_h, rule, ledger
            )
            to_one_minus_z, r_n = product(1.0 - step.z, step.n, r_zn, rule)
            to_z, r_h_prev = product(step.z, step.h_prev, r_zh, rule)
            r_z = to_one_minus_z + to_z
            if self.rb is None:
                # z_n = W_n x + U_n q + b_n, N = e + d
                to_x, r_q = linear([(self.w["n"], step.x), (self.u["n"], step.reset)], self.b["n"], r_n, rule, ledger)
                r_r, to_h = product(step.r, step.h_prev, r_q, rule)
            else:
                # z_n = W_n x + (r u) + b_n, N = e + 1;   u = U_n h_prev + rb, N = d
                own = (np.ones(d), step.r * step.reset)
                to_x, r_product = linear([(self.w["n"], step.x)], self.b["n"], r_n, rule, ledger, own)
                r_r, r_u = product(step.r, step.reset, r_product, rule)
                (to_h,) = linear([(self.u["n"], step.h_prev)], self.rb, r_u, rule, ledger)
            r_x[step.hour] += to_x
            r_h_prev = r_h_prev + to_h
            if rule.gates != "all":
                for k, r_gate in (("z", r_z), ("r", r_r)):
                    to_x, to_h = linear([(self.w[k], step.x), (self.u[k], step.h_prev)], self.b[k], r_gate, rule, ledger)
                    r_x[step.hour] += to_x
                    r_h_prev = r_h_prev + to_h
            r_h = r_h_prev
        ledger.initial_states += float(r_h.sum())
        return r_x

    def gradient(self, steps, d_hours, d_last):
        """dL/dx [n_hours, e] from dL/dh of the hours [n_hours, d] and of the last step [d]."""
        d_x = np.zeros((len(steps), self.e))
        d_h = np.array(d_last, dtype=float)
        for step in reversed(steps):
            d_h = d_h + d_hours[step.hour]
            d_pre = {
                "n": d_h * (1.0 - step.z) * slope(self, self.g, step.pre["n"]),
                "z": d_h * (step.h_prev - step.n) * slope(self, self.f, step.pre["z"]),
            }
            d_h_prev = d_h * step.z
            if self.rb is None:
                d_q = self.u["n"].T @ d_pre["n"]
                d_r = d_q * step.h_prev
                d_h_prev = d_h_prev + d_q * step.r
            else:
                d_r = d_pre["n"] * step.reset
                d_h_prev = d_h_prev + self.u["n"].T @ (d_pre["n"] * step.r)
            d_pre["r"] = d_r * slope(self, self.f, step.pre["r"])
            d_x[step.hour] += sum(self.w[k].T @ d_pre[k] for k in "zrn")
            d_h = d_h_prev + sum(self.u[k].T @ d_pre[k] for k in "zr")
        return d_x


# ------------------------------------------------------------------------------------------------------------ RNN


@dataclass
class RnnStep:
    hour: int
    x: np.ndarray
    h_prev: np.ndarray
    z: np.ndarray  # the pre-activation before the clip
    h: np.ndarray


@dataclass
class RnnCell:
    """One direction of a plain recurrent cell: h = f(W x + U h + b)."""

    w: np.ndarray  # [d, e]
    u: np.ndarray  # [d, d]
    b: np.ndarray  # [d], both ONNX biases summed
    f: Activation = TANH
    clip: float | None = None
    reverse: bool = False
    h0: np.ndarray | None = None

    @property
    def d(self):
        return self.u.shape[0]

    @property
    def e(self):
        return self.w.shape[1]

    def run(self, x):
        h = np.zeros(self.d) if self.h0 is None else self.h0
        steps = []
        for hour in hours_of(self, len(x)):
            z = self.w @ x[hour] + self.u @ h + self.b
            steps.append(RnnStep(hour, x[hour], h, z, self.f.value(bounded(self, z))))
            h = steps[-1].h
        return steps

    def relevance(self, steps, r_hours, r_last, rule, ledger):
        r_x = np.zeros((len(steps), self.e))
        r_h = np.array(r_last, dtype=float)
        for step in reversed(steps):
            r_h = r_h + r_hours[step.hour]
            r_x[step.hour], r_h = linear([(self.w, step.x), (self.u, step.h_prev)], self.b, r_h, rule, ledger)
        ledger.initial_states += float(r_h.sum())
        return r_x

    def gradient(self, steps, d_hours, d_last):
        d_x = np.zeros((len(steps), self.e))
        d_h = np.array(d_last, dtype=float)
        for step in reversed(steps):
            d_z = (d_h + d_hours[step.hour]) * slope(self, self.f, step.z)
            d_x[step.hour] = self.w.T @ d_z
            d_h = self.u.T @ d_z
        return d_x


# ------------------------------------------------------------------------------------------------- from ONNX's node


def cells_from_onnx(kind, w, r, b, initial_h, attributes):
    """The cells of one ONNX GRU or RNN for one batch entry.

    With m = 3 for a GRU and 1 for an RNN: w [n_directions, m d, e], r [n_directions, m d, d], b [n_directions, 2 m d] or
    None, initial_h [n_directions, d] or None.
    """
    from lrp_reference import activations_of

    n_directions, _, d = r.shape
    direction = attributes.get("direction", "forward")
    default = {"GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}[kind]
    functions = activations_of(
        attributes.get("activations", default * n_directions),
        attributes.get("activation_alpha", []),
        attributes.get("activation_beta", []),
    )
    cells = []
    for k in range(n_directions):
        half = r.shape[1]
        w_k, r_k = np.asarray(w[k], float), np.asarray(r[k], float)
        wb = np.zeros(half) if b is None else np.asarray(b[k][:half], float)
        rb = np.zeros(half) if b is None else np.asarray(b[k][half:], float)
        common = dict(
            clip=attributes.get("clip") or None,
            reverse=direction == "reverse" or k == 1,
            h0=None if initial_h is None else np.asarray(initial_h[k], float),
        )
        if kind == "RNN":
            cells.append(RnnCell(w_k, r_k, wb + rb, functions[k], **common))
            continue
        blocks = lambda a: {name: a[m * d : (m + 1) * d] for m, name in enumerate("zrn")}
        biases = blocks(wb + rb)
        after = bool(attributes.get("linear_before_reset", 0))
        if after:
            biases["n"] = wb[2 * d :]
        f, g = functions[2 * k : 2 * k + 2]
        cells.append(GruCell(blocks(w_k), blocks(r_k), biases, rb[2 * d :] if after else None, f, g, **common))
    return cells


def run_operator(kind, x, w, r, b=None, sequence_lens=None, initial_h=None, attributes=None):
    """ONNX's GRU or RNN -> (Y, Y_h) in float64. Hours at or after an entry's length are zero in Y."""
    attributes = attributes or {}
    batch_first = bool(attributes.get("layout", 0))
    if batch_first:
        x = np.swapaxes(x, 0, 1)
        initial_h = None if initial_h is None else np.swapaxes(initial_h, 0, 1)
    n_hours, n_batch, _ = x.shape
    n_directions, _, d = r.shape
    y, y_h = np.zeros((n_hours, n_directions, n_batch, d)), np.zeros((n_directions, n_batch, d))
    for entry in range(n_batch):
        length = n_hours if sequence_lens is None else int(sequence_lens[entry])
        of_entry = None if initial_h is None else initial_h[:, entry]
        for k, cell in enumerate(cells_from_onnx(kind, w, r, b, of_entry, attributes)):
            steps = cell.run(np.asarray(x[:length, entry], float))
            for step in steps:
                y[step.hour, k, entry] = step.h
            y_h[k, entry] = steps[-1].h
    if batch_first:
        return np.transpose(y, (2, 0, 1, 3)), np.swapaxes(y_h, 0, 1)
    return y, y_h
