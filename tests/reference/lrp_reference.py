"""A slow float64 reference: LSTM forward (GRU and RNN: gru_reference.py), layer-wise relevance propagation and gradient.

Written from the formulas alone and independent of the Rust engine, which is tested against it. Every equation stands
above the line that computes it, in the same letters. Clarity goes before speed; units of one layer are vectorised,
steps and directions are loops.

Conventions (the engine follows the same; they are settled here because the formulas leave them open)

*Linear map.*  z_j = sum_i w_ji x_i + b_j is recomputed in float64 from what fed it, never taken from a clipped or
activated value;  s_j = +1 if z_j >= 0 else -1;  N = number of lower units feeding z_j.

    2017:  message_ij = (w_ji x_i + (delta b_j + epsilon s_j) / N) / (z_j + epsilon s_j) R_j
           ledger.biases  += (1 - delta) b_j / (z_j + epsilon s_j) R_j
    2019:  message_ij = (w_ji x_i + delta (b_j + epsilon s_j) / N) / (z_j + epsilon s_j) R_j
           ledger.biases  += (1 - delta) b_j         / (z_j + epsilon s_j) R_j
           ledger.epsilon += (1 - delta) epsilon s_j / (z_j + epsilon s_j) R_j

*LSTM.*  The two ONNX biases are summed into one b. The cell update c_t = f c_{t-1} + i g is one linear map without
bias: its 2d lower units are the products f c_{t-1} and i g, its weights two d x d identity matrices, so under the 2017
form every upper unit leaks its epsilon share to all 2d lower units. The pre-activation of a gate or of the candidate
has N = d + e lower units, and d + e + 1 with a peephole, whose cell value is the one more lower unit.

*Gates.*  Three products a step: o * h(c_t), f * c_{t-1}, i * g.

    all    R_gate = 0
    half   R_gate = R / 2
    prop   R_gate = gate / (p + 1e-12 s) R,   p = gate + signal, s = +1 if p >= 0 else -1
    abs    R_gate = |gate| / (|gate| + |signal| + 1e-12) R
           R_signal = R - R_gate, so that a product conserves whatever its values

*Clip.*  It bounds the pre-activations of the three gates and of the candidate, and not the cell on its way into h:
ONNX's words leave that open, and onnxruntime does it so.

What a gate receives passes its activation (and its clip) unchanged and then follows the linear rule of its own
pre-activation. With `input_forget`, f = 1 - i is an elementwise function of the input gate's pre-activation: its
relevance passes to that pre-activation unchanged, like an activation's.

*Output.*  `paper`: Mask = 1{sign(w h) = sign(S - 0.5)} (positive for S >= 0.5), R(h) = Mask w h; the score explained
is its sum, the bias gets nothing. `score`: the whole logit through the linear rule, N = number of inputs.

*Ledger.*  inputs + biases + initial_states + epsilon = score explained, for every option.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

GATES = ("i", "o", "f", "c")  # ONNX order of W, R and B; c is the candidate, called g in the formulas
PEEPHOLES = ("i", "o", "f")  # ONNX order of P
PRODUCT_STABILISER = 1e-12


# --------------------------------------------------------------------------------------------------- activations


@dataclass(frozen=True)
class Activation:
    """One of ONNX's recurrent activations, with its alpha and beta."""

    name: str
    alpha: float = 0.0
    beta: float = 0.0

    def value(self, z):
        a, b = self.alpha, self.beta
        match self.name:
            case "Affine":
                return a * z + b
            case "Relu":
                return np.maximum(z, 0.0)
            case "LeakyRelu":
                return np.where(z >= 0.0, z, a * z)
            case "ThresholdedRelu":
                return np.where(z > a, z, 0.0)
            case "Tanh":
                return np.tanh(z)
            case "ScaledTanh":
                return a * np.tanh(b * z)
            case "Sigmoid":
                return 1.0 / (1.0 + np.exp(-z))
            case "HardSigmoid":
                return np.clip(a * z + b, 0.0, 1.0)
            case "Elu":
                return np.where(z >= 0.0, z, a * np.expm1(np.minimum(z, 0.0)))
            case "Softsign":
                return z / (1.0 + np.abs(z))
            case "Softplus":
                return np.logaddexp(0.0, z)
        raise ValueError(f"unknown activation {self.name}")

    def derivative(self, z):
        a, b = self.alpha, self.beta
        match self.name:
            case "Affine":
                return np.full_like(z, a)
            case "Relu":
                return np.where(z > 0.0, 1.0, 0.0)
            case "LeakyRelu":
                return np.where(z >= 0.0, 1.0, a)
            case "ThresholdedRelu":
                return np.where(z > a, 1.0, 0.0)
            case "Tanh":
                return 1.0 - np.tanh(z) ** 2
            case "ScaledTanh":
                return a * b * (1.0 - np.tanh(b * z) ** 2)
            case "Sigmoid":
                y = self.value(z)
                return y * (1.0 - y)
            case "HardSigmoid":
                return np.where((a * z + b > 0.0) & (a * z + b < 1.0), a, 0.0)
            case "Elu":
                return np.where(z >= 0.0, 1.0, a * np.exp(np.minimum(z, 0.0)))
            case "Softsign":
                return 1.0 / (1.0 + np.abs(z)) ** 2
            case "Softplus":
                return 1.0 / (1.0 + np.exp(-z))
        raise ValueError(f"unknown activation {self.name}")


SIGMOID = Activation("Sigmoid")
TANH = Activation("Tanh")

# name -> (default alpha, default beta); None where the activation has no such parameter.
ACTIVATION_DEFAULTS = {
    "Affine": (1.0, 0.0),
    "Relu": (None, None),
    "LeakyRelu": (0.01, None),
    "ThresholdedRelu": (1.0, None),
    "Tanh": (None, None),
    "ScaledTanh": (1.0, 1.0),
    "Sigmoid": (None, None),
    "HardSigmoid": (0.2, 0.5),
    "Elu": (1.0, None),
    "Softsign": (None, None),
    "Softplus": (None, None),
}


def activations_of(names, alphas, betas):
    """ONNX's lists `activations`, `activation_alpha`, `activation_beta` as Activations.

    The values are consumed in the order of the activations, each activation taking one only if it has that
    parameter; where a list has run out, the default of the operator of that name stands.
    """
    spelled = {name.lower(): name for name in ACTIVATION_DEFAULTS}
    alphas, betas = list(alphas), list(betas)
    result = []
    for name in names:
        name = spelled[name.lower()]
        alpha, beta = ACTIVATION_DEFAULTS[name]
        if alpha is not None and alphas:
            alpha = float(alphas.pop(0))
        if beta is not None and betas:
            beta = float(betas.pop(0))
        result.append(Activation(name, alpha or 0.0, beta or 0.0))
    return result


# ------------------------------------------------------------------------------------------------- one direction


@dataclass
class Cell:
    """One direction of an LSTM: its weights and the way it is computed. d hidden units, e inputs."""

    w: dict  # gate -> [d, e], input weights
    u: dict  # gate -> [d, d], recurrent weights
    b: dict  # gate -> [d], both ONNX biases summed
    p: dict | None = None  # gate i, o, f -> [d], peepholes
    f: Activation = SIGMOID  # of the gates
    g: Activation = TANH  # of the candidate
    h: Activation = TANH  # of the cell, on its way out
    clip: float | None = None  # bound of the gates' and the candidate's pre-activations
    input_forget: bool = False  # f = 1 - i
    reverse: bool = False  # reads the hours backwards
    h0: np.ndarray | None = None
    c0: np.ndarray | None = None

    @property
    def d(self):
        return self.u["i"].shape[0]

    @property
    def e(self):
        return self.w["i"].shape[1]

    def bounded(self, z):
        return z if self.clip is None else np.clip(z, -self.clip, self.clip)

    def unbounded(self, z):
        """1 where the clip let z pass, 0 where it cut: the clip's derivative."""
        return np.ones_like(z) if self.clip is None else (np.abs(z) < self.clip).astype(float)

    # What a layer asks of a cell of any kind; the other kinds are in gru_reference.py.

    def run(self, x):
        return run_cell(self, x)

    def relevance(self, steps, r_hours, r_last, rule, ledger):
        return cell_relevance(self, steps, r_hours, r_last, rule, ledger)

    def gradient(self, steps, d_hours, d_last):
        return cell_gradient(self, steps, d_hours, d_last)


@dataclass
class Step:
    """What one step computed; z are pre-activations before the clip."""

    hour: int
    x: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    z: dict
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    hc: np.ndarray  # h(c)
    h: np.ndarray


def run_cell(cell, x):
    """x [n_hours, e] -> the steps in the order in which the cell took them.

    z_i = W_i x_t + U_i h_{t-1} + P_i c_{t-1} + b_i       i = f(z_i)
    z_f = W_f x_t + U_f h_{t-1} + P_f c_{t-1} + b_f       f = f(z_f), or 1 - i
    z_g = W_g x_t + U_g h_{t-1} + b_g                     g = g(z_g)
    c_t = f c_{t-1} + i g
    z_o = W_o x_t + U_o h_{t-1} + P_o c_t + b_o           o = f(z_o)
    h_t = o h(c_t)
    With a clip, every z is bounded on its way into its activation; c_t is not.
    """
    h = np.zeros(cell.d) if cell.h0 is None else cell.h0
    c = np.zeros(cell.d) if cell.c0 is None else cell.c0
    steps = []
    for t in range(len(x)):
        hour = len(x) - 1 - t if cell.reverse else t
        x_t, h_prev, c_prev = x[hour], h, c
        z = {k: cell.w[k] @ x_t + cell.u[k] @ h_prev + cell.b[k] for k in GATES}
        if cell.p is not None:
            z["i"] = z["i"] + cell.p["i"] * c_prev
            z["f"] = z["f"] + cell.p["f"] * c_prev
        i = cell.f.value(cell.bounded(z["i"]))
        f = 1.0 - i if cell.input_forget else cell.f.value(cell.bounded(z["f"]))
        g = cell.g.value(cell.bounded(z["c"]))
        c = f * c_prev + i * g
        if cell.p is not None:
            z["o"] = z["o"] + cell.p["o"] * c
        o = cell.f.value(cell.bounded(z["o"]))
        hc = cell.h.value(c)
        h = o * hc
        steps.append(Step(hour, x_t, h_prev, c_prev, z, i, f, g, o, c, hc, h))
    return steps


# ------------------------------------------------------------------------------------------------------ relevance


@dataclass
class Rule:
    """The options of LRP; the paper's are the defaults."""

    epsilon: float = 0.01
    bias_factor: float = 0.0
    form: str = "arras2017"
    gates: str = "all"


@dataclass
class Ledger:
    """Where the explained score went."""

    inputs: float = 0.0
    biases: float = 0.0
    initial_states: float = 0.0
    epsilon: float = 0.0

    def total(self):
        return self.inputs + self.biases + self.initial_states + self.epsilon


def sign(z):
    return np.where(z >= 0.0, 1.0, -1.0)


def linear(blocks, b, relevance, rule, ledger, own=None):
    """Relevance of the lower units of z = sum over blocks of w x, plus own, plus b.

    blocks: [(w [n_upper, n_lower], x [n_lower])];  own: (p [n_upper], c [n_upper]), a lower unit that feeds only the
    upper unit of its own index;  b [n_upper];  relevance [n_upper].
    Returns one array a block, and that of `own` after them where it is given.
    """
    delta, epsilon = rule.bias_factor, rule.epsilon
    z = sum(w @ x for w, x in blocks) + b
    n = sum(len(x) for _, x in blocks)
    if own is not None:
        z = z + own[0] * own[1]
        n += 1
    s = sign(z)
    # ratio_j = R_j / (z_j + epsilon s_j), what all messages of the upper unit j share
    ratio = relevance / (z + epsilon * s)
    match rule.form:
        case "arras2017":
            share = (delta * b + epsilon * s) / n
        case "arras2019":
            share = delta * (b + epsilon * s) / n
            ledger.epsilon += float(np.sum((1.0 - delta) * epsilon * s * ratio))
        case _:
            raise ValueError(f"unknown form {rule.form}")
    ledger.biases += float(np.sum((1.0 - delta) * b * ratio))
    # R_i = sum_j (w_ji x_i + share_j) / (z_j + epsilon s_j) R_j
    received = [((w * x + share[:, None]) * ratio[:, None]).sum(axis=0) for w, x in blocks]
    if own is not None:
        received.append((own[0] * own[1] + share) * ratio)
    return received


def product(gate, signal, relevance, rule):
    """Relevance of (gate, signal) from that of gate * signal."""
    match rule.gates:
        case "all":
            to_gate = np.zeros_like(relevance)
        case "half":
            to_gate = relevance / 2.0
        case "prop":
            total = gate + signal
            to_gate = gate / (total + PRODUCT_STABILISER * sign(total)) * relevance
        case "abs":
            to_gate = np.abs(gate) / (np.abs(gate) + np.abs(signal) + PRODUCT_STABILISER) * relevance
        case _:
            raise ValueError(f"unknown gate rule {rule.gates}")
    return to_gate, relevance - to_gate


def cell_relevance(cell, steps, r_hours, r_last, rule, ledger):
    """Relevance of x [n_hours, e] from that of the hours' h [n_hours, d] and of the last step's h [d].

    t from T-1 down to 0:
        Rc[t]  += Rh[t]                                     h = o h(c)
        Rc[t-1], Rg[t] from Rc[t]                           c_t = f c_{t-1} + i g
        Rx[t], Rh[t-1] from Rg[t] (and from what the gates received)
    What reaches the initial states goes to the ledger.
    """
    d = cell.d
    identity = np.eye(d)
    r_x = np.zeros((len(steps), cell.e))
    r_h = np.array(r_last, dtype=float)
    r_c = np.zeros(d)
    for step in reversed(steps):
        r_h = r_h + r_hours[step.hour]

        def into(gate, r_z, own=None):
            """Relevance of gate's pre-activation, sent to x_t and h_{t-1}; returns (to h_{t-1}, to own)."""
            blocks = [(cell.w[gate], step.x), (cell.u[gate], step.h_prev)]
            received = linear(blocks, cell.b[gate], r_z, rule, ledger, own)
            r_x[step.hour] += received[0]
            return received[1], (received[2] if own is not None else 0.0)

        def peephole(gate, c):
            return None if cell.p is None else (cell.p[gate], c)

        # h_t = o h(c_t); the activation h passes relevance unchanged
        r_o, r_hc = product(step.o, step.hc, r_h, rule)
        r_c = r_c + r_hc
        r_h_prev = np.zeros(d)
        r_c_prev = np.zeros(d)
        if rule.gates != "all":
            to_h, to_c = into("o", r_o, peephole("o", step.c))
            r_h_prev += to_h
            r_c = r_c + to_c
        # c_t = identity (f c_{t-1}) + identity (i g), N = 2d, no bias
        r_fc, r_ig = linear(
            [(identity, step.f * step.c_prev), (identity, step.i * step.g)], np.zeros(d), r_c, rule, ledger
        )
        r_f, r_signal = product(step.f, step.c_prev, r_fc, rule)
        r_c_prev += r_signal
        r_i, r_g = product(step.i, step.g, r_ig, rule)
        if rule.gates != "all":
            if cell.input_forget:
                r_i = r_i + r_f  # f = 1 - f(z_i): elementwise, passes unchanged
            else:
                to_h, to_c = into("f", r_f, peephole("f", step.c_prev))
                r_h_prev += to_h
                r_c_prev += to_c
            to_h, to_c = into("i", r_i, peephole("i", step.c_prev))
            r_h_prev += to_h
            r_c_prev += to_c
        to_h, _ = into("c", r_g)
        r_h_prev += to_h
        r_h, r_c = r_h_prev, r_c_prev
    ledger.initial_states += float(r_h.sum() + r_c.sum())
    return r_x


# ------------------------------------------------------------------------------------------------------- gradient


def cell_gradient(cell, steps, d_hours, d_last):
    """dL/dx [n_hours, e] from dL/dh of the hours [n_hours, d] and of the last step [d]: back-propagation in time."""
    d_x = np.zeros((len(steps), cell.e))
    d_h = np.array(d_last, dtype=float)
    d_c = np.zeros(cell.d)
    for step in reversed(steps):
        d_h = d_h + d_hours[step.hour]

        def through(activation, z):
            return activation.derivative(cell.bounded(z)) * cell.unbounded(z)

        # h_t = o h(c_t)
        d_z = {"o": d_h * step.hc * through(cell.f, step.z["o"])}
        d_c = d_c + d_h * step.o * cell.h.derivative(step.c)
        if cell.p is not None:
            d_c = d_c + d_z["o"] * cell.p["o"]
        # c_t = f c_{t-1} + i g
        d_f, d_i = d_c * step.c_prev, d_c * step.g
        if cell.input_forget:
            d_i, d_f = d_i - d_f, np.zeros(cell.d)
        d_z["f"] = d_f * through(cell.f, step.z["f"])
        d_z["i"] = d_i * through(cell.f, step.z["i"])
        d_z["c"] = d_c * step.i * through(cell.g, step.z["c"])
        d_c = d_c * step.f
        if cell.p is not None:
            d_c = d_c + d_z["i"] * cell.p["i"] + d_z["f"] * cell.p["f"]
        # z_k = W_k x_t + U_k h_{t-1} + ...
        d_x[step.hour] += sum(cell.w[k].T @ d_z[k] for k in GATES)
        d_h = sum(cell.u[k].T @ d_z[k] for k in GATES)
    return d_x


# --------------------------------------------------------------------------------------------------------- layers


@dataclass
class Layer:
    """One or two directions over the same input, and what is handed on.

    output: `sequence` [n_hours, n_directions * d];  `last-state`, each direction's own last step (hour 0 for a
    reverse one) [n_directions * d];  `last-hour`, the sequence at the last hour [n_directions * d].
    """

    cells: list
    output: str = "sequence"


def run_layer(layer, x):
    tapes = [cell.run(x) for cell in layer.cells]
    hours = np.zeros((len(x), 0))
    for tape in tapes:
        h = np.zeros((len(x), len(tape[0].h)))
        for step in tape:
            h[step.hour] = step.h
        hours = np.concatenate([hours, h], axis=1)
    match layer.output:
        case "sequence":
            return tapes, hours
        case "last-state":
            return tapes, np.concatenate([tape[-1].h for tape in tapes])
        case "last-hour":
            return tapes, hours[-1]
    raise ValueError(f"unknown output {layer.output}")


def backward_layer(layer, tapes, upper, of_cell):
    """Splits `upper` (relevance or derivative of the layer's output) between the directions and adds up theirs of x.

    of_cell(cell, steps, of the hours, of the last step) -> of x.
    """
    n_hours = len(tapes[0])
    lower = 0.0
    start = 0
    for cell, tape in zip(layer.cells, tapes):
        part = upper[..., start : start + cell.d]
        start += cell.d
        hours, last = np.zeros((n_hours, cell.d)), np.zeros(cell.d)
        match layer.output:
            case "sequence":
                hours = part
            case "last-state":
                last = part
            case "last-hour":
                hours[-1] = part
        lower = lower + of_cell(cell, tape, hours, last)
    return lower


# -------------------------------------------------------------------------------------------------------- network


@dataclass
class Branch:
    """Layers over some of the input's columns."""

    columns: list
    layers: list


@dataclass
class Network:
    """Branches side by side, their sequences concatenated, the trunk's layers above, one sigmoid unit at the end."""

    branches: list
    trunk: list
    w: np.ndarray  # [n]
    b: float


@dataclass
class Trace:
    network: Network
    x: np.ndarray
    branch_tapes: list
    trunk_tapes: list
    h: np.ndarray  # what the output unit reads
    logit: float
    probability: float


def run(network, x):
    """x [n_hours, n_columns] -> Trace."""
    x = np.asarray(x, dtype=np.float64)
    branch_tapes, parts = [], []
    for branch in network.branches:
        value, tapes_of_branch = x[:, branch.columns], []
        for layer in branch.layers:
            tapes, value = run_layer(layer, value)
            tapes_of_branch.append(tapes)
        branch_tapes.append(tapes_of_branch)
        parts.append(value)
    value = np.concatenate(parts, axis=-1)
    trunk_tapes = []
    for layer in network.trunk:
        tapes, value = run_layer(layer, value)
        trunk_tapes.append(tapes)
    logit = float(network.w @ value + network.b)
    return Trace(network, x, branch_tapes, trunk_tapes, value, logit, float(SIGMOID.value(logit)))


def backward(trace, upper, of_cell):
    """Takes relevance or derivative of what the output unit reads down to the input [n_hours, n_columns]."""
    network = trace.network
    for layer, tapes in zip(reversed(network.trunk), reversed(trace.trunk_tapes)):
        upper = backward_layer(layer, tapes, upper, of_cell)
    lower = np.zeros_like(trace.x)
    start = 0
    for branch, tapes_of_branch in zip(network.branches, trace.branch_tapes):
        width = width_of(branch)
        part = upper[..., start : start + width]
        start += width
        for layer, tapes in zip(reversed(branch.layers), reversed(tapes_of_branch)):
            part = backward_layer(layer, tapes, part, of_cell)
        for k, column in enumerate(branch.columns):  # a column may feed several branches, or one twice
            lower[:, column] += part[:, k]
    return lower


def width_of(branch):
    return sum(cell.d for cell in branch.layers[-1].cells) if branch.layers else len(branch.columns)


@dataclass
class Explanation:
    relevance: np.ndarray  # [n_hours, n_columns]
    score: float
    logit: float
    probability: float
    ledger: Ledger | None = field(default=None)


def lrp(trace, explain="paper", rule=Rule()):
    """Layer-wise relevance of every input."""
    ledger = Ledger()
    w, h = trace.network.w, trace.h
    match explain:
        case "paper":
            # Mask = 1{sign(w h) = sign(S - 0.5)},  R(h) = Mask w h
            products = w * h
            mask = products > 0.0 if trace.probability >= 0.5 else products < 0.0
            r_h = np.where(mask, products, 0.0)
            score = float(r_h.sum())
        case "score":
            score = trace.logit
            (r_h,) = linear([(w[None, :], h)], np.array([trace.network.b]), np.array([score]), rule, ledger)
        case _:
            raise ValueError(f"unknown explain {explain}")
    relevance = backward(
        trace, r_h, lambda cell, steps, hours, last: cell.relevance(steps, hours, last, rule, ledger)
    )
    ledger.inputs = float(relevance.sum())
    return Explanation(relevance, score, trace.logit, trace.probability, ledger)


def gradient(trace, explain="paper"):
    """d output / d input; the output is the probability for `paper` and `probability`, the logit for `score`."""
    p = trace.probability
    seed, score = (1.0, trace.logit) if explain == "score" else (p * (1.0 - p), p)
    return Explanation(
        backward(trace, seed * trace.network.w, lambda cell, *seeds: cell.gradient(*seeds)), score, trace.logit, p
    )


# -------------------------------------------------------------------------------------- ONNX's LSTM, the operator


def cells_from_onnx(w, r, b=None, p=None, initial_h=None, initial_c=None, attributes=None):
    """The cells of one ONNX LSTM for one batch entry.

    w [n_directions, 4d, e], r [n_directions, 4d, d], b [n_directions, 8d], p [n_directions, 3d],
    initial_h and initial_c [n_directions, d];  attributes: ONNX's names -> values.
    """
    attributes = attributes or {}
    n_directions, _, d = r.shape
    direction = attributes.get("direction", "forward")
    if n_directions != (2 if direction == "bidirectional" else 1):
        raise ValueError(f"{n_directions} directions of weights for direction {direction}")
    functions = activations_of(
        attributes.get("activations", ["Sigmoid", "Tanh", "Tanh"] * n_directions),
        attributes.get("activation_alpha", []),
        attributes.get("activation_beta", []),
    )
    clip = attributes.get("clip") or None
    cells = []
    for n in range(n_directions):
        blocks = lambda a, names: {k: np.asarray(a[m * d : (m + 1) * d], float) for m, k in enumerate(names)}
        bias = np.zeros(4 * d) if b is None else np.asarray(b[n][: 4 * d], float) + np.asarray(b[n][4 * d :], float)
        f, g, h = functions[3 * n : 3 * n + 3]
        cells.append(
            Cell(
                w=blocks(w[n], GATES),
                u=blocks(r[n], GATES),
                b=blocks(bias, GATES),
                p=None if p is None else blocks(p[n], PEEPHOLES),
                f=f,
                g=g,
                h=h,
                clip=clip,
                input_forget=bool(attributes.get("input_forget", 0)),
                reverse=direction == "reverse" or n == 1,
                h0=None if initial_h is None else np.asarray(initial_h[n], float),
                c0=None if initial_c is None else np.asarray(initial_c[n], float),
            )
        )
    return cells


def run_operator(x, w, r, b=None, sequence_lens=None, initial_h=None, initial_c=None, p=None, attributes=None):
    """ONNX's LSTM -> (Y, Y_h, Y_c) in float64. Hours at or after an entry's length are zero in Y."""
    attributes = attributes or {}
    batch_first = bool(attributes.get("layout", 0))
    if batch_first:
        x = np.swapaxes(x, 0, 1)
        initial_h = None if initial_h is None else np.swapaxes(initial_h, 0, 1)
        initial_c = None if initial_c is None else np.swapaxes(initial_c, 0, 1)
    n_hours, n_batch, _ = x.shape
    n_directions, _, d = r.shape
    y = np.zeros((n_hours, n_directions, n_batch, d))
    y_h = np.zeros((n_directions, n_batch, d))
    y_c = np.zeros((n_directions, n_batch, d))
    for entry in range(n_batch):
        length = n_hours if sequence_lens is None else int(sequence_lens[entry])
        of_entry = lambda a: None if a is None else a[:, entry]
        cells = cells_from_onnx(w, r, b, p, of_entry(initial_h), of_entry(initial_c), attributes)
        for n, cell in enumerate(cells):
            steps = run_cell(cell, np.asarray(x[:length, entry], float))
            for step in steps:
                y[step.hour, n, entry] = step.h
            y_h[n, entry] = steps[-1].h
            y_c[n, entry] = steps[-1].c
    if batch_first:
        y = np.transpose(y, (2, 0, 1, 3))
        y_h, y_c = np.swapaxes(y_h, 0, 1), np.swapaxes(y_c, 0, 1)
    return y, y_h, y_c
