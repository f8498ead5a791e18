"""Files put together by hand: opsets that no exporter writes any more or yet, rare attributes, and what is refused."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .record import FOLDER, Case

STEPS, COLUMNS, HIDDEN = 12, 5, 6
SEQUENCE = [{"name": "x", "shape": [1, STEPS, COLUMNS], "type": "float32"}]
BY_HAND = f"by hand, onnx {onnx.__version__}"


class Builder:
    """Collects nodes and seeded weights of a graph of one opset."""

    def __init__(self, seed, opset):
        self.rng, self.opset, self.nodes, self.weights = np.random.default_rng(seed), opset, [], []

    def weight(self, name, *shape, scale=0.7):
        self.weights.append(numpy_helper.from_array((scale * self.rng.standard_normal(shape)).astype("f4"), name))
        return name

    def constant(self, name, values, dtype="i8"):
        self.weights.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def node(self, kind, inputs, outputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, **attributes))
        return outputs[0] if outputs else None

    def squeeze(self, x, axes, y):
        """Squeeze takes its axes as an attribute before opset 13, as an input after."""
        if self.opset < 13:
            return self.node("Squeeze", [x], [y], axes=axes)
        return self.node("Squeeze", [x, self.constant(f"{y}.axes", axes)], [y])

    def recurrent(self, kind, x, outputs, n_columns, n_hidden, direction="forward", bias=True, extra=(), **attributes):
        """A recurrent node over time-major `x`; `extra` are its inputs after the bias."""
        n_gates, n_directions = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind], 2 if direction == "bidirectional" else 1
        names = [self.weight(f"{kind}{len(self.nodes)}.w", n_directions, n_gates * n_hidden, n_columns)]
        names += [self.weight(f"{kind}{len(self.nodes)}.r", n_directions, n_gates * n_hidden, n_hidden)]
        b = self.weight(f"{kind}{len(self.nodes)}.b", n_directions, 2 * n_gates * n_hidden, scale=0.3) if bias else ""
        return self.node(kind, [x, *names, b, *extra], outputs, hidden_size=n_hidden, direction=direction, **attributes)

    def head(self, h, n_hidden, y="p", sigmoid=True):
        w, b = self.weight("dense.w", n_hidden, 1, scale=1.2), self.weight("dense.b", 1, scale=0.3)
        z = self.node("Gemm", [h, w, b], ["score" if sigmoid else y])
        return self.node("Sigmoid", [z], [y]) if sigmoid else z

    def time_major(self, x="x"):
        return self.node("Transpose", [x], ["x.time"], perm=[1, 0, 2])

    def save(self, name, inputs=SEQUENCE, outputs=(("p", [1, 1]),), domains=(), functions=(), ir=None):
        value = lambda n, s, t="FLOAT": helper.make_tensor_value_info(n, getattr(TensorProto, t), s)
        graph = helper.make_graph(
            self.nodes,
            name,
            [value(i["name"], i["shape"], {"int64": "INT64"}.get(i["type"], "FLOAT")) for i in inputs],
            [value(n, s) for n, s in outputs],
            self.weights,
        )
        opsets = [helper.make_opsetid("", self.opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
        model = helper.make_model(graph, opset_imports=opsets, functions=list(functions), producer_name="by hand")
        model.ir_version = ir or min(helper.find_min_ir_version_for(opsets, ignore_unknown=True), 10)
        onnx.save(model, FOLDER / f"{name}.onnx")


def last_state(kind, name, seed, opset, direction="forward", **attributes):
    b = Builder(seed, opset)
    b.recurrent(kind, b.time_major(), ["", "h"], COLUMNS, HIDDEN, direction, **attributes)
    b.head(b.squeeze("h", [0], "last"), HIDDEN)
    b.save(name)


def without_masking(name):
    """The network of `masking-keras3` with an LSTM node and without its Masking layer, for any number of steps."""
    tensors = onnx.load(FOLDER / "masking-keras3.onnx").graph.initializer
    # Their shapes tell them apart.
    by_shape = {tuple(t.dims): numpy_helper.to_array(t) for t in tensors if t.data_type == TensorProto.FLOAT}
    iofc = lambda a: np.concatenate([np.split(a, 4, -1)[k] for k in (0, 3, 1, 2)], -1).T
    b = Builder(0, 17)
    give = lambda key, array: b.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, "f4"), key)) or key
    w = give("w", iofc(by_shape[COLUMNS, 4 * HIDDEN])[None])
    r = give("r", iofc(by_shape[HIDDEN, 4 * HIDDEN])[None])
    bias = give("b", np.concatenate([iofc(by_shape[4 * HIDDEN,]), np.zeros(4 * HIDDEN)])[None])
    b.node("LSTM", [b.time_major(), w, r, bias], ["", "h"], hidden_size=HIDDEN)
    last = b.squeeze("h", [0], "last")
    b.node("Gemm", [last, give("dense.w", by_shape[HIDDEN, 1]), give("dense.b", by_shape[1,])], ["score"])
    b.node("Sigmoid", ["score"], ["p"])
    b.save(name, [{"name": "x", "shape": [1, "steps", COLUMNS], "type": "float32"}])


def gru_reset_before(name):
    """`linear_before_reset` 0, a reverse direction, an initial state from the file."""
    b = Builder(31, 14)
    initial = b.weight("initial", 1, 1, HIDDEN)
    b.recurrent("GRU", b.time_major(), ["", "h"], COLUMNS, HIDDEN, "reverse", extra=["", initial])
    b.head(b.squeeze("h", [0], "last"), HIDDEN)
    b.save(name)


def gru_both(name):
    """Two directions, `linear_before_reset` 1, batch first."""
    b = Builder(32, 14)
    b.recurrent("GRU", b.time_major(), ["sequence"], COLUMNS, HIDDEN, "bidirectional", linear_before_reset=1)
    b.node("Transpose", ["sequence"], ["batch.first"], perm=[2, 0, 1, 3])
    flat = b.node("Reshape", ["batch.first", b.constant("shape", [1, STEPS, 2 * HIDDEN])], ["flat"])
    mean = b.node("ReduceMean", [flat], ["mean"], axes=[1], keepdims=0)
    b.head(mean, 2 * HIDDEN)
    b.save(name)


def rnn_clipped(name):
    """Two directions with activations of their own, and clip."""
    b = Builder(33, 14)
    b.recurrent(
        "RNN", b.time_major(), ["", "h"], COLUMNS, HIDDEN, "bidirectional", activations=["Relu", "Tanh"], clip=1.5
    )
    b.node("Transpose", ["h"], ["h.batch"], perm=[1, 0, 2])
    b.head(b.node("Reshape", ["h.batch", b.constant("shape", [1, 2 * HIDDEN])], ["flat"]), 2 * HIDDEN)
    b.save(name)


def gru_affine(name):
    """Hard sigmoid with parameters of its own, softsign as candidate, no bias."""
    b = Builder(34, 14)
    b.recurrent(
        "GRU",
        b.time_major(),
        ["", "h"],
        COLUMNS,
        HIDDEN,
        bias=False,
        activations=["HardSigmoid", "Softsign"],
        activation_alpha=[0.3],
        activation_beta=[0.45],
        linear_before_reset=1,
    )
    b.head(b.squeeze("h", [0], "last"), HIDDEN, sigmoid=False)
    b.save(name)


def lstm_lengths(name):
    """`sequence_lens` from the file, two directions, peepholes, and the last cell state as what is predicted from."""
    b = Builder(35, 13)
    lengths = b.constant("lengths", [STEPS - 3], "i4")
    peepholes = b.weight("peepholes", 2, 3 * HIDDEN, scale=0.3)
    b.recurrent(
        "LSTM", b.time_major(), ["", "", "c"], COLUMNS, HIDDEN, "bidirectional", extra=[lengths, "", "", peepholes]
    )
    b.node("Transpose", ["c"], ["c.batch"], perm=[1, 0, 2])
    b.head(b.node("Reshape", ["c.batch", b.constant("shape", [1, 2 * HIDDEN])], ["flat"]), 2 * HIDDEN)
    b.save(name)


def gated_output(name):
    """Two layers multiplied: a gate of one, a signal of the other; then a difference of two heads."""
    b = Builder(36, 18)
    x = b.time_major()
    b.recurrent("LSTM", x, ["", "h"], COLUMNS, HIDDEN)
    b.recurrent("GRU", x, ["", "g"], COLUMNS, HIDDEN, linear_before_reset=1)
    gate = b.node("Sigmoid", [b.squeeze("g", [0], "g.last")], ["gate"])
    product = b.node("Mul", [gate, b.squeeze("h", [0], "h.last")], ["product"])
    difference = b.node("Sub", [product, "g.last"], ["difference"])
    b.head(b.node("LeakyRelu", [difference], ["leaky"], alpha=0.1), HIDDEN)
    b.save(name)


# ------------------------------------------------------------------------------------------------ what is refused


def comparison(name):
    """A recurrence over whether values are above a number."""
    b = Builder(45, 17)
    above = b.node("Greater", [b.time_major(), b.constant("half", 0.5, "f4")], ["above"])
    numbers = b.node("Cast", [above], ["numbers"], to=TensorProto.FLOAT)
    b.recurrent("LSTM", numbers, ["", "h"], COLUMNS, HIDDEN)
    b.head(b.squeeze("h", [0], "last"), HIDDEN)
    b.save(name)


def loop(name):
    """A Loop whose step is no recurrence that ONNX has a node for: h' = |h| + x w."""
    b = Builder(46, 17)
    value = lambda n, kind, shape: helper.make_tensor_value_info(n, kind, shape)
    b.time_major()
    b.weight("loop.w", COLUMNS, HIDDEN)
    nodes = [
        helper.make_node("Gather", ["x.time", "i"], ["row"], name="row", axis=0),
        helper.make_node("MatMul", ["row", "loop.w"], ["z"], name="z"),
        helper.make_node("Abs", ["h"], ["size"], name="size"),
        helper.make_node("Add", ["size", "z"], ["h.next"], name="sum"),
        helper.make_node("Identity", ["go"], ["go.next"], name="go"),
    ]
    state = [1, HIDDEN]
    body = helper.make_graph(
        nodes,
        "step",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("h", TensorProto.FLOAT, state)],
        [value("go.next", TensorProto.BOOL, []), value("h.next", TensorProto.FLOAT, state)],
    )
    inputs = [b.constant("n", STEPS), b.constant("true", True, "?"), b.constant("zeros", np.zeros(state), "f4")]
    b.head(b.node("Loop", inputs, ["last"], body=body), HIDDEN)
    b.save(name)


def unknown(name):
    """An operator that is in the standard and in no rule here: the determinant of the first steps."""
    b = Builder(47, 17)
    square = b.node("Slice", ["x", *(b.constant(k, [n]) for k, n in (("from", 0), ("to", COLUMNS), ("axis", 1)))], ["square"])
    b.head(b.node("Unsqueeze", [b.node("Det", [square], ["det"]), "axis"], ["column"]), 1)
    b.save(name)


def other_domain(name):
    """An operator of onnxruntime's own domain."""
    b = Builder(48, 17)
    b.recurrent("LSTM", b.time_major(), ["", "h"], COLUMNS, HIDDEN)
    last = b.squeeze("h", [0], "last")
    b.head(b.node("QuickGelu", [last], ["gelu"], domain="com.microsoft"), HIDDEN)
    b.save(name, domains=["com.microsoft"])


def weights_from_inputs(name):
    b = Builder(41, 14)
    w = b.node(
        "Add", [b.weight("w0", 1, 4 * HIDDEN, COLUMNS), b.node("ReduceMean", ["x"], ["m"], axes=[1], keepdims=1)], ["w"]
    )
    r, bias = b.weight("r", 1, 4 * HIDDEN, HIDDEN), b.weight("b", 1, 8 * HIDDEN)
    b.node("LSTM", [b.time_major(), w, r, bias], ["", "h"], hidden_size=HIDDEN)
    b.head(b.squeeze("h", [0], "last"), HIDDEN)
    b.save(name)


def scan(name):
    """A leaky sum over time as Scan: a recurrence, but none of ONNX's three."""
    b = Builder(42, 17)
    value = lambda n, s: helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["s", "decay"], ["kept"]),
            helper.make_node("Add", ["kept", "x.step"], ["s.next"]),
        ],
        "step",
        [value("s", [1, COLUMNS]), value("x.step", [1, COLUMNS])],
        [value("s.next", [1, COLUMNS])],
        [numpy_helper.from_array(np.array(0.9, "f4"), "decay")],
    )
    start = b.constant("start", np.zeros((1, COLUMNS)), "f4")
    b.node("Scan", [start, b.time_major()], ["s.last"], body=body, num_scan_inputs=1)
    b.head("s.last", COLUMNS)
    b.save(name)


def function(name):
    """A model-local function around the head."""
    b = Builder(43, 17)
    b.recurrent("LSTM", b.time_major(), ["", "h"], COLUMNS, HIDDEN)
    last = b.squeeze("h", [0], "last")
    w = b.weight("dense.w", HIDDEN, 1, scale=1.2)
    b.nodes.append(helper.make_node("Head", [last, w], ["p"], name="head", domain="local"))
    body = [helper.make_node("MatMul", ["h", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["y"])]
    made = helper.make_function("local", "Head", ["h", "w"], ["y"], body, [helper.make_opsetid("", 17)])
    b.save(name, domains=["local"], functions=[made])


def quantised(name):
    """The plain LSTM after onnxruntime's own dynamic quantisation."""
    from onnxruntime.quantization import quantize_dynamic

    source = FOLDER / f"{name}.source.onnx"
    last_state("LSTM", f"{name}.source", 44, 14)
    quantize_dynamic(source, FOLDER / f"{name}.onnx")
    source.unlink()


def float16_converted(name):
    """The plain LSTM after onnxruntime's converter to float16; its inputs and outputs stay float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    source = FOLDER / f"{name}.source.onnx"
    last_state("LSTM", f"{name}.source", 45, 14)
    onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), FOLDER / f"{name}.onnx")
    source.unlink()


def mixture_if(name):
    """A branch chosen by the data."""
    b = Builder(46, 17)
    b.recurrent("LSTM", b.time_major(), ["", "h"], COLUMNS, HIDDEN)
    z = b.head(b.squeeze("h", [0], "last"), HIDDEN, "z", sigmoid=False)
    zero = b.constant("zero", 0.0, "f4")
    scalar = b.node("Reshape", [z, b.constant("none", [], "i8")], ["z.scalar"])
    condition = b.node("Greater", [scalar, zero], ["is.positive"])
    branch = lambda kind, y: helper.make_graph(
        [helper.make_node(kind, ["z"], [y])], y, [], [helper.make_tensor_value_info(y, TensorProto.FLOAT, [1, 1])]
    )
    b.node("If", [condition], ["p"], then_branch=branch("Sigmoid", "a"), else_branch=branch("Tanh", "c"))
    b.save(name)


NEWEST = onnx.defs.onnx_opset_version()
CASES = {
    "masking-keras3-without": ("masking", without_masking, ""),
    "lstm-opset9": ("lstm", lambda n: last_state("LSTM", n, 21, 9), ""),
    "lstm-opset11": ("lstm", lambda n: last_state("LSTM", n, 22, 11, "reverse"), ""),
    "gru-opset9": ("gru", lambda n: last_state("GRU", n, 23, 9, linear_before_reset=1), ""),
    "rnn-opset9": ("rnn", lambda n: last_state("RNN", n, 24, 9), ""),
    "lstm-opset22": ("lstm", lambda n: last_state("LSTM", n, 25, 22), ""),
    **{
        f"lstm-opset{opset}": ("lstm", lambda n, opset=opset: last_state("LSTM", n, 50 + opset, opset), "")
        for opset in (10, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27)
    },
    "lstm-opset-newest": ("lstm", lambda n: last_state("LSTM", n, 26, NEWEST), ""),
    "gru-reset-before": ("gru", gru_reset_before, ""),
    "gru-both-directions": ("gru", gru_both, ""),
    "gru-hard-sigmoid": ("gru", gru_affine, ""),
    "rnn-clipped": ("rnn", rnn_clipped, ""),
    "lstm-lengths-peepholes": ("lstm", lstm_lengths, ""),
    "unrolled-loop": ("hand-written loops", loop, "a Loop that is no LSTM, GRU or plain recurrence"),
    "unrolled-scan": ("hand-written loops", scan, "a Scan that is none of ONNX's recurrences"),
    "choice-comparison": ("choices", comparison, "a recurrence over comparisons of its input"),
    "choice-branch": ("choices", mixture_if, "a branch that the data chooses"),
    "gated-output": ("product of two layers", gated_output, ""),
    "lstm-float16-converted": ("float16", float16_converted, ""),
    "refused-weights-from-inputs": ("to be refused", weights_from_inputs, "recurrent weights computed from the input"),
    "refused-unknown": ("to be refused", unknown, "an operator without a rule"),
    "refused-domain": ("to be refused", other_domain, "an operator of another domain"),
    "refused-function": ("to be refused", function, "a model-local function"),
    "refused-quantised": ("to be refused", quantised, "DynamicQuantizeLSTM and MatMulInteger"),
}


def cases(only):
    for name, (family, build, note) in CASES.items():
        if only and name not in only:
            continue
        build(name)
        exporter = BY_HAND
        if name in ("refused-quantised", "lstm-float16-converted"):
            import onnxruntime

            exporter += f", then onnxruntime {onnxruntime.__version__}"
        yield Case(name, family, exporter, SEQUENCE, note=note)
