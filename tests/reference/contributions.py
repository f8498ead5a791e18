"""A slow float64 reference for contributions against a reference input (`deep-shap`), and for the other methods that the
engine adds to relevance and gradient.

Written from the rules alone, another way than the engine: every operation acts on a pair (value in the run, value in the
reference run) and leaves a note of how multipliers go back through it; one sweep over the notes, newest first, is the
backward pass. Nothing here knows a cell but `lstm`, `gru` and `rnn`, which
only compute.

    linear y = W x + b      m_x = W^T m_y
    function y = f(z)       m_z = m_y (f(z) - f(z0)) / (z - z0),  f'((z + z0) / 2) where |z - z0| < 1e-6
    product y = a b         m_a = m_y (b + b0) / 2,  m_b = m_y (a + a0) / 2
    sum y = a + b           m_a = m_b = m_y
"""

import itertools
import math

import numpy as np

from gru_reference import GruCell, RnnCell, bounded, hours_of, slope
from lrp_reference import GATES, gradient, run


class Pair:
    """A vector in both runs, and the multiplier that has arrived at it."""

    def __init__(self, value, reference):
        self.value, self.reference = np.asarray(value, float), np.asarray(reference, float)
        self.m = np.zeros_like(self.value)


class Notes:
    """The operations of both runs in the order in which they were computed."""

    def __init__(self):
        self.back = []

    def linear(self, w, pair, b=0.0):
        out = Pair(w @ pair.value + b, w @ pair.reference + b)

        def back():
            pair.m += w.T @ out.m

        self.back.append(back)
        return out

    def times(self, weights, pair):
        """Each element by its own weight."""
        return self.linear(np.diag(weights), pair)

    def add(self, *pairs):
        out = Pair(sum(p.value for p in pairs), sum(p.reference for p in pairs))

        def back():
            for p in pairs:
                p.m += out.m

        self.back.append(back)
        return out

    def apply(self, f, slope, pair):
        out = Pair(f(pair.value), f(pair.reference))

        def back():
            dz = pair.value - pair.reference
            is_close = np.abs(dz) < 1e-6
            quotient = (out.value - out.reference) / np.where(is_close, 1.0, dz)
            pair.m += out.m * np.where(is_close, slope((pair.value + pair.reference) / 2), quotient)

        self.back.append(back)
        return out

    def product(self, a, b):
        out = Pair(a.value * b.value, a.reference * b.reference)

        def back():
            a.m += out.m * (b.value + b.reference) / 2
            b.m += out.m * (a.value + a.reference) / 2

        self.back.append(back)
        return out

    def gather(self, pairs, which):
        """A vector from elements `(pair, index)` of others."""
        out = Pair([pairs[k].value[i] for k, i in which], [pairs[k].reference[i] for k, i in which])

        def back():
            for (k, i), m in zip(which, out.m):
                pairs[k].m[i] += m

        self.back.append(back)
        return out

    def sweep(self):
        for back in reversed(self.back):
            back()


def lstm(notes, cell, hours):
    """hours: one Pair an hour -> hidden states, one Pair an hour, and the last step's."""
    zeros = np.zeros(cell.d)
    initial = lambda state: Pair(zeros if state is None else state, zeros if state is None else state)
    h, c = initial(cell.h0), initial(cell.c0)
    out = [None] * len(hours)

    def clipped(activation):
        # f and the clip before it are one function of the pre-activation.
        slope = lambda z: activation.derivative(cell.bounded(z)) * cell.unbounded(z)
        return lambda z: activation.value(cell.bounded(z)), slope

    for hour in reversed(range(len(hours))) if cell.reverse else range(len(hours)):
        z = {
            k: notes.add(notes.linear(cell.w[k], hours[hour], cell.b[k]), notes.linear(cell.u[k], h)) for k in GATES
        }
        if cell.p is not None:
            z["i"] = notes.add(z["i"], notes.times(cell.p["i"], c))
            z["f"] = notes.add(z["f"], notes.times(cell.p["f"], c))
        i = notes.apply(*clipped(cell.f), z["i"])
        if cell.input_forget:
            f = notes.linear(-np.eye(cell.d), i, 1.0)
        else:
            f = notes.apply(*clipped(cell.f), z["f"])
        g = notes.apply(*clipped(cell.g), z["c"])
        c = notes.add(notes.product(f, c), notes.product(i, g))
        if cell.p is not None:
            z["o"] = notes.add(z["o"], notes.times(cell.p["o"], c))
        o = notes.apply(*clipped(cell.f), z["o"])
        h = notes.product(o, notes.apply(cell.h.value, cell.h.derivative, c))
        out[hour] = h
    return out, h


def bent(notes, cell, activation, pair):
    """An activation with the clip before it, as one function of the pre-activation."""
    return notes.apply(lambda z: activation.value(bounded(cell, z)), lambda z: slope(cell, activation, z), pair)


def initial(cell):
    state = np.zeros(cell.d) if cell.h0 is None else cell.h0
    return Pair(state, state)


def gru(notes, cell, hours):
    """As `lstm`: h = (1 - z) n + z h', with the reset before or after the product with h'."""
    h, out = initial(cell), [None] * len(hours)
    for hour in hours_of(cell, len(hours)):
        x = hours[hour]
        sums = {k: notes.add(notes.linear(cell.w[k], x, cell.b[k]), notes.linear(cell.u[k], h)) for k in "zr"}
        z, r = (bent(notes, cell, cell.f, sums[k]) for k in "zr")
        if cell.rb is None:
            reset = notes.linear(cell.u["n"], notes.product(r, h))
        else:
            reset = notes.product(r, notes.linear(cell.u["n"], h, cell.rb))
        n = bent(notes, cell, cell.g, notes.add(notes.linear(cell.w["n"], x, cell.b["n"]), reset))
        rest = notes.linear(-np.eye(cell.d), z, 1.0)
        h = notes.add(notes.product(rest, n), notes.product(z, h))
        out[hour] = h
    return out, h


def rnn(notes, cell, hours):
    """As `lstm`: h = f(W x + U h' + b)."""
    h, out = initial(cell), [None] * len(hours)
    for hour in hours_of(cell, len(hours)):
        h = bent(notes, cell, cell.f, notes.add(notes.linear(cell.w, hours[hour], cell.b), notes.linear(cell.u, h)))
        out[hour] = h
    return out, h


RUN = {GruCell: gru, RnnCell: rnn}


def layer_of(notes, layer, hours):
    """-> a list of Pairs, one an hour, or for the last two outputs one Pair."""
    ran = [RUN.get(type(cell), lstm)(notes, cell, hours) for cell in layer.cells]
    join = lambda pairs: notes.gather(pairs, [(k, i) for k, p in enumerate(pairs) for i in range(len(p.value))])
    match layer.output:
        case "sequence":
            return [join([out[t] for out, _ in ran]) for t in range(len(hours))]
        case "last-state":
            return join([last for _, last in ran])
        case "last-hour":
            return join([out[-1] for out, _ in ran])


def contributions(network, x, x0, explain="score"):
    """-> (relevance [n_hours, n_columns], score, reference score), complete: sum = score - reference score."""
    notes = Notes()
    inputs = [Pair(a, b) for a, b in zip(x, x0)]
    parts = []
    for branch in network.branches:
        hours = [notes.gather([pair], [(0, column) for column in branch.columns]) for pair in inputs]
        for layer in branch.layers:
            hours = layer_of(notes, layer, hours)
        parts.append(hours)
    value = []
    for t in range(len(inputs)):
        pairs = [part[t] for part in parts]
        value.append(notes.gather(pairs, [(k, i) for k, p in enumerate(pairs) for i in range(len(p.value))]))
    for layer in network.trunk:
        value = layer_of(notes, layer, value)
    out = notes.linear(network.w[None, :], value, network.b)
    if explain == "probability":
        sigmoid = lambda z: 1.0 / (1.0 + np.exp(-z))
        out = notes.apply(sigmoid, lambda z: sigmoid(z) * (1.0 - sigmoid(z)), out)
    out.m[:] = 1.0
    notes.sweep()
    relevance = np.array([(pair.value - pair.reference) * pair.m for pair in inputs])
    return relevance, float(out.value[0]), float(out.reference[0])


def number(network, x, explain):
    trace = run(network, x)
    return trace.logit if explain == "score" else trace.probability


def integrated_gradients(network, x, x0, explain="score", n_points=2000):
    """The integral of the derivative along the line from x0 to x by the midpoint rule, so fine that it is exact here."""
    total = np.zeros_like(x)
    for k in range(n_points):
        a = (k + 0.5) / n_points
        total += gradient(run(network, x0 + a * (x - x0)), explain).relevance
    return (x - x0) * total / n_points


class SplitMix64:
    """Steele, Lea and Flood 2014, and what the engine makes of its bits."""

    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.bits() >> 11) / 2.0**53

    def normal(self):
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return radius * math.cos(2.0 * math.pi * self.uniform())


def smooth_grad(network, x, explain, n_samples, noise, seed):
    """The mean derivative over inputs with normal noise of `noise` times the range of x."""
    random = SplitMix64(seed)
    total = np.zeros_like(x)
    for _ in range(n_samples):
        z = np.array([random.normal() for _ in range(x.size)]).reshape(x.shape)
        noisy = (x + noise * (x.max() - x.min()) * z).astype(np.float32).astype(float)
        total += gradient(run(network, noisy), explain).relevance
    return total / n_samples


def mixed(x, x0, groups, present):
    """x with the groups that are not present taken from x0; groups are lists of flat indices."""
    out = x.ravel().copy()
    for group, is_present in zip(groups, present):
        if not is_present:
            out[group] = x0.ravel()[group]
    return out.reshape(x.shape)


def occlusion(network, x, x0, groups, explain="score"):
    """What the score loses without each group."""
    whole = number(network, x, explain)
    without = lambda k: [j != k for j in range(len(groups))]
    return [whole - number(network, mixed(x, x0, groups, without(k)), explain) for k in range(len(groups))]


def shapley(network, x, x0, groups, explain="score"):
    """The mean of what each group adds over every order of arrival, spelled out."""
    worth = {}
    for present in itertools.product([False, True], repeat=len(groups)):
        worth[present] = number(network, mixed(x, x0, groups, present), explain)
    values = [0.0] * len(groups)
    orders = list(itertools.permutations(range(len(groups))))
    for order in orders:
        present = [False] * len(groups)
        for k in order:
            before = worth[tuple(present)]
            present[k] = True
            values[k] += (worth[tuple(present)] - before) / len(orders)
    return values
