"""Small graphs without recurrence, one for each kind of operation, and their explanations under many options.

Each case builds an ONNX graph and, beside it, the same network as a reference of `graph_reference.py`. onnxruntime must
give what the reference gives, or nothing is written.
"""

import json
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from graph_reference import (
    affine, concat, embed, extremum, function, gather, given, gradient, lrp, products, softmax, total,
)
from lrp_reference import Rule

TOLERANCE = 2e-6
# Added to an input's numbers while a case is built: for difference quotients.
MOVED = {}
OPTIONS = [
    Rule(),
    Rule(form="arras2019"),
    Rule(epsilon=0.1, bias_factor=0.25),
    Rule(bias_factor=1.0),
    Rule(bias_factor=1.0, form="arras2019"),
    Rule(gates="half"),
    Rule(gates="abs", form="arras2019"),
    Rule(gates="half", bias_factor=1.0),
    Rule(gates="abs", bias_factor=1.0),
]


class Case:
    """An ONNX graph under construction, with seeded weights."""

    def __init__(self, name, seed, opset=20):
        self.name, self.opset = name, opset
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights, self.inputs = [], [], []

    def draw(self, *shape, scale=0.8):
        return (scale * self.rng.standard_normal(shape)).astype(np.float32)

    def input(self, name, shape, words=None):
        """The numbers of an input; `words` where they are indices below that number."""
        x = self.draw(*shape, scale=1.1) if words is None else self.rng.integers(0, words, shape).astype(np.int64)
        if name in MOVED:
            x = x + MOVED[name].reshape(shape)
        self.inputs.append((name, x))
        return x

    def weight(self, name, value):
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def dense(self, x, w, b, name):
        """x W + b over the last axis."""
        product = self.node("MatMul", [x, self.weight(f"{name}.w", w)], f"{name}.product")
        return self.node("Add", [product, self.weight(f"{name}.b", b)], name)

    def model(self, outputs):
        types = {np.dtype("f4"): TensorProto.FLOAT, np.dtype("i8"): TensorProto.INT64}
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(name, types[x.dtype], x.shape) for name, x in self.inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
            self.weights,
        )
        opset = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="vitrine fixtures")


@dataclass
class Built:
    """What a case is, ready to be written."""

    case: Case
    outputs: list  # (name, shape)
    inputs: list  # reference values of the inputs, in order
    scores: object  # reference value whose elements are the targets' scores
    top: object  # the same after the last sigmoid or softmax
    layout: object = None  # flat input of the reference -> flat input of the engine
    targets: list = field(default_factory=lambda: [0])


# ------------------------------------------------------------------------------------- pieces, as reference and ONNX


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoids(x):
    return function(x, sigmoid, lambda z: sigmoid(z) * (1.0 - sigmoid(z)))


def tanhs(x):
    return function(x, np.tanh, lambda z: 1.0 - np.tanh(z) ** 2)


def over_time(w, n_steps):
    """w [n_in, n_out] applied at every step -> the whole matrix, and its connections."""
    one = np.eye(n_steps)
    return np.kron(one, w.T), np.kron(one, np.ones_like(w.T))


def dense_over_time(x, w, b, n_steps):
    matrix, connected = over_time(w, n_steps)
    return affine(x, matrix, np.tile(b, n_steps), connected)


def mean_over_time(x, n_steps, width):
    connected = np.kron(np.ones((1, n_steps)), np.eye(width))
    return affine(x, connected / n_steps, connected=connected)


def finish(case, value, reference, width):
    """A dense unit with a sigmoid on a vector."""
    w, b = case.draw(width, 1, scale=1.5 / np.sqrt(width)), case.draw(1, scale=0.3)
    case.node("Sigmoid", [case.dense(value, w, b, "score")], "p")
    scores = affine(reference, w.T, b)
    return scores, sigmoids(scores)


def built(case, inputs, scores, top, **more):
    n = len(top.y)
    return Built(case, [("p", [1, n])], inputs, scores, top, targets=list(range(min(n, 2))), **more)


STEPS, COLUMNS = 5, 4


def residual():
    """tanh(x W + b) + x V, and the difference of two halves."""
    case = Case("residual", 1)
    x = case.input("x", [1, STEPS, COLUMNS])
    w, b, v = case.draw(4, 6), case.draw(6), case.draw(4, 6)
    case.node("Tanh", [case.dense("x", w, b, "h")], "t")
    case.node("MatMul", ["x", case.weight("v", v)], "skip")
    case.node("Add", ["t", "skip"], "sum")
    case.node("Split", ["sum"], "a", axis=2, num_outputs=2)
    case.nodes[-1].output.append("c")
    case.node("Sub", ["a", "c"], "difference")
    case.node("ReduceMean", ["difference", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    reference = given(x)
    zero = np.zeros(6)
    # The difference of two sums is one layer: both terms of one half, less both of the other.
    n = STEPS * 6
    terms = concat(tanhs(dense_over_time(reference, w, b, STEPS)), dense_over_time(reference, v, zero, STEPS))
    columns = np.arange(n).reshape(STEPS, 6)
    halves = np.eye(n)[columns[:, :3].ravel()] - np.eye(n)[columns[:, 3:].ravel()]
    both = np.hstack([halves, halves])
    difference = affine(terms, both, connected=both != 0)
    return built(case, [reference], *finish(case, "mean", mean_over_time(difference, STEPS, 3), 3))


def attention():
    """Softmax over time weighs the steps of tanh(x W + b): the weights are the gate."""
    case = Case("attention", 2)
    x = case.input("x", [1, STEPS, COLUMNS])
    w, b, u, c = case.draw(4, 6), case.draw(6), case.draw(6, 1), case.draw(1)
    case.node("Tanh", [case.dense("x", w, b, "h")], "t")
    case.node("Softmax", [case.dense("t", u, c, "e")], "weights", axis=1)
    case.node("Mul", ["weights", "t"], "weighed")
    case.node("ReduceSum", ["weighed", case.weight("axes", np.array([1]))], "context", keepdims=0)
    reference = given(x)
    h = tanhs(dense_over_time(reference, w, b, STEPS))
    weights = softmax(dense_over_time(h, u, c, STEPS), [np.arange(STEPS)])
    weighed = products(weights, h, [[(t, t * 6 + k)] for t in range(STEPS) for k in range(6)])
    connected = np.kron(np.ones((1, STEPS)), np.eye(6))
    return built(case, [reference], *finish(case, "context", affine(weighed, connected, connected=connected), 6))


def masked_attention():
    """The same with -1e9 on the scores of two steps, summed as products and as a matrix product: the weights there are
    exactly zero, and what they keep out has no share of epsilon."""
    case = Case("masked_attention", 12)
    x = case.input("x", [1, STEPS, COLUMNS])
    w, b, u = case.draw(4, 6), case.draw(6), case.draw(6, 1)
    mask = np.array([0.0, -1e9, 0.0, 0.0, -1e9], np.float32)
    case.node("Tanh", [case.dense("x", w, b, "h")], "t")
    case.node("MatMul", ["t", case.weight("u", u)], "e")
    case.node("Add", ["e", case.weight("mask", mask[:, None])], "masked")
    case.node("Softmax", ["masked"], "weights", axis=1)
    case.node("Mul", ["weights", "t"], "weighed")
    case.node("ReduceSum", ["weighed", case.weight("axes", np.array([1]))], "summed", keepdims=0)
    case.node("Transpose", ["weights"], "row", perm=[0, 2, 1])
    case.node("MatMul", ["row", "t"], "product")
    case.node("Reshape", ["product", case.weight("flat", np.array([1, 6]))], "multiplied")
    case.node("Concat", ["summed", "multiplied"], "context", axis=1)
    reference = given(x)
    h = tanhs(dense_over_time(reference, w, b, STEPS))
    scores = affine(h, *over_time(u, STEPS)[:1], mask, over_time(u, STEPS)[1])
    weights = softmax(scores, [np.arange(STEPS)])
    weighed = products(weights, h, [[(t, t * 6 + k)] for t in range(STEPS) for k in range(6)])
    read = np.kron((mask == 0.0)[None, :], np.eye(6))
    summed = affine(weighed, np.kron(np.ones((1, STEPS)), np.eye(6)), connected=read)
    multiplied = products(weights, h, [[(t, t * 6 + k) for t in range(STEPS)] for k in range(6)])
    return built(case, [reference], *finish(case, "context", concat(summed, multiplied), 12))


def dot_attention():
    """softmax(Q K^T) V, three classes: nothing tells Q from K."""
    case = Case("dot_attention", 3)
    x = case.input("x", [1, STEPS, COLUMNS])
    wq, wk, wv = case.draw(4, 3), case.draw(4, 3), case.draw(4, 3)
    bq, bk, bv = case.draw(3), case.draw(3), case.draw(3)
    for name, w, b in (("q", wq, bq), ("k", wk, bk), ("v", wv, bv)):
        case.dense("x", w, b, name)
    case.node("Transpose", ["k"], "kt", perm=[0, 2, 1])
    case.node("Softmax", [case.node("MatMul", ["q", "kt"], "logits")], "weights", axis=-1)
    case.node("MatMul", ["weights", "v"], "context")
    case.node("ReduceMean", ["context", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    u, c = case.draw(3, 3, scale=1.5), case.draw(3, scale=0.3)
    case.node("Softmax", [case.dense("mean", u, c, "score")], "p", axis=-1)
    reference = given(x)
    q, k, v = (dense_over_time(reference, w, b, STEPS) for w, b in ((wq, bq), (wk, bk), (wv, bv)))
    steps = range(STEPS)
    logits = products(q, k, [[(s * 3 + d, t * 3 + d) for d in range(3)] for s in steps for t in steps], symmetric=True)
    weights = softmax(logits, [np.arange(s * STEPS, (s + 1) * STEPS) for s in steps])
    terms = [[(s * STEPS + t, t * 3 + d) for t in steps] for s in steps for d in range(3)]
    context = products(weights, v, terms)
    scores = affine(mean_over_time(context, STEPS, 3), u.T, c)
    return built(case, [reference], scores, softmax(scores, [np.arange(3)]))


def gated():
    """sigmoid(x W) tanh(x V), then two tanh factors of equal standing."""
    case = Case("gated", 4)
    x = case.input("x", [1, STEPS, COLUMNS])
    (w, v, u), (b, c, d) = [case.draw(4, 6) for _ in range(3)], [case.draw(6) for _ in range(3)]
    case.node("Sigmoid", [case.dense("x", w, b, "zg")], "g")
    case.node("Tanh", [case.dense("x", v, c, "zs")], "s")
    case.node("Tanh", [case.dense("x", u, d, "zo")], "o")
    case.node("Mul", ["s", "g"], "gs")
    case.node("Mul", ["gs", "o"], "product")
    case.node("Reshape", ["product", case.weight("shape", np.array([1, STEPS * 6]))], "flat")
    reference = given(x)
    g = sigmoids(dense_over_time(reference, w, b, STEPS))
    s, o = (tanhs(dense_over_time(reference, a, e, STEPS)) for a, e in ((v, c), (u, d)))
    each = [[(k, k)] for k in range(STEPS * 6)]
    product = products(products(g, s, each), o, each, symmetric=True)
    return built(case, [reference], *finish(case, "flat", product, STEPS * 6))


def layer_norm():
    case = Case("layer_norm", 5)
    x = case.input("x", [1, STEPS, COLUMNS])
    w, b, scale, shift = case.draw(4, 6), case.draw(6), 1 + case.draw(6, scale=0.3), case.draw(6)
    case.dense("x", w, b, "h")
    names = ["h", case.weight("scale", scale.astype(np.float32)), case.weight("shift", shift)]
    case.node("LayerNormalization", names, "normal", axis=-1, epsilon=1e-2)
    case.node("ReduceMean", ["normal", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    reference = given(x)
    h = dense_over_time(reference, w, b, STEPS)
    group = np.kron(np.eye(STEPS), np.ones((1, 6)))
    mean = gather(affine(h, group / 6, connected=group), np.repeat(np.arange(STEPS), 6))
    centred = total(h, mean, -1.0)
    squares = function(centred, np.square, lambda z: 2 * z)
    variance = affine(squares, group / 6, np.full(STEPS, np.float32(1e-2)), group)
    inverse = function(variance, lambda z: z**-0.5, lambda z: -0.5 * z**-1.5)
    normal = products(inverse, centred, [[(k // 6, k)] for k in range(STEPS * 6)])
    scaled = affine(normal, np.diag(np.tile(scale, STEPS)), np.tile(shift, STEPS), np.eye(STEPS * 6))
    return built(case, [reference], *finish(case, "mean", mean_over_time(scaled, STEPS, 6), 6))


def convolution_matrix(w, shape, pads, strides, dilations, group):
    """w [o, i, kh, kw] as a matrix over an image [c, h, w], by loops; and the shape of what comes out."""
    n_out, n_in, kh, kw = w.shape
    c, height, width = shape
    top, left, bottom, right = pads
    rows = (height + top + bottom - (kh - 1) * dilations[0] - 1) // strides[0] + 1
    columns = (width + left + right - (kw - 1) * dilations[1] - 1) // strides[1] + 1
    matrix = np.zeros((n_out, rows, columns, c, height, width))
    connected = np.zeros_like(matrix)
    for o in range(n_out):
        first = o // (n_out // group) * n_in
        for y, x, i, dy, dx in np.ndindex(rows, columns, n_in, kh, kw):
            sy, sx = y * strides[0] - top + dy * dilations[0], x * strides[1] - left + dx * dilations[1]
            if 0 <= sy < height and 0 <= sx < width:
                matrix[o, y, x, first + i, sy, sx] = w[o, i, dy, dx]
                connected[o, y, x, first + i, sy, sx] = 1.0
    size = n_out * rows * columns
    return matrix.reshape(size, -1), connected.reshape(size, -1), (n_out, rows, columns)


def picture_layout(c, h, w):
    """Reference element (c, y, x) -> the engine's step x and column y * c + channel."""
    index = np.arange(c * h * w).reshape(c, h, w)
    return index.transpose(2, 1, 0).ravel()


def convolution():
    """Padding, stride, dilation and groups, a ReLU, a padded max-pool, classes."""
    case = Case("convolution", 6)
    shape = (2, 6, 7)
    x = case.input("x", [1, *shape])
    w, b = case.draw(4, 1, 3, 2), case.draw(4)
    settings = {"pads": [1, 1, 0, 1], "strides": [2, 1], "dilations": [1, 2]}
    names = ["x", case.weight("w", w), case.weight("b", b)]
    case.node("Relu", [case.node("Conv", names, "conv", group=2, **settings)], "relu")
    case.node("MaxPool", ["relu"], "pool", kernel_shape=[2, 2], pads=[0, 1, 0, 1], strides=[1, 2])
    matrix, connected, (n, rows, columns) = convolution_matrix(w, shape, *settings.values(), 2)
    reference = given(x)
    z = affine(reference, matrix, np.repeat(b, rows * columns), connected)
    relu = function(z, lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float))
    index = np.arange(n * rows * columns).reshape(n, rows, columns)
    out_rows, out_columns = rows - 1, (columns + 2 - 2) // 2 + 1
    sets = []
    for o, y, k in np.ndindex(n, out_rows, out_columns):
        inside = [p for p in (2 * k - 1, 2 * k) if 0 <= p < columns]
        sets.append(index[o, y : y + 2][:, inside].ravel())
    pooled = extremum(relu, sets)
    size = len(sets)
    case.node("Reshape", ["pool", case.weight("flat", np.array([1, size]))], "vector")
    u, c = case.draw(size, 3, scale=1.0 / np.sqrt(size)), case.draw(3, scale=0.3)
    case.node("Softmax", [case.dense("vector", u, c, "score")], "p", axis=-1)
    scores = affine(pooled, u.T, c)
    top = softmax(scores, [np.arange(3)])
    return built(case, [reference], scores, top, layout=picture_layout(*shape))


def average_pools():
    """One counts its padding, one does not; a global one; batch normalisation."""
    case = Case("average_pools", 7)
    shape = (2, 5, 6)
    x = case.input("x", [1, *shape])
    scale, shift, mean = 1 + case.draw(2, scale=0.3), case.draw(2), case.draw(2)
    variance = np.abs(case.draw(2)) + np.float32(0.5)
    names = [case.weight(n, v.astype(np.float32)) for n, v in
             (("scale", scale), ("shift", shift), ("m", mean), ("v", variance))]
    case.node("BatchNormalization", ["x", *names], "normal", epsilon=1e-3)
    case.node("Tanh", ["normal"], "t")
    pool = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}
    case.node("AveragePool", ["t"], "with", count_include_pad=1, **pool)
    case.node("AveragePool", ["t"], "without", count_include_pad=0, **pool)
    case.node("GlobalAveragePool", ["t"], "global")
    for name, n in (("with", 18), ("without", 18), ("global", 2)):
        case.node("Reshape", [name, case.weight(f"{name}.shape", np.array([1, n]))], f"{name}.flat")
    case.node("Concat", ["with.flat", "without.flat", "global.flat"], "all", axis=1)
    reference = given(x)
    slope = scale / np.sqrt(variance + 1e-3)
    per_channel = lambda v: np.repeat(v, 30)
    normal = affine(reference, np.diag(per_channel(slope)), per_channel(shift - mean * slope), np.eye(60))
    t = tanhs(normal)
    ones = np.ones((2, 1, 3, 3))
    sums, connected, _ = convolution_matrix(ones, shape, [1, 1, 1, 1], [2, 2], [1, 1], 2)
    inner = sums / sums.sum(axis=1, keepdims=True)
    groups = np.kron(np.eye(2), np.ones((1, 30)))
    parts = [affine(t, sums / 9, connected=connected), affine(t, inner, connected=connected)]
    everything = concat(*parts, affine(t, groups / 30, connected=groups))
    return built(case, [reference], *finish(case, "all", everything, 38), layout=picture_layout(*shape))


def extremes():
    """The maximum over time minus the minimum; the maximum of two computed values."""
    case = Case("extremes", 8, opset=17)
    x = case.input("x", [1, STEPS, COLUMNS])
    w, b, v, c = case.draw(4, 6), case.draw(6), case.draw(4, 6), case.draw(6)
    case.dense("x", w, b, "h")
    case.dense("x", v, c, "o")
    case.node("Max", ["h", "o"], "larger")
    case.node("ReduceMax", ["larger"], "high", axes=[1], keepdims=0)
    case.node("ReduceMin", ["larger"], "low", axes=[1], keepdims=0)
    case.node("Sub", ["high", "low"], "spread")
    reference = given(x)
    n = STEPS * 6
    pair = concat(dense_over_time(reference, w, b, STEPS), dense_over_time(reference, v, c, STEPS))
    larger = extremum(pair, [np.array([k, n + k]) for k in range(n)])
    sets = [np.arange(k, n, 6) for k in range(6)]
    spread = total(extremum(larger, sets), extremum(larger, sets, greatest=False), -1.0)
    return built(case, [reference], *finish(case, "spread", spread, 6))


def words():
    case = Case("words", 9)
    tokens = case.input("tokens", [1, 6], words=9)
    table, w, b = case.draw(9, 4), case.draw(4, 5), case.draw(5)
    case.node("Gather", [case.weight("table", table), "tokens"], "vectors", axis=0)
    case.node("Tanh", [case.dense("vectors", w, b, "h")], "t")
    case.node("ReduceMean", ["t", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    reference = given(tokens)
    h = tanhs(dense_over_time(embed(reference, table.astype(float)), w, b, 6))
    return built(case, [reference], *finish(case, "mean", mean_over_time(h, 6, 5), 5))


def further_input():
    """A sequence, and numbers beside it: further columns, read at the last step."""
    case = Case("further_input", 10)
    x, static = case.input("x", [1, STEPS, COLUMNS]), case.input("static", [1, 3])
    w, b = case.draw(4, 6), case.draw(6)
    case.node("Tanh", [case.dense("x", w, b, "h")], "t")
    case.node("ReduceMean", ["t", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    case.node("Concat", ["mean", "static"], "all", axis=1)
    sequence, beside = given(x), given(static)
    mean = mean_over_time(tanhs(dense_over_time(sequence, w, b, STEPS)), STEPS, 6)
    # Element k of the engine's 5 x 7 input is element layout[k] of both inputs in a row; 23 stands for none.
    layout = np.full((STEPS, COLUMNS + 3), 23)
    layout[:, :COLUMNS] = np.arange(STEPS * COLUMNS).reshape(STEPS, COLUMNS)
    layout[-1, COLUMNS:] = 20 + np.arange(3)
    scores, top = finish(case, "all", concat(mean, beside), 9)
    return built(case, [sequence, beside], scores, top, layout=layout.ravel())


def erf(z):
    from math import erf as one

    return np.vectorize(one)(z)


def normal_density(z):
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)


FUNCTIONS = {
    "Elu": ({"alpha": 0.7}, lambda z: np.where(z < 0, np.float32(0.7) * np.expm1(z), z)),
    "Selu": ({}, lambda z: 1.05070102214813 * np.where(z < 0, 1.67326319217681 * np.expm1(z), z)),
    "Celu": ({"alpha": 0.6}, lambda z: np.where(z < 0, 0.6 * np.expm1(z / 0.6), z)),
    "Softplus": ({}, lambda z: np.logaddexp(0, z)),
    "Softsign": ({}, lambda z: z / (1 + np.abs(z))),
    "HardSigmoid": ({"alpha": 0.2, "beta": 0.45}, lambda z: np.clip(0.2 * z + 0.45, 0, 1)),
    "HardSwish": ({}, lambda z: z * np.clip(z / 6 + 0.5, 0, 1)),
    "Gelu": ({}, lambda z: z * (1 + erf(z / np.sqrt(2))) / 2),
    "Gelu_tanh": ({"approximate": "tanh"},
                  lambda z: z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2),
    "Mish": ({}, lambda z: z * np.tanh(np.logaddexp(0, z))),
    "LeakyRelu": ({"alpha": 0.1}, lambda z: np.where(z < 0, 0.1 * z, z)),
    "Exp": ({}, np.exp),
    "Erf": ({}, erf),
    "Abs": ({}, np.abs),
    "Neg": ({}, None),
}


def functions():
    """Every function on a dense layer of its own; the negative, which is affine; a clip; x sigmoid(x)."""
    case = Case("functions", 11)
    x = case.input("x", [1, STEPS, COLUMNS])
    reference = given(x)
    parts, names = [], []
    for kind, (attributes, f) in FUNCTIONS.items():
        w, b = case.draw(4, 2), case.draw(2)
        case.node(kind.split("_")[0], [case.dense("x", w, b, f"{kind}.z")], kind, **attributes)
        if f is None:
            parts.append(dense_over_time(reference, -w, -b, STEPS))
        else:
            parts.append(function(dense_over_time(reference, w, b, STEPS), f, slope_of(f)))
        names.append(kind)
    w, b = case.draw(4, 2), case.draw(2)
    limits = [case.weight("low", np.float32(-0.5)), case.weight("high", np.float32(0.6))]
    case.node("Clip", [case.dense("x", w, b, "clip.z"), *limits], "clip")
    clip = lambda z: np.clip(z, np.float32(-0.5), np.float32(0.6))
    parts.append(function(dense_over_time(reference, w, b, STEPS), clip, slope_of(clip)))
    w, b = case.draw(4, 2), case.draw(2)
    case.dense("x", w, b, "swish.z")
    case.node("Mul", ["swish.z", case.node("Sigmoid", ["swish.z"], "swish.s")], "swish")
    swish = lambda z: z * sigmoid(z)
    parts.append(function(dense_over_time(reference, w, b, STEPS), swish, slope_of(swish)))
    case.node("Concat", names + ["clip", "swish"], "all", axis=2)
    n = 2 * len(parts)
    together = concat(*parts)
    order = [p * STEPS * 2 + t * 2 + k for t in range(STEPS) for p in range(len(parts)) for k in range(2)]
    case.node("ReduceMean", ["all", case.weight("axes", np.array([1]))], "mean", keepdims=0)
    return built(case, [reference], *finish(case, "mean", mean_over_time(gather(together, order), STEPS, n), n))


def slope_of(f):
    """Central differences in float64: good to 1e-9, and independent of any formula for the derivative."""
    return lambda z: (f(z + 1e-5) - f(z - 1e-5)) / 2e-5


CASES = [
    residual, attention, masked_attention, dot_attention, gated, layer_norm, convolution, average_pools, extremes, words, further_input,
    functions,
]


# ------------------------------------------------------------------------------------------------------------ writing


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for make in CASES:
        one = make()
        model = one.case.model(one.outputs)
        onnx.checker.check_model(model, full_check=True)
        difference = from_onnxruntime(model, one)
        onnx.save(model, folder / f"{one.case.name}.onnx")
        record = {
            "input": laid_out(one, [value.y for value in one.inputs]).tolist(),
            "outputs": one.top.y.tolist(),
            "explanations": explanations(one),
            "sources": {"expected": "float64 reference", "onnxruntime": onnxruntime.__version__,
                        "difference": difference},
        }
        (folder / f"{one.case.name}.json").write_text(json.dumps(record) + "\n")
        print(f"graphs/{one.case.name}: {one.top.y.round(4)}, onnxruntime differs by {difference:.1e}")


def laid_out(one, parts):
    """Numbers of the inputs as the engine's flat input has them."""
    flat = np.append(np.concatenate(parts), 0.0)
    return flat[:-1] if one.layout is None else flat[one.layout]


def from_onnxruntime(model, one):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (p,) = session.run(None, dict(one.case.inputs))
    difference = float(np.abs(p.ravel() - one.top.y).max())
    if difference > TOLERANCE:
        raise SystemExit(f"{one.case.name}: onnxruntime differs from the reference by {difference:.3g}")
    return difference


def explanations(one):
    result = []
    for target in one.targets:
        for rule in OPTIONS:
            parts, ledger = lrp(one.scores, target, rule, one.inputs)
            result.append({
                "method": "lrp", "explain": "score", "target": target, "rule": rule.form, "epsilon": rule.epsilon,
                "bias_factor": rule.bias_factor, "gates": rule.gates, "score": float(one.scores.y[target]),
                "ledger": vars(ledger), "relevance": laid_out(one, parts).tolist(),
            })
        for explain, top in (("score", one.scores), ("probability", one.top)):
            result.append({
                "method": "gradient", "explain": explain, "target": target, "score": float(top.y[target]),
                "ledger": None, "relevance": laid_out(one, gradient(top, target, one.inputs)).tolist(),
            })
    return result
