"""A slow float64 reference for whole graphs: dense layers, sums, products, pools, softmax, word vectors.

Written from the formulas alone and independent of the Rust engine, which is tested against it. Every affine map is a full
matrix here, with a second one that says which entries are connections; products and maxima list their lower units one by
one. Each operation computes its values forward, and hands relevance or a derivative down to what it read.

Conventions (the engine follows the same; `lrp_reference.py` has those of the linear rule and of the gates)

*Affine.*  Dense layers over time, convolutions, means, average pools, sums and differences of two computed values are all
one linear map. N counts the connections of an upper unit: elements of a window that lie in the padding are none, nor is a weight of
exactly zero, nor what nothing of the input reaches. A constant added right after a map is its bias, and a sum of two such
maps that nothing else reads is one map.

*Product.*  z_j = sum over k of gate_k signal_k: with one term, R_j is that of the product; with several, each product is a
lower unit of a linear map without bias. Each product then divides by the gate rule; where nothing tells the gate from the
signal, both receive half.

*Functions* pass relevance unchanged, element by element, and so does a *softmax*, but under "half": there it is the linear map
that touches it at x (AttnLRP, Achtibat 2024), z = J x + b with the Jacobian J, weighed by what arrives. *A maximum* hands everything to the first of its
greatest elements. *A word* receives the sum over its vector.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lrp_reference import Ledger, product, sign


@dataclass
class Value:
    """An operation's output, and where it came from."""

    y: np.ndarray
    inputs: list = field(default_factory=list)
    relevance: object = None  # (rule, ledger, upper) -> one array an input
    gradient: object = None  # (upper) -> one array an input


def given(y):
    return Value(np.asarray(y, float).ravel())


def affine(x, w, b=None, connected=None):
    """z = W x + b;  w [n_out, n_in], b [n_out], connected [n_out, n_in]."""
    w = np.asarray(w, float)
    b = np.zeros(len(w)) if b is None else np.asarray(b, float)
    connected = (w != 0).astype(float) if connected is None else np.asarray(connected, float)
    z = w @ x.y + b

    def relevance(rule, ledger, upper):
        return [spread(w * x.y, connected, z, b, upper, rule, ledger)]

    return Value(z, [x], relevance, lambda upper: [w.T @ upper])


def spread(wx, connected, z, b, upper, rule, ledger):
    """The linear rule over the rows of wx [n_out, n_in]; padding alone (no connection at all) leaves all to the bias."""
    delta, s = rule.bias_factor, sign(z)
    n = connected.sum(axis=1)
    bare = n == 0
    ledger.biases += float(upper[bare].sum())
    ratio = np.where(bare, 0.0, upper / (z + rule.epsilon * s))
    if rule.form == "arras2017":
        share = delta * b + rule.epsilon * s
    else:
        share = delta * (b + rule.epsilon * s)
        ledger.epsilon += float(np.sum((1.0 - delta) * rule.epsilon * s * ratio))
    ledger.biases += float(np.sum((1.0 - delta) * b * ratio))
    even = connected * (share / np.maximum(n, 1))[:, None]
    return ((wx * connected + even) * ratio[:, None]).sum(axis=0)


def function(x, f, slope):
    return Value(f(x.y), [x], lambda rule, ledger, upper: [upper], lambda upper: [upper * slope(x.y)])


def products(gate, signal, pairs, symmetric=False):
    """z_j = sum over (g, s) in pairs[j] of gate_g signal_s."""
    z = np.array([sum(gate.y[g] * signal.y[s] for g, s in terms) for terms in pairs])

    def relevance(rule, ledger, upper):
        to_gate, to_signal = np.zeros_like(gate.y), np.zeros_like(signal.y)
        for terms, z_j, r_j in zip(pairs, z, upper):
            p = np.array([gate.y[g] * signal.y[s] for g, s in terms])
            # A weight of exactly zero brings nothing in, and its product has no share of epsilon.
            one = np.array([[float(symmetric or gate.y[g] != 0) for g, _ in terms]])
            r = (
                np.array([r_j])
                if len(p) == 1
                else spread(p[None], one, np.array([z_j]), np.zeros(1), np.array([r_j]), rule, ledger)
            )
            for (g, s), r_k in zip(terms, r):
                a, b = (r_k / 2, r_k / 2) if symmetric else product(gate.y[g], signal.y[s], r_k, rule)
                to_gate[g] += a
                to_signal[s] += b
        return [to_gate, to_signal]

    def gradient(upper):
        to_gate, to_signal = np.zeros_like(gate.y), np.zeros_like(signal.y)
        for terms, d_j in zip(pairs, upper):
            for g, s in terms:
                to_gate[g] += d_j * signal.y[s]
                to_signal[s] += d_j * gate.y[g]
        return [to_gate, to_signal]

    return Value(z, [gate, signal], relevance, gradient)


def extremum(x, sets, greatest=True):
    """y_j = the greatest (least) of x over sets[j]."""
    choose = np.argmax if greatest else np.argmin
    winners = [s[int(choose(x.y[s]))] for s in sets]

    def down(upper):
        below = np.zeros_like(x.y)
        np.add.at(below, winners, upper)
        return [below]

    return Value(x.y[winners], [x], lambda rule, ledger, upper: down(upper), down)


def softmax(x, groups):
    y = np.zeros_like(x.y)
    for g in groups:
        e = np.exp(x.y[g] - x.y[g].max())
        y[g] = e / e.sum()

    def gradient(upper):
        below = np.zeros_like(y)
        for g in groups:
            jacobian = np.diag(y[g]) - np.outer(y[g], y[g])
            below[g] = jacobian @ upper[g]
        return [below]

    def relevance(rule, ledger, upper):
        if rule.gates != "half":
            return [upper]
        below = np.zeros_like(y)
        for g in groups:
            # What arrives at y_k is R_k = y_k c_k; the map touching c . y at x is c . (J x) and a constant.
            c = np.divide(upper[g], y[g], out=np.zeros(len(g)), where=y[g] > 0)
            jacobian = np.diag(y[g]) - np.outer(y[g], y[g])
            finite = np.where(y[g] > 0, x.y[g], 0.0)
            part = finite * (jacobian.T @ c)
            b = upper[g].sum() - part.sum()
            ledger.biases += float((1.0 - rule.bias_factor) * b)
            below[g] = part + np.where(y[g] > 0, rule.bias_factor * b / (y[g] > 0).sum(), 0.0)
        return [below]

    return Value(y, [x], relevance, gradient)


def gather(x, indices):
    indices = np.asarray(indices).ravel()

    def down(upper):
        below = np.zeros_like(x.y)
        np.add.at(below, indices, upper)
        return [below]

    return Value(x.y[indices], [x], lambda rule, ledger, upper: down(upper), down)


def concat(*parts):
    ends = np.cumsum([len(p.y) for p in parts])[:-1]
    down = lambda upper: np.split(upper, ends)
    return Value(np.concatenate([p.y for p in parts]), list(parts), lambda rule, ledger, upper: down(upper), down)


def embed(tokens, table):
    """Vectors of words. The derivative of a word is that along its vector: g . e / |e|."""
    e = table[tokens.y.astype(int)]

    def gradient(upper):
        g = upper.reshape(e.shape)
        return [(g * e).sum(axis=1) / np.linalg.norm(e, axis=1)]

    return Value(
        e.ravel(), [tokens], lambda rule, ledger, upper: [upper.reshape(e.shape).sum(axis=1)], gradient
    )


def total(a, b, factor=1.0):
    """a + factor b."""
    n = len(a.y)
    w = np.hstack([np.eye(n), factor * np.eye(n)])
    return affine(concat(a, b), w, connected=w != 0)


def walk(top, seed, down, inputs):
    """Hands `seed` from `top` to the inputs; `down(value, upper)` gives one array an input of a value."""
    order, seen = [], set()

    def visit(value):
        if id(value) not in seen:
            seen.add(id(value))
            for below in value.inputs:
                visit(below)
            order.append(value)

    visit(top)
    arrived = {id(value): np.zeros_like(value.y) for value in order}
    arrived[id(top)] = np.asarray(seed, float)
    for value in reversed(order):
        if value.inputs:
            for below, share in zip(value.inputs, down(value, arrived[id(value)])):
                arrived[id(below)] = arrived[id(below)] + share
    return [arrived.get(id(x), np.zeros_like(x.y)) for x in inputs]


def lrp(scores, target, rule, inputs):
    """Relevance of the inputs for the score of one target, and the ledger."""
    ledger = Ledger()
    seed = np.zeros_like(scores.y)
    seed[target] = scores.y[target]
    parts = walk(scores, seed, lambda value, upper: value.relevance(rule, ledger, upper), inputs)
    ledger.inputs = float(sum(part.sum() for part in parts))
    return parts, ledger


def gradient(top, target, inputs):
    seed = np.zeros_like(top.y)
    seed[target] = 1.0
    return walk(top, seed, lambda value, upper: value.gradient(upper), inputs)
