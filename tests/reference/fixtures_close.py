"""Networks of several families and sizes, and contributions against references that differ from the input a little, a lot,
and in everything (all zero, where a normalised vector has no variance).

Two runs that differ little are hard for whatever divides by differences of recorded numbers; an all-zero reference is hard
for a normalisation that is taken apart.
"""

import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from contributions import Notes, Pair, layer_of
from gru_reference import GruCell, RnnCell
from lrp_reference import Cell, Layer
from onnx_writer import OPSET, Writer, write_layer

N_HOURS, N_COLUMNS = 12, 8
EPSILON = 1e-5

# name, kind, layers of (directions, units), bias, what follows: "last", "attention" or a norm and "last"
CASES = [
    ("lstm_small", "LSTM", ["forward 3"], True, "last"),
    ("lstm_wide", "LSTM", ["forward 24"], True, "last"),
    ("lstm_both", "LSTM", ["both 8"], True, "last"),
    ("lstm_stacked", "LSTM", ["both 6", "forward 10", "forward 5"], True, "last"),
    ("lstm_attention", "LSTM", ["both 8"], True, "attention"),
    ("gru_small", "GRU", ["forward 4"], True, "last"),
    ("gru_after_wide", "GRU after", ["forward 20"], True, "last"),
    ("gru_stacked", "GRU", ["both 6", "forward 8"], True, "last"),
    ("gru_attention", "GRU after", ["both 7"], True, "attention"),
    ("rnn_stacked", "RNN", ["both 6", "forward 8"], True, "last"),
    ("rnn_attention", "RNN", ["forward 12"], True, "attention"),
    ("lstm_layer_norm", "LSTM", ["forward 8", "forward 6"], False, "layer-norm"),
    ("lstm_layer_norm_written_out", "LSTM", ["both 6"], False, "layer-norm-written-out"),
    ("gru_rms_norm", "GRU", ["forward 9"], False, "rms-norm"),
    ("rnn_norm_by_deviation", "RNN", ["forward 9"], False, "deviation-norm"),
]


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, kind, words, bias, head) in enumerate(CASES):
        rng = np.random.default_rng(7000 + seed)
        network = drawn(rng, kind, words, bias, head)
        x = rng.standard_normal((N_HOURS, N_COLUMNS)).astype(np.float32)
        change = rng.standard_normal(x.shape) * (rng.random(x.shape) < 0.5)
        baselines = {
            "near": (x + 1e-4 * change).astype(np.float32),
            "far": rng.standard_normal(x.shape).astype(np.float32),
            "zero": np.zeros_like(x),
        }
        model = written(network, name)
        onnx.checker.check_model(model, full_check=True)
        record = {"input": numbers(x), "references": {}}
        for which, x0 in baselines.items():
            relevance, score, reference = contributions(network, x.astype(float), x0.astype(float))
            assert abs(relevance.sum() - (score - reference)) < 1e-11, (name, which, relevance.sum(), score - reference)
            record["references"][which] = {
                "baseline": numbers(x0), "score": score, "reference": reference, "relevance": numbers(relevance)
            }
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        (p,) = session.run(None, {"x": x[None]})
        assert abs(float(p[0, 0]) - 1.0 / (1.0 + np.exp(-record["references"]["far"]["score"]))) < 2e-6, name
        onnx.save(model, folder / f"{name}.onnx")
        (folder / f"{name}.json").write_text(json.dumps(record) + "\n")
        print(f"close/{name}: {record['references']['far']['score']:.4f}")


def numbers(a):
    return [v.item() for v in a.ravel()]


def drawn(rng, kind, words, bias, head):
    normal = lambda *shape, scale: (scale * rng.standard_normal(shape)).astype(np.float32).astype(float)
    shift = lambda d: normal(d, scale=0.3) if bias else np.zeros(d)

    def cell(e, d, reverse):
        w = lambda: normal(d, e, scale=1.0 / np.sqrt(e))
        u = lambda: normal(d, d, scale=1.0 / np.sqrt(d))
        if kind == "RNN":
            return RnnCell(w(), u(), shift(d), reverse=reverse)
        if kind.startswith("GRU"):
            each = lambda of: {k: of() for k in "zrn"}
            rb = shift(d) if kind.endswith("after") else None
            return GruCell(each(w), each(u), each(lambda: shift(d)), rb, reverse=reverse)
        each = lambda of: {k: of() for k in "iofc"}
        return Cell(each(w), each(u), each(lambda: shift(d)), reverse=reverse)

    layers, width = [], N_COLUMNS
    for k, word in enumerate(words):
        directions, d = word.split()
        reverse = [False, True] if directions == "both" else [False]
        output = "sequence" if head == "attention" or k + 1 < len(words) else "last-state"
        layers.append(Layer([cell(width, int(d), r) for r in reverse], output))
        width = int(d) * len(reverse)
    return {
        "layers": layers,
        "head": head,
        "attend": normal(width, scale=1.0),
        "scale": normal(width, scale=0.5) + 1.0,
        "w": normal(width, scale=1.0),
        "b": normal(1, scale=0.3)[0],
    }


def contributions(network, x, x0):
    notes = Notes()
    inputs = [Pair(a, b) for a, b in zip(x, x0)]
    value = inputs
    for layer in network["layers"]:
        value = layer_of(notes, layer, value)
    if network["head"] == "attention":
        scores = [notes.linear(network["attend"][None, :], h) for h in value]
        shares = mean_derivative(notes, softmax, notes.gather(scores, [(k, 0) for k in range(len(scores))]))
        spread = lambda t: notes.gather([shares], [(0, t)] * len(network["w"]))
        value = notes.add(*(notes.product(spread(t), h) for t, h in enumerate(value)))
    elif network["head"] != "last":
        value = notes.times(network["scale"], mean_derivative(notes, NORMS[network["head"]], value))
    out = notes.linear(network["w"][None, :], value, network["b"])
    out.m[:] = 1.0
    notes.sweep()
    relevance = np.array([(pair.value - pair.reference) * pair.m for pair in inputs])
    return relevance, float(out.value[0]), float(out.reference[0])


def mean_derivative(notes, f, pair):
    """A function of a whole vector: the mean of its Jacobian on the straight line, by pieces that halve towards both ends
    and a fine grid between, so that whatever turns near a zero of the line is met."""
    out = Pair(f(pair.value)[0], f(pair.reference)[0])

    def back():
        nodes, weights = np.polynomial.legendre.leggauss(12)
        halves = 0.5 ** np.arange(1, 45)
        ends = np.unique(np.concatenate([[0.0, 1.0], halves, 1.0 - halves, np.linspace(0.0, 1.0, 257)]))
        total = np.zeros_like(pair.value)
        for left, right in zip(ends, ends[1:]):
            for node, weight in zip(nodes, weights):
                a = left + (right - left) * (node + 1) / 2
                jacobian = f(pair.reference + a * (pair.value - pair.reference))[1]
                total += weight * (right - left) / 2 * (out.m @ jacobian)
        pair.m += total

    notes.back.append(back)
    return out


def softmax(z):
    y = np.exp(z - z.max())
    y /= y.sum()
    return y, np.diag(y) - np.outer(y, y)


def layer_norm(z):
    n = len(z)
    centre = np.eye(n) - 1.0 / n
    c = centre @ z
    v = (c * c).mean() + EPSILON
    return c / np.sqrt(v), (np.eye(n) / np.sqrt(v) - np.outer(c, c) / (n * v**1.5)) @ centre


def rms_norm(z):
    n = len(z)
    v = (z * z).mean() + EPSILON
    return z / np.sqrt(v), np.eye(n) / np.sqrt(v) - np.outer(z, z) / (n * v**1.5)


def deviation_norm(z):
    """`(z - mean) / (standard deviation + 0.01)`, as hand-written normalisations have it."""
    n = len(z)
    centre = np.eye(n) - 1.0 / n
    c = centre @ z
    s = np.sqrt((c * c).mean())
    grow = 0.0 if s == 0.0 else 1.0 / (n * s * (s + 0.01) ** 2)
    return c / (s + 0.01), (np.eye(n) / (s + 0.01) - grow * np.outer(c, c)) @ centre


NORMS = {
    "layer-norm": layer_norm,
    "layer-norm-written-out": layer_norm,
    "rms-norm": rms_norm,
    "deviation-norm": deviation_norm,
}


def written(network, name):
    writer = Writer()
    value = writer.node("Transpose", ["x"], "time_major", perm=[1, 0, 2])
    for k, layer in enumerate(network["layers"]):
        value = write_layer(writer, layer, value, f"layer{k}", N_HOURS, 0)
    if network["head"] == "attention":
        value = attention(writer, network, value)
    elif network["head"] != "last":
        value = norm(writer, network, value)
    w = writer.constant("dense.w", network["w"].astype(np.float32)[:, None])
    b = writer.constant("dense.b", np.array([network["b"]], np.float32))
    logit = writer.node("Add", [writer.node("MatMul", [value, w], "dense"), b], "logit")
    writer.node("Sigmoid", [logit], "probability")
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, N_HOURS, N_COLUMNS])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [1, 1])],
        writer.initializers,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="vitrine fixtures"
    )


def attention(writer, network, value):
    """[hours, 1, width] -> [1, width]"""
    batch = writer.node("Transpose", [value], "attention.batch", perm=[1, 0, 2])
    v = writer.constant("attention.w", network["attend"].astype(np.float32)[:, None])
    scores = writer.node("MatMul", [batch, v], "attention.scores")
    shares = writer.node("Softmax", [scores], "attention.shares", axis=1)
    turned = writer.node("Transpose", [shares], "attention.row", perm=[0, 2, 1])
    pooled = writer.node("MatMul", [turned, batch], "attention.pooled")
    shape = writer.constant("attention.flat", np.array([1, -1], np.int64))
    return writer.node("Reshape", [pooled, shape], "attention.vector")


def norm(writer, network, value):
    scale = writer.constant("norm.scale", network["scale"].astype(np.float32))
    epsilon = lambda: writer.constant("norm.epsilon", np.array(EPSILON, np.float32))
    if network["head"] == "layer-norm":
        zero = writer.constant("norm.bias", np.zeros(len(network["scale"]), np.float32))
        return writer.node("LayerNormalization", [value, scale, zero], "norm", axis=-1, epsilon=EPSILON)
    if network["head"] == "rms-norm":
        squares = writer.node("Mul", [value, value], "norm.squares")
        mean = writer.node("ReduceMean", [squares], "norm.mean", axes=[-1], keepdims=1)
        root = writer.node("Sqrt", [writer.node("Add", [mean, epsilon()], "norm.stable")], "norm.root")
        normal = writer.node("Mul", [value, writer.node("Reciprocal", [root], "norm.inverse")], "norm.normal")
        return writer.node("Mul", [normal, scale], "norm.scaled")
    mean = writer.node("ReduceMean", [value], "norm.mean", axes=[-1], keepdims=1)
    centred = writer.node("Sub", [value, mean], "norm.centred")
    two = writer.constant("norm.two", np.array(2.0, np.float32))
    squares = writer.node("Pow", [centred, two], "norm.squares")
    variance = writer.node("ReduceMean", [squares], "norm.variance", axes=[-1], keepdims=1)
    if network["head"] == "deviation-norm":
        deviation = writer.node("Sqrt", [variance], "norm.deviation")
        below = writer.node("Add", [deviation, writer.constant("norm.least", np.array(0.01, np.float32))], "norm.below")
    else:
        below = writer.node("Sqrt", [writer.node("Add", [variance, epsilon()], "norm.stable")], "norm.root")
    normal = writer.node("Div", [centred, below], "norm.normal")
    return writer.node("Mul", [normal, scale], "norm.scaled")
