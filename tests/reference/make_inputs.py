"""Writes tests/fixtures/cases/inputs: small networks by hand whose inputs are laid out in every way that is read, with
onnxruntime's outputs, in the format of tests/fixtures/cases/networks. Beside them, in ../heads, four which end
otherwise than in a sigmoid.

    python tests/reference/make_inputs.py

Needs requirements.txt alone. What each input is to the network stands under `treatment`, in the words of the README there.
"""

import json
from itertools import count
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parents[1] / "fixtures/cases/inputs"
KINDS = {"LSTM": 4, "GRU": 3, "RNN": 1}
FLOAT, INT32, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL
INT16, UINT8 = TensorProto.INT16, TensorProto.UINT8
NUMPY = {FLOAT: np.float32, INT16: np.int16, INT32: np.int32, INT64: np.int64, BOOL: np.bool_, UINT8: np.uint8}


class Network:
    """Nodes one after another; weights from a seed of the network's own."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.inputs, self.outputs = [], [], [], []

    def constant(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(self, *shape):
        return self.constant(self.random.normal(0, 0.5, shape).astype(np.float32))

    def node(self, kind, *inputs, n=1, **attributes):
        outputs = [f"{kind.lower()}{len(self.nodes)}.{k}" for k in range(n)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, name=f"{kind.lower()}{len(self.nodes)}", **attributes))
        return outputs[0] if n == 1 else outputs

    def recurrent(self, kind, x, columns, hidden, lengths="", first="", **attributes):
        directions = 2 if attributes.get("direction") == "bidirectional" else 1
        rows = KINDS[kind] * hidden
        weights = [self.weight(directions, rows, columns), self.weight(directions, rows, hidden)]
        bias = self.weight(directions, 2 * rows)
        inputs = [x, *weights, bias, lengths, first]
        while not inputs[-1]:
            inputs.pop()
        return self.node(kind, *inputs, n=2, hidden_size=hidden, **attributes)

    def dense(self, x, columns, numbers=1):
        return self.node("Add", self.node("MatMul", x, self.weight(columns, numbers)), self.weight(numbers))

    def shape(self, x, *shape):
        return self.node("Reshape", x, self.constant(np.array(shape, np.int64)))

    def squeeze(self, x, *axes):
        return self.node("Squeeze", x, self.constant(np.array(axes, np.int64)))

    def unsqueeze(self, x, *axes):
        return self.node("Unsqueeze", x, self.constant(np.array(axes, np.int64)))

    def last_state(self, kind, x, columns, hidden=4, steps_first=False):
        """The last state of a recurrent layer over [1, steps, columns], as [1, hidden]."""
        x = x if steps_first else self.node("Transpose", x, perm=[1, 0, 2])
        return self.squeeze(self.recurrent(kind, x, columns, hidden)[1], 0)

    def finish(self, score, rank=2, opset=17):
        probability = self.node("Sigmoid", score)
        outputs = [helper.make_tensor_value_info(probability, FLOAT, [None] * rank)]
        inputs = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in self.inputs]
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset < 20 else 11)
        model.producer_name = "vitrine fixtures"
        onnx.checker.check_model(model)
        return model


def per_step(kind, axes, columns):
    """Steps first, one number a step."""
    network = Network(len(kind) + columns)
    network.inputs = [("series", FLOAT, [*axes, columns])]
    y, _ = network.recurrent(kind, "series", columns, 5)
    return network.finish(network.dense(network.squeeze(y, 1), 5), 3)


def batch_first(kind, axes, columns):
    """Batch first by a transposition, under names that say nothing."""
    network = Network(20 + columns)
    network.inputs = [("series", FLOAT, [*axes, columns])]
    y, last = network.recurrent(kind, network.node("Transpose", "series", perm=[1, 0, 2]), columns, 4)
    return network.finish(network.dense(network.squeeze(last, 0), 4))


def attention(axes, columns, steps_first, places=0):
    """Nothing recurs: only running it says along which axis it sums. By `places` each of so many steps has numbers of its own."""
    network = Network(31)
    network.inputs = [("series", FLOAT, [*axes, columns])]
    x = "series"
    if places:
        x = network.node("Add", x, network.weight(*([places, 1] if steps_first else [1, places]), columns))
    x = network.node("Transpose", x, perm=[1, 0, 2]) if steps_first else x
    query, key = (network.node("MatMul", x, network.weight(columns, 4)) for _ in range(2))
    scores = network.node("MatMul", query, network.node("Transpose", key, perm=[0, 2, 1]))
    mixed = network.node("MatMul", network.node("Softmax", scores, axis=-1), x)
    return network.finish(network.dense(network.node("ReduceMean", mixed, axes=[1], keepdims=0), columns))


def no_batch(kind, steps, columns):
    network = Network(41)
    network.inputs = [("series", FLOAT, [steps, columns])]
    x = network.node("Unsqueeze", "series", network.constant(np.array([1], np.int64)))
    _, last = network.recurrent(kind, x, columns, 4)
    return network.finish(network.dense(network.shape(last, 1, 4), 4))


def with_length(kind, steps, columns, direction, number):
    """Lengths go into the node itself; every step and the last state are read."""
    network = Network(50 + KINDS[kind])
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("duration", number, [1])]
    lengths = "duration" if number == INT32 else network.node("Cast", "duration", to=INT32)
    x = network.node("Transpose", "events", perm=[1, 0, 2])
    y, last = network.recurrent(kind, x, columns, 3, lengths=lengths, direction=direction)
    n = 6 if direction == "bidirectional" else 3
    all_steps = network.node("ReduceMean", network.node("Transpose", y, perm=[0, 2, 1, 3]), axes=[0], keepdims=0)
    both = network.node("Concat", network.shape(all_steps, 1, n), network.shape(last, 1, n), axis=1)
    return network.finish(network.dense(both, 2 * n))


def with_first_state(kind, steps, columns):
    network = Network(61)
    network.inputs = [("memory", FLOAT, [1, 1, 5]), ("events", FLOAT, [1, steps, columns])]
    x = network.node("Transpose", "events", perm=[1, 0, 2])
    _, last = network.recurrent(kind, x, columns, 5, first="memory")
    return network.finish(network.dense(network.squeeze(last, 0), 5))


def with_truth(kind, steps, columns):
    """Which steps are any is true or false; static numbers and two categories stand beside."""
    network = Network(71)
    network.inputs = [
        ("is_step", BOOL, [1, steps]),
        ("events", FLOAT, [1, steps, columns]),
        ("person", FLOAT, [1, 3]),
        ("wards", INT64, [1, 2]),
    ]
    y, _ = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    hours = network.node("Transpose", network.squeeze(y, 1), perm=[1, 0, 2])
    mask = network.shape(network.node("Cast", "is_step", to=FLOAT), 1, steps, 1)
    pooled = network.node("ReduceMax", network.node("Mul", hours, mask), axes=[1], keepdims=0)
    wards = network.shape(network.node("Gather", network.weight(6, 2), "wards"), 1, 4)
    return network.finish(network.dense(network.node("Concat", pooled, "person", wards, axis=1), 11))


def with_gaps(kind, steps, columns):
    """Time gaps as rows of one number, steps first, beside values and masks."""
    network = Network(81)
    shape = [steps, 1, columns]
    network.inputs = [("values", FLOAT, shape), ("seen", FLOAT, shape), ("since", FLOAT, [steps, 1])]
    gaps = network.node("Unsqueeze", "since", network.constant(np.array([2], np.int64)))
    x = network.node("Concat", "values", "seen", gaps, axis=2)
    _, last = network.recurrent(kind, x, 2 * columns + 1, 4)
    return network.finish(network.dense(network.squeeze(last, 0), 4))


def channels_first(columns, steps):
    """A convolution says which axis is walked along."""
    network = Network(91)
    network.inputs = [("leads", FLOAT, [1, columns, steps])]
    x = network.node("Conv", "leads", network.weight(4, columns, 3), network.weight(4), pads=[1, 1], strides=[2])
    pooled = network.node("ReduceMean", network.node("Relu", x), axes=[2], keepdims=0)
    return network.finish(network.dense(pooled, 4))


def flattened(columns, steps):
    """Nothing says which of two equal axes is that of the steps, but the manifest."""
    network = Network(101)
    network.inputs = [("grid", FLOAT, [1, columns, steps])]
    hidden = network.node("Tanh", network.dense(network.shape("grid", 1, columns * steps), columns * steps, 4))
    return network.finish(network.dense(hidden, 4))


def static_as_wide(kind, steps, columns):
    """As many static numbers as there are steps: only the manifest says that they are none of a step."""
    network = Network(111)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("person", FLOAT, [1, steps])]
    _, last = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    return network.finish(network.dense(network.node("Concat", network.squeeze(last, 0), "person", axis=1), 4 + steps))


def unclear(steps, columns):
    """A second input that has no meaning here."""
    network = Network(121)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("scan", FLOAT, [1, 3, 4, 2, 2])]
    flat = network.node("Concat", network.shape("events", 1, steps * columns), network.shape("scan", 1, 48), axis=1)
    return network.finish(network.dense(flat, steps * columns + 48))


def reversed_by_length(kind, steps, columns):
    """As many steps as the stay has are turned around, as exporters write it around a layer that goes backwards."""
    network = Network(131)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("n", INT64, [1])]
    turned = network.node("ReverseSequence", "events", "n", batch_axis=0, time_axis=1)
    y, last = network.recurrent(kind, network.node("Transpose", turned, perm=[1, 0, 2]), columns, 4)
    back = network.node("ReverseSequence", network.squeeze(y, 1), "n", batch_axis=1, time_axis=0)
    pooled = network.node("ReduceMax", back, axes=[0], keepdims=0)
    return network.finish(network.dense(network.node("Concat", pooled, network.squeeze(last, 0), axis=1), 8))


def with_one_hot(kind, steps, columns):
    """A stream of codes as one-hot columns, made inside the network, and a category beside."""
    network = Network(141)
    network.inputs = [("codes", INT64, [1, steps]), ("events", FLOAT, [1, steps, columns]), ("ward", INT64, [1, 1])]
    two = lambda: network.constant(np.array([-0.5, 1.5], np.float32))
    depth = lambda n: network.constant(np.array(n, np.int64))
    hot = network.node("OneHot", "codes", depth(6), two(), axis=1)
    x = network.node("Concat", network.node("Transpose", hot, perm=[0, 2, 1]), "events", axis=2)
    _, last = network.recurrent(kind, network.node("Transpose", x, perm=[1, 0, 2]), columns + 6, 4)
    ward = network.shape(network.node("OneHot", "ward", depth([7]), two()), 1, 7)
    return network.finish(network.dense(network.node("Concat", network.squeeze(last, 0), ward, axis=1), 11))


def with_bytes(kind, steps, columns):
    """A mask of bytes, which is a condition and a factor, and a category in 16 bits."""
    network = Network(151)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("is_step", UINT8, [1, steps]), ("ward", INT16, [1, 1])]
    y, _ = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    hours = network.node("Transpose", network.squeeze(y, 1), perm=[1, 0, 2])
    is_step = network.shape(network.node("Cast", "is_step", to=BOOL), 1, steps, 1)
    never = network.constant(np.array(-2, np.float32))
    most = network.node("ReduceMax", network.node("Where", is_step, hours, never), axes=[1], keepdims=0)
    factor = network.shape(network.node("Cast", "is_step", to=FLOAT), 1, steps, 1)
    sum = network.node("ReduceSum", network.node("Mul", hours, factor), network.constant(np.array([1])), keepdims=0)
    ward = network.shape(network.node("Gather", network.weight(6, 2), network.node("Cast", "ward", to=INT64)), 1, 2)
    return network.finish(network.dense(network.node("Concat", most, sum, ward, axis=1), 10))


def counted():
    """Names of open axes as tf2onnx gives them: a number each."""
    numbers = count(1)
    return lambda name, axis: f"unk__{next(numbers)}"


def by_input(name, axis):
    """As torch names them of axes that were listed: after the input."""
    return f"{name}_dim_{axis}"


def by_input_or_names(**names):
    """The same, but of inputs whose axes were given names."""
    return lambda name, axis: names[name][axis] if name in names else f"{name}_dynamic_axes_{axis + 1}"


def with_open_axes(kind, columns, named, turned=False):
    """No two inputs have the name of an axis in common, or some have; the mask has the batch in front, or is turned."""
    network = Network(241)
    network.inputs = [
        ("events", FLOAT, [named("events", 0), named("events", 1), columns]),
        ("seen", FLOAT, [named("seen", 0), named("seen", 1), columns]),
        ("is_step", FLOAT, [named("is_step", 0), named("is_step", 1)]),
        ("person", FLOAT, [named("person", 0), 3]),
    ]
    values = network.node("Concat", "events", "seen", axis=2)
    is_step = network.node("Transpose", "is_step", perm=[1, 0]) if turned else "is_step"
    values = network.node("Mul", values, network.unsqueeze(is_step, 2))
    state = network.last_state(kind, values, 2 * columns)
    return network.finish(network.dense(network.node("Concat", state, "person", axis=1), 7))


def attention_with_open_axes(columns, named):
    """Steps first, and a mask with the batch in front, as a Transformer has them: no layer goes along either."""
    network = Network(251)
    network.inputs = [
        ("events", FLOAT, [named("events", 0), named("events", 1), columns]),
        ("is_padding", BOOL, [named("is_padding", 0), named("is_padding", 1)]),
    ]
    x = network.node("Transpose", "events", perm=[1, 0, 2])
    query, key = (network.node("MatMul", x, network.weight(columns, 4)) for _ in range(2))
    scores = network.node("MatMul", query, network.node("Transpose", key, perm=[0, 2, 1]))
    never = network.constant(np.array(-1e4, np.float32))
    scores = network.node("Where", network.unsqueeze("is_padding", 1), never, scores)
    mixed = network.node("MatMul", network.node("Softmax", scores, axis=-1), x)
    return network.finish(network.dense(network.node("ReduceMean", mixed, axes=[1], keepdims=0), columns))


def masked_states(kind, columns, turned=False, of_one=False):
    """A mask of hidden states: no layer goes along its axes. By `of_one` the exporter wrote the batch of 1 into the network."""
    network = Network(261)
    axes = lambda name: [by_input(name, 0), by_input(name, 1)]
    network.inputs = [("events", FLOAT, [*axes("events"), columns]), ("is_step", FLOAT, axes("is_step"))]
    y, _ = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    is_step = "is_step" if turned else network.node("Transpose", "is_step", perm=[1, 0])
    hours = network.node("Mul", network.squeeze(y, 1), network.unsqueeze(is_step, 2))
    pooled = network.node("ReduceMean", hours, axes=[0], keepdims=0)
    return network.finish(network.dense(network.shape(pooled, 1, 4) if of_one else pooled, 4))


def open_length(kind, columns):
    """A length without a name for its axis is one a stay."""
    network = Network(271)
    network.inputs = [
        ("events", FLOAT, [by_input("events", 0), by_input("events", 1), columns]),
        ("duration", INT32, [by_input("duration", 0)]),
    ]
    x = network.node("Transpose", "events", perm=[1, 0, 2])
    _, last = network.recurrent(kind, x, columns, 3, lengths="duration")
    return network.finish(network.dense(network.squeeze(last, 0), 3))


def cancelling(kind, columns):
    """A Gaussian process of points that nearly coincide: its weights are so large that single precision has nothing of the sum."""
    network = Network(281)
    network.inputs = [("events", FLOAT, [1, 7, columns])]
    state = network.last_state(kind, "events", columns)
    points = np.repeat(network.random.normal(0, 0.5, (12, 4)), 2, axis=0)
    points[1::2] += 1e-6
    apart = network.node("Sub", network.unsqueeze(state, 1), network.constant(points.astype(np.float32)[None]))
    squares = network.node("ReduceSum", network.node("Mul", apart, apart), network.constant(np.array([2])), keepdims=0)
    near = network.node("Exp", network.node("Neg", squares))
    alpha = np.tile(np.array([1e8, -1e8], np.float32), 12)[:, None]
    return network.finish(network.node("MatMul", near, network.constant(alpha)))


def with_padding(kind, steps, columns):
    """Which hours are valid, turned round by the network: what is padding is masked."""
    network = Network(231)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("valid", BOOL, [1, steps])]
    y, _ = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    hours = network.node("Transpose", network.squeeze(y, 1), perm=[1, 0, 2])
    is_padding = network.shape(network.node("Not", "valid"), 1, steps, 1)
    never = network.constant(np.array(-2, np.float32))
    return network.finish(
        network.dense(network.node("ReduceMax", network.node("Where", is_padding, never, hours), axes=[1], keepdims=0), 4)
    )


def shuffled(kind, steps, columns):
    """LSTM-FCN (Karim 2018): a recurrent layer goes along the columns, a convolution along the steps."""
    network = Network(161)
    network.inputs = [("series", FLOAT, [1, steps, columns])]
    turned = network.node("Transpose", "series", perm=[0, 2, 1])
    state = network.last_state(kind, turned, steps)
    places = network.node("Relu", network.node("Conv", turned, network.weight(5, columns, 3), network.weight(5), pads=[1, 1]))
    pooled = network.node("ReduceMean", places, axes=[2], keepdims=0)
    return network.finish(network.dense(network.node("Concat", state, pooled, axis=1), 9))


def two_rates(kind, fast, slow, codes=False, attends=False):
    """A second sequence of other steps, with a layer of its own."""
    network = Network(171)
    network.inputs = [("events", FLOAT, [1, *fast]), ("slow", INT64 if codes else FLOAT, [1, *slow])]
    x = network.node("Gather", network.weight(6, 3), "slow") if codes else "slow"
    width = 3 if codes else slow[1]
    if attends:
        scores = network.node("MatMul", x, network.node("Transpose", x, perm=[0, 2, 1]))
        mixed = network.node("MatMul", network.node("Softmax", scores, axis=-1), x)
        other = network.node("ReduceMean", mixed, axes=[1], keepdims=0)
    else:
        other, width = network.last_state(kind, x, width), 4
    both = network.node("Concat", network.last_state(kind, "events", fast[1]), other, axis=1)
    return network.finish(network.dense(both, 4 + width))


def crossed(kind, layers):
    """Two sequences of a size, or of two: each layer goes along the axis that it names, whatever is as long by chance."""
    network = Network(181)
    network.inputs = [(name, FLOAT, [1, *shape]) for name, shape, _ in layers]
    states = []
    for name, shape, axis in layers:
        turned = network.node("Transpose", name, perm=[0, 2, 1]) if axis == 2 else name
        if kind == "Conv":
            channels = shape[axis % 2]
            places = network.node("Conv", name if axis == 2 else network.node("Transpose", name, perm=[0, 2, 1]), network.weight(4, channels, 3))
            states.append(network.node("ReduceMax", network.node("Tanh", places), axes=[2], keepdims=0))
        else:
            states.append(network.last_state(kind, turned, shape[axis % 2]))
    return network.finish(network.dense(network.node("Concat", *states, axis=1), 4 * len(states)))


def unrolled(kind, columns, steps, axis, how, of="values"):
    """A cell in a loop that the exporter unrolled: no node goes along the steps, which are picked one by one. It reads the
    values, the differences between two steps, or what a decay carries forward."""
    network = Network(211)
    network.inputs = [("series", FLOAT, [1, steps, columns] if axis == 1 else [1, columns, steps])]
    integers = lambda *numbers: network.constant(np.array(numbers, np.int64))
    if how == "Split":
        sizes = integers(*[1] * steps)
        each = [network.squeeze(part, axis) for part in network.node("Split", "series", sizes, n=steps, axis=axis)]
    elif how == "Gather":
        each = [network.node("Gather", "series", network.constant(np.int64(t)), axis=axis) for t in range(steps)]
    else:
        part = lambda t: network.node("Slice", "series", integers(t), integers(t + 1), integers(axis))
        each = [network.squeeze(part(t), axis) for t in range(steps)]
    if of == "differences":
        each = [network.node("Sub", now, before) for before, now in zip(each, each[1:])]
    elif of == "carried":
        kept = network.constant(np.array([0.6], np.float32))
        for t in range(1, steps):
            each[t] = network.node("Add", each[t], network.node("Mul", kept, each[t - 1]))
    weights = [(network.weight(columns, 4), network.weight(4, 4), network.weight(4)) for _ in range(KINDS[kind])]

    def gate(k, function, x, h):
        w, u, b = weights[k]
        score = network.node("Add", network.node("MatMul", x, w), b)
        return network.node(function, score if h is None else network.node("Add", score, network.node("MatMul", h, u)))

    h = c = None
    for x in each:
        if kind == "RNN":
            h = gate(0, "Tanh", x, h)
        elif kind == "GRU":
            z, n = gate(0, "Sigmoid", x, h), gate(1, "Tanh", x, h)
            h = network.node("Mul", z, n if h is None else network.node("Sub", n, h))
        else:
            i, f, o, g = (gate(k, "Tanh" if k == 3 else "Sigmoid", x, h) for k in range(4))
            new = network.node("Mul", i, g)
            c = new if c is None else network.node("Add", network.node("Mul", f, c), new)
            h = network.node("Mul", o, network.node("Tanh", c))
    return network.finish(network.dense(h, 4))


def each_column(steps, columns, joins):
    """A part for each column, over all steps, and their sum: no loop along the columns."""
    network = Network(221)
    network.inputs = [("series", FLOAT, [1, steps, columns])]
    place = lambda k: network.constant(np.int64(k))
    each = [network.node("Gather", "series", place(k), axis=2) for k in range(columns)]
    each = [network.node("Tanh", network.dense(x, steps, 4)) for x in each]
    total = each[0]
    for part in each[1:]:
        total = network.node("Add", total, part)
    if joins == "sum":
        return network.finish(network.dense(total, 4))
    return network.finish(network.dense(network.node("Concat", *each, axis=1), 4 * columns))


def two_grids(n):
    """Numbers and which of them were observed, of one layout."""
    network = Network(201)
    network.inputs = [(name, FLOAT, [1, n, n]) for name in ("grid", "seen")]
    seen = network.node("Flatten", network.node("Mul", "grid", "seen"), axis=1)
    return network.finish(network.dense(network.node("Tanh", network.dense(seen, n * n, 5)), 5))


def with_unread(kind, shape, unread):
    """An input beside the sequence that nothing reads."""
    network = Network(191)
    network.inputs = [("events", FLOAT, [1, *shape])]
    network.inputs.insert(0 if len(unread) == 3 else 1, ("unread", FLOAT, unread))
    return network.finish(network.dense(network.last_state(kind, "events", shape[1]), 4))


def signal_conv(steps, names=(1,)):
    """A signal of one number a step, before a convolution."""
    network = Network(181)
    network.inputs = [("ecg", FLOAT, [*names, steps])]
    x = network.unsqueeze("ecg", 1)
    x = network.node("Conv", x, network.weight(4, 1, 5), network.weight(4), strides=[2])
    return network.finish(network.dense(network.node("ReduceMax", network.node("Relu", x), axes=[2], keepdims=0), 4))


def two_leads(steps):
    """Two signals, joined as channels."""
    network = Network(191)
    network.inputs = [("i", FLOAT, [1, steps]), ("ii", FLOAT, [1, steps])]
    x = network.node("Concat", network.unsqueeze("i", 1), network.unsqueeze("ii", 1), axis=1)
    x = network.node("Conv", x, network.weight(4, 2, 5), network.weight(4), pads=[2, 2])
    return network.finish(network.dense(network.node("ReduceMax", network.node("Relu", x), axes=[2], keepdims=0), 4))


def signal(kind, steps, how, direction="forward"):
    """A signal of one number a step, before a recurrent layer, by every way to add an axis."""
    network = Network(201 + KINDS[kind])
    rank_1 = how == "rank 1"
    network.inputs = [("ecg", FLOAT, [steps] if rank_1 else [1, steps])]
    if how == "shapes":
        batch = network.node("Gather", network.node("Shape", "ecg"), network.constant(np.array([0], np.int64)))
        wanted = network.node("Concat", batch, network.constant(np.array([-1, 1], np.int64)), axis=0)
        x = network.node("Transpose", network.node("Reshape", "ecg", wanted), perm=[1, 0, 2])
    elif how == "flat":
        x = network.node("Transpose", network.unsqueeze(network.node("Flatten", "ecg"), 2), perm=[1, 0, 2])
    else:
        x = network.shape("ecg", steps, 1, 1)
    width = 8 if direction == "bidirectional" else 4
    y, _ = network.recurrent(kind, x, 1, 4, direction=direction)
    y = network.node("Transpose", y, perm=[2, 0, 1, 3])
    pooled = network.node("ReduceMean", network.shape(y, 1, steps, width), axes=[1], keepdims=0)
    return network.finish(network.dense(pooled, width), opset=11 if how == "opset 11" else 17)


def folded(kind, steps, columns):
    """A flat input that the network folds into steps: nothing says whether it is a signal or a stay."""
    network = Network(211)
    network.inputs = [("flat", FLOAT, [1, steps * columns])]
    return network.finish(network.dense(network.last_state(kind, network.shape("flat", 1, steps, columns), columns), 4))


def numbers_made(columns):
    """What a dense layer made is folded into steps: the input is numbers as before."""
    network = Network(221)
    network.inputs = [("numbers", FLOAT, [1, columns])]
    made = network.shape(network.node("Tanh", network.dense("numbers", columns, 12)), 1, 3, 4)
    x = network.node("Conv", made, network.weight(2, 3, 3), network.weight(2))
    return network.finish(network.dense(network.shape(x, 1, 4), 4))


def no_batch_channels_first(columns, steps):
    network = Network(231)
    network.inputs = [("leads", FLOAT, [columns, steps])]
    x = network.node("Conv", network.unsqueeze("leads", 0), network.weight(4, columns, 3), network.weight(4))
    return network.finish(network.dense(network.node("ReduceMean", network.node("Relu", x), axes=[2], keepdims=0), 4))


def tall_kernel(steps, columns):
    """DeepConvLSTM (Ordonez 2016): kernels of a picture that are wide along the steps alone."""
    network = Network(241)
    network.inputs = [("series", FLOAT, [1, 1, steps, columns])]
    x = network.node("Relu", network.node("Conv", "series", network.weight(2, 1, 3, 1), network.weight(2)))
    x = network.node("Transpose", x, perm=[0, 2, 1, 3])
    x = network.shape(x, 1, steps - 2, 2 * columns)
    return network.finish(network.dense(network.last_state("GRU", x, 2 * columns), 4))


def blocks(kind, steps, rows, columns):
    """A picture a step, folded to its numbers before a recurrent layer."""
    network = Network(251)
    network.inputs = [("maps", FLOAT, [1, steps, rows, columns])]
    x = network.shape("maps", 0, 0, -1)
    return network.finish(network.dense(network.last_state(kind, x, rows * columns), 4))


def blocks_steps_first(kind, steps, rows, columns):
    """The same, [steps, batch, rows, columns]."""
    network = Network(252)
    network.inputs = [("maps", FLOAT, [steps, 1, rows, columns])]
    x = network.shape("maps", 0, 0, -1)
    return network.finish(network.dense(network.last_state(kind, x, rows * columns, steps_first=True), 4))


def parts(kind, n, steps, columns, turned=False):
    """Values, masks and gaps as parts of one input, [batch, part, steps, columns], side by side before a layer."""
    network = Network(255)
    network.inputs = [("stacked", FLOAT, [1, n, steps, columns])]
    if kind == "Conv":
        x = network.node("Relu", network.node("Conv", "stacked", network.weight(4, n, 3, 1), network.weight(4)))
        return network.finish(network.dense(network.node("ReduceMean", x, axes=[2, 3], keepdims=0), 4))
    if turned:
        x = network.shape(network.node("Transpose", "stacked", perm=[0, 2, 1, 3]), 1, steps, n * columns)
    else:
        place = lambda part: network.constant(np.array(part, np.int64))
        own = [network.node("Gather", "stacked", place(part), axis=1) for part in range(n)]
        x = network.node("Concat", *own, axis=2)
    return network.finish(network.dense(network.last_state(kind, x, n * columns), 4))


def parts_attended(n, steps, columns):
    """The same before attention: nothing goes along an axis, and no shape says what each is."""
    network = Network(256)
    network.inputs = [("stacked", FLOAT, [1, n, steps, columns])]
    own = [network.node("Gather", "stacked", network.constant(np.array(part, np.int64)), axis=1) for part in range(n)]
    x = network.node("Concat", *own, axis=2)
    query, key = (network.node("MatMul", x, network.weight(n * columns, 4)) for _ in range(2))
    scores = network.node("MatMul", query, network.node("Transpose", key, perm=[0, 2, 1]))
    mixed = network.node("MatMul", network.node("Softmax", scores, axis=-1), x)
    return network.finish(network.dense(network.node("ReduceMean", mixed, axes=[1], keepdims=0), n * columns))


def summed_first(kind, columns, steps, how):
    """Channels first, turned by a sum over letters before a recurrent layer, or by picking steps apart and stacking them."""
    network = Network(257)
    network.inputs = [("series", FLOAT, [1, columns, steps])]
    if how == "letters":
        x = network.node("Einsum", "series", network.weight(columns, columns), equation="bct,cd->btd")
    else:
        picked = network.node("Split", "series", network.constant(np.ones(steps, np.int64)), n=steps, axis=2)
        x = network.node("Concat", *(network.unsqueeze(network.squeeze(one, 2), 1) for one in picked), axis=1)
    return network.finish(network.dense(network.last_state(kind, x, columns), 4))


def over_nodes(kind, steps, nodes, columns, how):
    """A graph's nodes are mixed at each step before a recurrent layer."""
    network = Network(258)
    network.inputs = [("maps", FLOAT, [1, steps, nodes, columns])]
    if how == "letters":
        x = network.node("Einsum", network.weight(nodes, nodes), "maps", equation="nm,btmc->btnc")
    else:
        x = network.node("MatMul", network.weight(nodes, nodes), "maps")
    if how == "rows":
        # One dense layer over the nodes of all steps in one axis, as onnxsim writes it.
        rows = network.node("Gemm", network.shape(x, -1, columns), network.weight(columns, 3), network.weight(3))
        x = network.shape(rows, 1, steps, nodes, 3)
    else:
        x = network.dense(x, columns, 3)
    x = network.shape(network.node("Relu", x), 0, 0, -1)
    return network.finish(network.dense(network.last_state(kind, x, 3 * nodes), 4))


def hours_and_days(kind, days, hours, columns):
    """One layer over the hours of each day, and one over the days: either may be the steps."""
    network = Network(264)
    network.inputs = [("week", FLOAT, [1, days, hours, columns])]
    each = network.last_state(kind, network.shape("week", days, hours, columns), columns)
    return network.finish(network.dense(network.last_state(kind, network.shape(each, 1, days, 4), 4), 4))


def each_step_by_itself(kind, steps, hours, columns):
    """One convolution over the hours of each step, written out step by step, and a layer over the steps (Keras:
    TimeDistributed). Either axis may be the steps."""
    network = Network(268)
    network.inputs = [("week", FLOAT, [1, steps, hours, columns])]
    kernel, bias = network.weight(3, columns, 3), network.weight(3)
    number = lambda *numbers: network.constant(np.array(numbers, np.int64))
    states = []
    for step in range(steps):
        one = network.squeeze(network.node("Slice", "week", number(step), number(step + 1), number(1)), 1)
        made = network.node("Conv", network.node("Transpose", one, perm=[0, 2, 1]), kernel, bias)
        states.append(network.unsqueeze(network.node("ReduceMax", network.node("Relu", made), axes=[2], keepdims=0), 1))
    return network.finish(network.dense(network.last_state(kind, network.node("Concat", *states, axis=1), 3), 4))


def flat_columns_first(kind, steps, columns):
    """A flat input of all steps of a column, and of the next."""
    network = Network(269)
    network.inputs = [("flat", FLOAT, [1, steps * columns])]
    turned = network.node("Transpose", network.shape("flat", 1, columns, steps), perm=[0, 2, 1])
    return network.finish(network.dense(network.last_state(kind, turned, columns), 4))


def flat_dense(steps, columns):
    """A dense layer over all numbers of a stay, as scikit-learn has it."""
    network = Network(270)
    network.inputs = [("flat", FLOAT, [1, steps * columns])]
    return network.finish(network.dense(network.node("Tanh", network.dense("flat", steps * columns, 5)), 5))


def of_one_length(steps, columns, in_front):
    """Attention over steps that are called open, with the number of steps of the example in its reshapes, as TorchScript writes
    every nn.MultiheadAttention; in_front is whether a step of the network's own stands before them."""
    network = Network(272)
    network.inputs = [("series", FLOAT, ["batch", "steps", columns])]
    x = network.dense("series", columns, 4)
    if in_front:
        x = network.node("Concat", network.weight(1, 1, 4), x, axis=1)
    n = steps + in_front
    heads = lambda y: network.node("Transpose", network.shape(y, n, 2, 2), perm=[1, 0, 2])
    query, key, value = (heads(network.node("MatMul", x, network.weight(4, 4))) for _ in range(3))
    shares = network.node("Softmax", network.node("MatMul", query, network.node("Transpose", key, perm=[0, 2, 1])), axis=-1)
    mixed = network.shape(network.node("Transpose", network.node("MatMul", shares, value), perm=[1, 0, 2]), 1, n, 4)
    return network.finish(network.dense(network.node("ReduceMean", mixed, axes=[1], keepdims=0), 4))


def with_places(kind, steps, columns, is_cut):
    """A table of places that is as long as the longest stay, added as it is or cut to the steps of the stay."""
    network = Network(273)
    network.inputs = [("series", FLOAT, ["batch", "steps", columns])]
    table = network.weight(1, steps, columns)
    if is_cut:
        number = lambda n: network.constant(np.array([n], np.int64))
        length = network.node("Gather", network.node("Shape", "series"), number(1))
        table = network.node("Slice", table, number(0), length, number(1))
    x = network.node("Add", "series", table)
    return network.finish(network.dense(network.last_state(kind, x, columns), 4))


def gated_channels(columns):
    """Channels first with open steps and no layer along them: the axis whose length is given has the columns."""
    network = Network(274)
    network.inputs = [("leads", FLOAT, ["batch", columns, "steps"])]
    gate = network.node("Sigmoid", network.dense(network.node("ReduceMean", "leads", axes=[2], keepdims=0), columns, columns))
    gated = network.node("Mul", "leads", network.unsqueeze(gate, 2))
    return network.finish(network.dense(network.node("ReduceMean", network.node("Tanh", gated), axes=[2], keepdims=0), columns))


def by_the_batch(kind, steps, columns):
    """Batch normalisation by the numbers of the batch, as a layer without a running mean has it."""
    network = Network(275)
    network.inputs = [("series", FLOAT, [1, steps, columns])]
    x = network.node("Transpose", "series", perm=[0, 2, 1])
    means = [network.node("ReduceMean", y, axes=[0, 2], keepdims=0) for y in (x, network.node("Mul", x, x))]
    scale, bias = network.constant(np.ones(columns, np.float32)), network.constant(np.zeros(columns, np.float32))
    x = network.node("BatchNormalization", x, scale, bias, *means, n=3, training_mode=1)[0]
    x = network.node("Transpose", x, perm=[0, 2, 1])
    return network.finish(network.dense(network.last_state(kind, x, columns), 4))


def rooted(kind, steps, columns):
    """Roots and logarithms of gaps: most made-up numbers have none."""
    network = Network(265)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("gaps", FLOAT, [1, steps, 1])]
    logarithm = network.node("Log", network.node("Add", "gaps", network.constant(np.array(1e-3, np.float32))))
    x = network.node("Concat", "events", network.node("Sqrt", "gaps"), logarithm, axis=2)
    return network.finish(network.dense(network.last_state(kind, x, columns + 2), 4))


def as_many_classes(kind, steps, columns):
    """As many classes of the last state as there are steps."""
    network = Network(266)
    network.inputs = [("series", FLOAT, [1, steps, columns])]
    return network.finish(network.dense(network.last_state(kind, "series", columns), 4, steps))


def scan_in_one_pass(steps, columns, hidden=12):
    """A gated recurrence as two running sums (minLSTM): what is summed grows without bound, and is scaled back. With this
    seed one of the sums comes near zero."""
    network = Network(259)
    network.inputs = [("series", FLOAT, [1, steps, columns])]
    forget, write, value = (network.dense("series", columns, hidden) for _ in range(3))
    along = network.constant(np.array(1, np.int64))
    kept = network.node("CumSum", network.node("Neg", network.node("Softplus", network.node("Neg", forget))), along)
    terms = network.node("Mul", network.node("Exp", network.node("Neg", kept)), network.node("Mul", network.node("Sigmoid", write), value))
    states = network.node("Mul", network.node("Exp", kept), network.node("CumSum", terms, along))
    last = network.node("Gather", states, network.constant(np.array(steps - 1, np.int64)), axis=1)
    return network.finish(network.dense(last, hidden))


def as_wide(kind, steps, columns, use):
    """As many numbers beside as there are steps, used as those of the stay or as those of its steps."""
    network = Network(261 + len(use))
    number = INT64 if use.startswith("codes") else FLOAT
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("beside", number, [1, steps])]
    sequence, width = "events", columns
    as_column = lambda: network.unsqueeze("beside", 2)
    vectors = lambda: network.node("Gather", network.weight(6, 2), "beside")
    if use == "column":
        sequence, width = network.node("Concat", "events", as_column(), axis=2), columns + 1
    if use == "codes of steps":
        sequence, width = network.node("Concat", "events", vectors(), axis=2), columns + 2
    if use == "repeated":
        repeated = network.node("Expand", network.unsqueeze("beside", 1), network.constant(np.array([1, steps, steps])))
        sequence, width = network.node("Concat", "events", repeated, axis=2), columns + steps
    if use == "flat":
        flat = network.node("Concat", network.shape("events", 1, steps * columns), "beside", axis=1)
        return network.finish(network.dense(network.node("Tanh", network.dense(flat, steps * (columns + 1), 5)), 5))
    y, last = network.recurrent(kind, network.node("Transpose", sequence, perm=[1, 0, 2]), width, 4)
    hours = network.node("Transpose", network.squeeze(y, 1), perm=[1, 0, 2])
    state, width = network.squeeze(last, 0), 4
    if use == "dense":
        state = network.node("Concat", state, network.node("Relu", network.dense("beside", steps, 3)), axis=1)
        width += 3
    if use in ("joined", "last step"):
        end = state if use == "joined" else network.node("Gather", hours, network.constant(np.array(-1)), axis=1)
        state, width = network.node("Concat", end, "beside", axis=1), width + steps
    if use == "codes of the stay":
        state, width = network.node("Concat", state, network.shape(vectors(), 1, 2 * steps), axis=1), width + 2 * steps
    if use == "gain":
        gain = network.unsqueeze(network.node("Sigmoid", network.dense("beside", steps, 4)), 1)
        state = network.node("ReduceMean", network.node("Mul", hours, gain), axes=[1], keepdims=0)
    if use == "hidden":
        scores = network.node("MatMul", hours, network.node("Transpose", hours, perm=[0, 2, 1]))
        is_hidden = network.node("Less", network.unsqueeze("beside", 1), network.constant(np.array(0.5, np.float32)))
        scores = network.node("Where", is_hidden, network.constant(np.array(-1e9, np.float32)), scores)
        state = network.node("ReduceMean", network.node("MatMul", network.node("Softmax", scores, axis=-1), hours), axes=[1], keepdims=0)
    if use == "decay":
        last = network.node("Slice", "beside", *(network.constant(np.array([k])) for k in (steps - 1, steps, 1)))
        weights = network.node("Exp", network.node("Sub", "beside", last))
        shares = network.node("Div", weights, network.node("ReduceSum", weights, network.constant(np.array([1]))))
        mixed = network.node("Mul", hours, network.unsqueeze(shares, 2))
        state = network.node("ReduceSum", mixed, network.constant(np.array([1])), keepdims=0)
    return network.finish(network.dense(state, width))


def rotary(steps, columns):
    """Queries and keys are turned by places that come in with the stay."""
    network = Network(271)
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("places", INT64, [1, steps])]
    angles = np.outer(np.arange(9), [1, 0.3])
    tables = [network.constant(part(angles).astype(np.float32)) for part in (np.cos, np.sin)]
    parts = [network.node("MatMul", "events", network.weight(columns, 8)) for _ in range(3)]
    turned = [network.node("RotaryEmbedding", part, *tables, "places", num_heads=2) for part in parts[:2]]
    y = network.node("Attention", *turned, parts[2], q_num_heads=2, kv_num_heads=2)
    pooled = network.node("ReduceMean", y, network.constant(np.array([1])), keepdims=0)
    return network.finish(network.dense(pooled, 8), opset=23)


def with_one_number(kind, steps, columns, use):
    """One whole number of the stay, as a length, as a code, or as an amount. All are int64 [1]."""
    network = Network(281 + len(use))
    network.inputs = [("events", FLOAT, [1, steps, columns]), ("number", FLOAT if use == "float mask" else INT64, [1])]
    y, last = network.recurrent(kind, network.node("Transpose", "events", perm=[1, 0, 2]), columns, 4)
    hours, state = network.node("Transpose", network.squeeze(y, 1), perm=[1, 0, 2]), network.squeeze(last, 0)
    whole = lambda *numbers: network.constant(np.array(numbers, np.int64))
    amount = lambda: network.unsqueeze(network.node("Cast", "number", to=FLOAT), 1)
    total = lambda of: network.node("ReduceSum", of, whole(1), keepdims=0)
    joined = lambda beside, width: network.dense(network.node("Concat", state, beside, axis=1), 4 + width)
    if use == "divisor":
        return network.finish(network.dense(network.node("Div", total(hours), amount()), 4))
    if use in ("mask", "float mask"):
        places = network.constant(np.arange(steps, dtype=np.float32 if use == "float mask" else np.int64)[None])
        is_read = network.node("Less", places, network.unsqueeze("number", 1))
        read = network.node("Mul", hours, network.unsqueeze(network.node("Cast", is_read, to=FLOAT), 2))
        return network.finish(network.dense(network.node("Div", total(read), amount()), 4))
    if use == "last step":
        at = network.node("Expand", network.unsqueeze(network.node("Sub", "number", whole(1)), 1, 2), whole(1, 1, 4))
        return network.finish(network.dense(network.squeeze(network.node("GatherElements", hours, at, axis=1), 1), 4))
    if use == "looked up":
        return network.finish(joined(network.node("Gather", network.weight(6, 3), "number"), 3))
    if use == "one hot":
        return network.finish(joined(network.node("OneHot", "number", whole(6), network.constant(np.array([0, 1], np.float32))), 6))
    if use == "equal":
        equal = network.node("Equal", network.unsqueeze("number", 1), whole(*range(5)))
        return network.finish(joined(network.node("Cast", equal, to=FLOAT), 5))
    if use == "limit":
        above = network.node("Greater", network.unsqueeze("number", 1), whole(3))
        return network.finish(joined(network.node("Cast", above, to=FLOAT), 1))
    scaled = network.node("Div", network.node("Sub", amount(), network.weight(1)), network.constant(np.array(2, np.float32)))
    return network.finish(joined(scaled, 1))


def whole_values(kind, steps, columns):
    """Measured values that are whole numbers: the network makes others of them."""
    network = Network(301)
    network.inputs = [("counts", INT64, [1, steps, columns])]
    x = network.node("Mul", network.node("Cast", "counts", to=FLOAT), network.constant(np.array(0.2, np.float32)))
    return network.finish(network.dense(network.last_state(kind, x, columns), 4))


SEQUENCE, FIRST = "sequence", "sequence, steps first"
CASES = [
    ("gru-time-patients", per_step("GRU", ("time", "patients"), 4), {"series": [9, 1, 4]}, {"series": FIRST}, True),
    ("rnn-named-batch-first", per_step("RNN", ("batch", "seq"), 3), {"series": [7, 1, 3]}, {"series": FIRST}, True),
    ("lstm-benchmark-steps-first", per_step("LSTM", ("T", "N"), 76), {"series": [48, 1, 76]}, {"series": FIRST}, False),
    ("gru-batch-first-a-b", batch_first("GRU", ("a", "b"), 4), {"series": [1, 8, 4]}, {"series": SEQUENCE}, True),
    ("attention-steps-first", attention(("T", "N"), 5, True), {"series": [6, 1, 5]}, {"series": FIRST}, True),
    ("attention-batch-first", attention(("T", "N"), 5, False), {"series": [1, 6, 5]}, {"series": SEQUENCE}, True),
    ("gru-no-batch", no_batch("GRU", 10, 4), {"series": [10, 4]}, {"series": "sequence, no batch"}, False),
    ("rnn-no-batch-open", no_batch("RNN", "hours", 3), {"series": [9, 3]}, {"series": "sequence, no batch"}, True),
]
for kind, direction, number in (("LSTM", "bidirectional", INT32), ("GRU", "forward", INT64), ("RNN", "reverse", INT32)):
    CASES.append(
        (
            f"{kind.lower()}-length-{direction}",
            with_length(kind, 8, 3, direction, number),
            {"events": [1, 8, 3], "duration": [1]},
            {"events": SEQUENCE, "duration": "length"},
            False,
        )
    )
CASES += [
    (
        "rnn-first-state",
        with_first_state("RNN", 6, 4),
        {"memory": [1, 1, 5], "events": [1, 6, 4]},
        {"memory": "state", "events": SEQUENCE},
        False,
    ),
    (
        "gru-truth-person-wards",
        with_truth("GRU", 7, 4),
        {"is_step": [1, 7], "events": [1, 7, 4], "person": [1, 3], "wards": [1, 2]},
        {"is_step": "mask", "events": SEQUENCE, "person": "static", "wards": "static codes"},
        False,
    ),
    *(
        (
            f"{kind.lower()}-byte-mask",
            with_bytes(kind, 7, 4),
            {"events": [1, 7, 4], "is_step": [1, 7], "ward": [1, 1]},
            {"events": SEQUENCE, "is_step": "mask", "ward": "static codes"},
            False,
        )
        for kind in ("GRU", "LSTM", "RNN")
    ),
    (
        "lstm-gaps-steps-first",
        with_gaps("LSTM", 9, 3),
        {"values": [9, 1, 3], "seen": [9, 1, 3], "since": [9, 1]},
        {"values": FIRST, "seen": FIRST, "since": "delta"},
        False,
    ),
    (
        "grid-by-layout",
        flattened(6, 6),
        {"grid": [1, 6, 6]},
        {"grid": "sequence, channels first"},
        {"layout": ["batch", "columns", "steps"]},
    ),
    (
        "gru-static-by-manifest",
        static_as_wide("GRU", 7, 3),
        {"events": [1, 7, 3], "person": [1, 7]},
        {"events": SEQUENCE, "person": "static"},
        {"inputs": [{"name": "events", "part": "value"}, {"name": "person", "part": "static"}]},
    ),
    (
        "scan-beside",
        unclear(6, 4),
        {"events": [1, 6, 4], "scan": [1, 3, 4, 2, 2]},
        {"events": SEQUENCE, "scan": "static"},
        False,
    ),
    *(
        (
            f"{kind.lower()}-reversed-by-length",
            reversed_by_length(kind, 8, 3),
            {"events": [1, 8, 3], "n": [1]},
            {"events": SEQUENCE, "n": "length"},
            False,
        )
        for kind in ("GRU", "LSTM", "RNN")
    ),
    *(
        (
            f"{kind.lower()}-one-hot-codes",
            with_one_hot(kind, 7, 3),
            {"codes": [1, 7], "events": [1, 7, 3], "ward": [1, 1]},
            {"codes": "codes", "events": SEQUENCE, "ward": "static codes"},
            False,
        )
        for kind in ("GRU", "LSTM", "RNN")
    ),
    ("conv-channels-first", channels_first(5, 14), {"leads": [1, 5, 14]}, {"leads": "sequence, channels first"}, False),
]

# What is refused, with a word that names it and one that advises.
REFUSED = {"scan-beside": (["scan"], ["part"])}
NUMBERS, NO_BATCH_CHANNELS = "numbers", "sequence, channels first, no batch"
UNREAD = "left out"
ONE_CHANNEL = "sequence, one channel of a picture"
PARTS = "sequence, parts"


def refused(name, model, shapes, treatment, names, advises, told=False):
    CASES.append((name, model, shapes, treatment, told))
    REFUSED[name] = (names, advises)


def by_part(**parts):
    return {"inputs": [{"name": name, "part": part} for name, part in parts.items()]}


for kind in KINDS:
    lower = kind.lower()
    one = {"series": [1, 12, 6]}
    refused(f"{lower}-shuffled", shuffled(kind, 12, 6), one, {"series": SEQUENCE}, ["series"], ["layout"])
    CASES.append((f"{lower}-shuffled-by-sizes", shuffled(kind, 12, 6), one, {"series": SEQUENCE}, True))
    square = {"series": [1, 8, 8]}
    layout = {"layout": ["batch", "steps", "columns"]}
    CASES.append((f"{lower}-shuffled-by-layout", shuffled(kind, 8, 8), square, {"series": SEQUENCE}, layout))

    both = {"events": [1, 12, 4], "slow": [1, 4, 3]}
    beside = {"events": SEQUENCE, "slow": "static"}
    network = two_rates(kind, (12, 4), (4, 3))
    refused(f"{lower}-two-rates", network, both, beside, ["slow"], ["rate"])
    CASES.append((f"{lower}-two-rates-by-part", network, both, beside, by_part(events="value", slow="static")))
    signals = {"ecg": [1, 24]}
    hows = {"LSTM": ("reshaped", "shapes"), "GRU": ("shapes", "opset 11"), "RNN": ("flat", "rank 1")}
    for how in hows[kind]:
        direction = "bidirectional" if how == "shapes" else "forward"
        shape = {"ecg": [24]} if how == "rank 1" else signals
        name = f"{lower}-signal-{how.replace(' ', '-')}"
        CASES.append((name, signal(kind, 24, how, direction), shape, {"ecg": SEQUENCE}, False))
    flat, network = {"flat": [1, 24]}, folded(kind, 6, 4)
    refused(f"{lower}-folded", network, flat, {"flat": NUMBERS}, ["flat"], ["layout"])
    CASES.append((f"{lower}-folded-by-sizes", network, flat, {"flat": NUMBERS}, True))

    wide = {"events": [1, 7, 3], "beside": [1, 7]}
    of_stay, of_steps = {"events": SEQUENCE, "beside": "static"}, {"events": SEQUENCE, "beside": "mask"}
    uses = {"LSTM": ("joined", "gain"), "GRU": ("dense", "repeated"), "RNN": ("last step",)}
    for use in uses[kind]:
        CASES.append((f"{lower}-as-wide-{use.replace(' ', '-')}", as_wide(kind, 7, 3, use), wide, of_stay, False))
    uses = {"LSTM": ("column", "decay"), "GRU": ("hidden",), "RNN": ("column",)}
    for use in uses[kind]:
        CASES.append((f"{lower}-as-wide-{use}", as_wide(kind, 7, 3, use), wide, of_steps, False))
CASES += [
    (
        "gru-as-wide-codes-of-steps",
        as_wide("GRU", 7, 3, "codes of steps"),
        {"events": [1, 7, 3], "beside": [1, 7]},
        {"events": SEQUENCE, "beside": "codes"},
        False,
    ),
    (
        "gru-as-wide-codes-of-the-stay",
        as_wide("GRU", 7, 3, "codes of the stay"),
        {"events": [1, 7, 3], "beside": [1, 7]},
        {"events": SEQUENCE, "beside": "static codes"},
        False,
    ),
    (
        "flat-as-wide-by-part",
        as_wide("GRU", 7, 3, "flat"),
        {"events": [1, 7, 3], "beside": [1, 7]},
        {"events": SEQUENCE, "beside": "mask"},
        by_part(events="value", beside="mask"),
    ),
    (
        "rotary-places",
        rotary(7, 4),
        {"events": [1, 7, 4], "places": [1, 7]},
        {"events": SEQUENCE, "places": "codes"},
        False,
    ),
    ("conv-signal", signal_conv(40), {"ecg": [1, 40]}, {"ecg": SEQUENCE}, False),
    ("conv-signal-open-batch", signal_conv(40, ("batch",)), {"ecg": [1, 40]}, {"ecg": SEQUENCE}, False),
    ("conv-numbers-by-sizes", signal_conv(40), {"ecg": [1, 40]}, {"ecg": NUMBERS}, True),
    ("conv-two-leads", two_leads(30), {"i": [1, 30], "ii": [1, 30]}, {"i": SEQUENCE, "ii": SEQUENCE}, False),
    ("conv-numbers-made", numbers_made(9), {"numbers": [1, 9]}, {"numbers": NUMBERS}, False),
    ("conv-no-batch", no_batch_channels_first(5, 14), {"leads": [5, 14]}, {"leads": NO_BATCH_CHANNELS}, False),
    ("conv-tall-kernel", tall_kernel(10, 3), {"series": [1, 1, 10, 3]}, {"series": ONE_CHANNEL}, False),
    ("gru-blocks", blocks("GRU", 6, 2, 3), {"maps": [1, 6, 2, 3]}, {"maps": "sequence, blocks"}, False),
    ("lstm-blocks", blocks("LSTM", 6, 2, 3), {"maps": [1, 6, 2, 3]}, {"maps": "sequence, blocks"}, False),
]
refused(
    "flat-as-wide",
    as_wide("GRU", 7, 3, "flat"),
    {"events": [1, 7, 3], "beside": [1, 7]},
    {"events": SEQUENCE, "beside": "mask"},
    ["beside"],
    ["part"],
)
refused(
    "gru-codes-of-two-rates",
    two_rates("GRU", (12, 4), (5,), codes=True),
    {"events": [1, 12, 4], "slow": [1, 5]},
    {"events": SEQUENCE, "slow": "static codes"},
    ["slow"],
    ["rate"],
)
refused(
    "attention-two-rates",
    two_rates("LSTM", (12, 4), (5, 3), attends=True),
    {"events": [1, 12, 4], "slow": [1, 5, 3]},
    {"events": SEQUENCE, "slow": "static"},
    ["slow"],
    ["rate"],
)


def drawn(random, name, kind, shape, treatment):
    if kind in (BOOL, UINT8):
        return (random.random(shape) < 0.7).astype(np.float32)
    if treatment == "length":
        return np.array([random.integers(2, 8)], np.float32)
    if kind in (INT16, INT32, INT64):
        return random.integers(0, 6, shape).astype(np.float32)
    if name.startswith("gaps"):
        return random.uniform(0.5, 4, shape).round(3).astype(np.float32)
    return random.normal(0, 1, shape).round(3).astype(np.float32)


def manifest(steps, columns, outputs):
    channel = lambda k: {
        "name": f"v{k}",
        "label": f"v{k}",
        "columns": [k],
        "encoding": {"kind": "continuous", "mean": 0, "std": 1, "normal": 0},
    }
    return {
        "format": "vitrine-manifest/1",
        "name": "m",
        "steps": steps,
        "step_hours": 1,
        "columns": columns,
        "outcomes": [{"name": "risk", "per_step": outputs > 1}],
        "channels": [channel(k) for k in range(columns)],
    }


def case(name, model, shapes, treatment, has_manifest):
    random = np.random.default_rng(len(name))
    kinds = {info.name: info.type.tensor_type.elem_type for info in model.graph.input}
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs, outputs = [], []
    for _ in range(2):
        feed = {key: drawn(random, key, kinds[key], shape, treatment[key]) for key, shape in shapes.items()}
        got = session.run(None, {key: value.astype(NUMPY[kinds[key]]) for key, value in feed.items()})
        inputs.append({key: [round(float(x), 3) for x in value.ravel()] for key, value in feed.items()})
        outputs.append([round(float(x), 9) for output in got for x in output.ravel()])
    is_read = lambda key: treatment[key] != UNREAD
    shapes = {key: shape for key, shape in shapes.items() if is_read(key)}
    entry = {
        "id": name,
        "file": f"{name}.onnx",
        "shapes": shapes,
        "treatment": {key: of for key, of in treatment.items() if is_read(key)},
        "inputs": [{key: feed[key] for key in shapes} for feed in inputs],
        "right": {"words": "the outputs", "outputs": outputs},
    }
    widths = [shape[2] if len(shape) == 3 else 1 for shape in shapes.values()]
    masks = [sum(widths[:k]) for k, key in enumerate(shapes) if kinds[key] in (BOOL, UINT8)]
    if masks:
        entry["noSlope"] = masks
    if name in REFUSED:
        names, advises = REFUSED[name]
        entry["right"] |= {"refused": {"names": names, "advises": advises}, "must": True}
    if has_manifest:
        shape, of = next((shape, treatment[key]) for key, shape in shapes.items())
        of_all = has_manifest if isinstance(has_manifest, dict) else {}
        place = 0 if of in (FIRST, "sequence, no batch", NUMBERS) else 1 if of == SEQUENCE else 2
        static = sum(int(np.prod(shape)) for key, shape in shapes.items() if treatment[key] == "static")
        columns = shape[1] if place == 2 else shape[-1]
        masks = sum(of == "mask" for of in treatment.values())
        n_steps, n_columns = of_all.get("steps", shape[min(place, len(shape) - 1)]), of_all.get("columns", columns + masks + static)
        entry["manifest"] = manifest(n_steps, n_columns, len(outputs[0]))
        for channel in entry["manifest"]["channels"][columns + masks :]:
            channel["static"] = True
        if isinstance(has_manifest, dict):
            entry["manifest"] |= has_manifest
    if len(outputs[0]) > 1:
        entry["target"] = len(outputs[0]) - 1
    return entry


CHANNELS_FIRST = "sequence, channels first"
for kind in (*KINDS, "Conv"):
    lower = kind.lower()
    square = [("events", (8, 8), 1), ("other", (8, 8), 2)]
    shapes, treatment = {"events": [1, 8, 8], "other": [1, 8, 8]}, {"events": SEQUENCE, "other": CHANNELS_FIRST}
    CASES.append((f"{lower}-crossed-square", crossed(kind, square), shapes, treatment, False))
    for name, shape, axis in (("columns", (4, 12), 1), ("steps", (12, 7), 2)):
        layers = [("events", (12, 6), 1), ("other", shape, axis)]
        shapes, treatment = {"events": [1, 12, 6], "other": [1, *shape]}, {"events": SEQUENCE, "other": SEQUENCE}
        refused(f"{lower}-crossed-{name}", crossed(kind, layers), shapes, treatment, ["other"], ["rate"])
for kind, unread in {"LSTM": [1, 5, 3], "GRU": [1, 5, 3], "RNN": [1, 3, 4, 2, 2]}.items():
    shapes, treatment = {"events": [1, 12, 4], "unread": unread}, {"events": SEQUENCE, "unread": UNREAD}
    CASES.append((f"{kind.lower()}-unread", with_unread(kind, (12, 4), unread), shapes, treatment, False))
for kind, how in {"LSTM": "Split", "GRU": "Gather", "RNN": "Slice"}.items():
    lower = kind.lower()
    CASES.append((f"{lower}-unrolled", unrolled(kind, 3, 7, 1, how), {"series": [1, 7, 3]}, {"series": SEQUENCE}, False))
    turned = unrolled(kind, 3, 7, 2, how)
    CASES.append((f"{lower}-unrolled-turned", turned, {"series": [1, 3, 7]}, {"series": CHANNELS_FIRST}, False))
    for of in ("differences", "carried"):
        for name, axis, shape, treatment in (("", 1, [1, 7, 3], SEQUENCE), ("-turned", 2, [1, 3, 7], CHANNELS_FIRST)):
            network = unrolled(kind, 3, 7, axis, how, of)
            CASES.append((f"{lower}-unrolled-{of}{name}", network, {"series": shape}, {"series": treatment}, False))
for joins in ("sum", "side"):
    network = each_column(7, 4, joins)
    CASES.append((f"each-column-by-{joins}", network, {"series": [1, 7, 4]}, {"series": SEQUENCE}, False))
for kind in KINDS:
    shapes = {"events": [1, 7, 4], "seen": [1, 7, 4], "is_step": [1, 7], "person": [1, 3]}
    treatment = {"events": SEQUENCE, "seen": SEQUENCE, "is_step": "mask", "person": "static"}
    of_all = manifest(7, 12, 1)
    for channel in of_all["channels"][9:]:
        channel["static"] = True
    turned = shapes | {"is_step": [7, 1]}
    lower, some = kind.lower(), by_input_or_names(events=["batch", "time"], person=["batch"])
    CASES.append((f"{lower}-made-up-names", with_open_axes(kind, 4, counted()), shapes, treatment, of_all))
    CASES.append((f"{lower}-axes-by-input", with_open_axes(kind, 4, by_input), shapes, treatment, of_all))
    CASES.append((f"{lower}-some-axes-named", with_open_axes(kind, 4, some), shapes, treatment, of_all))
    CASES.append((f"{lower}-axes-turned", with_open_axes(kind, 4, by_input, turned=True), turned, treatment, of_all))
    others = by_input_or_names(events=["n", "t"], seen=["n", "t"], is_step=["rows", "hours"], person=["n"])
    other_names = with_open_axes(kind, 4, others)
    told = of_all | by_part(is_step="mask")
    CASES.append((f"{lower}-other-names-told", other_names, shapes, treatment, told))
    refused(f"{lower}-other-names", other_names, shapes, treatment, ["is_step"], ["mask"])
    length = {"events": [1, 7, 4], "duration": [1]}, {"events": SEQUENCE, "duration": "length"}
    CASES.append((f"{lower}-open-length", open_length(kind, 4), *length, manifest(7, 5, 1)))
    mask, treatment = {"events": [1, 7, 4], "is_step": [1, 7]}, {"events": SEQUENCE, "is_step": "mask"}
    CASES.append((f"{lower}-masked-states", masked_states(kind, 4), mask, treatment, manifest(7, 5, 1)))
    turned = mask | {"is_step": [7, 1]}
    CASES.append((f"{lower}-masked-turned", masked_states(kind, 4, turned=True), turned, treatment, manifest(7, 5, 1)))
    refused(f"{lower}-of-one-stay", masked_states(kind, 4, of_one=True), mask, treatment, ["is_step"], ["dynamic_axes"])
for kind in KINDS:
    one = {"events": [1, 7, 4]}, {"events": SEQUENCE}
    refused(f"{kind.lower()}-cancels", cancelling(kind, 4), *one, ["matmul"], ["alpha"])
for kind in (*KINDS, "Conv"):
    network = parts(kind, 3, 9, 4, turned=kind == "GRU")
    CASES.append((f"{kind.lower()}-parts", network, {"stacked": [1, 3, 9, 4]}, {"stacked": PARTS}, False))
for kind in KINDS:
    lower = kind.lower()
    turned = {"series": [1, 4, 7]}, {"series": CHANNELS_FIRST}
    CASES.append((f"{lower}-by-letters", summed_first(kind, 4, 7, "letters"), *turned, False))
    CASES.append((f"{lower}-stacked-again", summed_first(kind, 4, 7, "stack"), *turned, False))
    how = "matrix" if kind == "GRU" else "letters"
    blocks_of_nodes = {"maps": [1, 7, 3, 2]}, {"maps": "sequence, blocks"}
    CASES.append((f"{lower}-over-nodes", over_nodes(kind, 7, 3, 2, how), *blocks_of_nodes, False))
    CASES.append((f"{lower}-over-rows", over_nodes(kind, 7, 3, 2, "rows"), *blocks_of_nodes, False))
    week = {"week": [1, 3, 4, 5]}, {"week": PARTS}
    refused(f"{lower}-hours-and-days", hours_and_days(kind, 3, 4, 5), *week, ["week"], ["layout"])
    gaps = {"events": [1, 7, 4], "gaps": [1, 7, 1]}, {"events": SEQUENCE, "gaps": SEQUENCE}
    CASES.append((f"{lower}-roots", rooted(kind, 7, 4), *gaps, False))
    CASES.append((f"{lower}-as-many-classes", as_many_classes(kind, 7, 4), {"series": [1, 7, 4]}, {"series": SEQUENCE}, False))
wide, square = {"stacked": [1, 3, 9, 4]}, {"stacked": [1, 3, 4, 4]}
treatment, layout = {"stacked": PARTS}, {"layout": ["batch", "columns", "steps", "columns"]}
refused("attention-parts", parts_attended(3, 9, 4), wide, treatment, ["stacked"], ["layout"])
CASES.append(("attention-parts-by-sizes", parts_attended(3, 9, 4), wide, treatment, manifest(9, 12, 1)))
of_square = parts_attended(3, 4, 4), square, treatment
refused("attention-parts-square", *of_square, ["stacked"], ["layout"])
CASES.append(("attention-parts-by-layout", *of_square, manifest(4, 12, 1) | layout))
for kind in KINDS:
    maps = {"maps": [6, 1, 2, 3]}, {"maps": "sequence, steps first, blocks"}
    CASES.append((f"{kind.lower()}-blocks-steps-first", blocks_steps_first(kind, 6, 2, 3), *maps, False))
CASES.append(("scan-in-one-pass", scan_in_one_pass(48, 4), {"series": [1, 48, 4]}, {"series": SEQUENCE}, False))
for name, turned in (("first", True), ("second", False)):
    network = attention(["series_dim_0", "series_dim_1"], 4, turned, places=7)
    shape, treatment = {"series": [7, 1, 4] if turned else [1, 7, 4]}, {"series": FIRST if turned else SEQUENCE}
    CASES.append((f"attention-places-{name}", network, shape, treatment, True))
CASES.append(
    (
        "attention-axes-by-input",
        attention_with_open_axes(4, by_input),
        {"events": [7, 1, 4], "is_padding": [1, 7]},
        {"events": FIRST, "is_padding": "mask"},
        manifest(7, 5, 1),
    )
)
for kind in KINDS:
    shapes, treatment = {"events": [1, 7, 4], "valid": [1, 7]}, {"events": SEQUENCE, "valid": "mask"}
    CASES.append((f"{kind.lower()}-padding", with_padding(kind, 7, 4), shapes, treatment, False))
layout = {"layout": ["batch", "columns", "steps"]}
CASES.append(
    (
        "grid-and-mask-by-layout",
        two_grids(6),
        {"grid": [1, 6, 6], "seen": [1, 6, 6]},
        {"grid": CHANNELS_FIRST, "seen": CHANNELS_FIRST},
        manifest(6, 12, 1) | layout,
    )
)


for kind in KINDS:
    lower = kind.lower()
    week, treatment = {"week": [1, 5, 6, 2]}, {"week": "sequence, blocks"}
    network = each_step_by_itself(kind, 5, 6, 2)
    refused(f"{lower}-each-step-by-itself", network, week, treatment, ["week"], ["layout"])
    told = manifest(5, 12, 1) | {"layout": ["batch", "steps", "columns", "columns"]}
    CASES.append((f"{lower}-each-step-by-layout", network, week, treatment, told))
    flat, by_step, by_column = {"flat": [1, 24]}, {"flat": "sequence, flat"}, {"flat": "sequence, flat, columns first"}
    told = manifest(6, 4, 1) | {"layout": ["batch", "steps", "columns"]}
    CASES.append((f"{lower}-flat-by-layout", folded(kind, 6, 4), flat, by_step, told))
    told = manifest(6, 4, 1) | {"layout": ["batch", "columns", "steps"]}
    CASES.append((f"{lower}-flat-columns-first", flat_columns_first(kind, 6, 4), flat, by_column, told))
    refused(f"{lower}-flat-in-no-order", folded(kind, 6, 4), flat, by_step, ["flat"], ["layout"], manifest(6, 4, 1))
    series = {"series": [1, 9, 4]}, {"series": SEQUENCE}
    for name, is_cut in (("added", False), ("cut", True)):
        CASES.append((f"{lower}-places-{name}", with_places(kind, 9, 4, is_cut), *series, False))
    network = with_places(kind, 9, 4, False)
    refused(f"{lower}-places-of-others", network, *series, ["add"], ["steps"], manifest(7, 4, 1))
    refused(f"{lower}-by-the-batch", by_the_batch(kind, 7, 4), {"series": [1, 7, 4]}, {"series": SEQUENCE}, ["batch"], ["running"])
    mask, treatment = {"events": [1, 7, 4], "is_step": [1, 7]}, {"events": SEQUENCE, "is_step": "mask"}
    told = manifest(7, 5, 1) | {"layout": ["batch", "steps", "columns"]}
    CASES.append((f"{lower}-of-one-stay-by-layout", masked_states(kind, 4, of_one=True), mask, treatment, told))
flat, told = {"flat": [1, 24]}, manifest(6, 4, 1)
for name, treatment, axes in (("", "", ["steps", "columns"]), ("-columns-first", ", columns first", ["columns", "steps"])):
    told = manifest(6, 4, 1) | {"layout": ["batch", *axes]}
    CASES.append((f"dense-flat{name}", flat_dense(6, 4), flat, {"flat": f"sequence, flat{treatment}"}, told))
for name, in_front in (("", False), ("-in-front", True)):
    network = of_one_length(9, 4, in_front)
    CASES.append((f"attention-of-one-length{name}", network, {"series": [1, 9, 4]}, {"series": SEQUENCE}, False))
CASES.append(("gated-channels", gated_channels(4), {"leads": [1, 4, 48]}, {"leads": CHANNELS_FIRST}, False))
ONE_NUMBER = {
    "divisor": "length",
    "mask": "length",
    "float mask": "length",
    "last step": "length",
    "looked up": "static codes",
    "one hot": "static codes",
    "equal": "static codes",
    "limit": "static, whole",
    "amount": "static, whole",
}
for kind, (use, of) in zip(3 * list(KINDS), ONE_NUMBER.items()):
    network, shapes = with_one_number(kind, 12, 3, use), {"events": [1, 12, 3], "number": [1]}
    treatment = {"events": SEQUENCE, "number": of}
    CASES.append((f"{kind.lower()}-one-number-{use.replace(' ', '-')}", network, shapes, treatment, False))
for kind in KINDS:
    counts = {"counts": [1, 9, 3]}, {"counts": "sequence, whole"}
    CASES.append((f"{kind.lower()}-whole-values", whole_values(kind, 9, 3), *counts, False))


def heads():
    """
    A probability that is clamped, the mean of two, a regression, and a threshold and a class beside a probability; the risk
    of a rate, `1 - exp(-exp(z))`, what is left of it, `exp(-ln(1 + exp(z)))`, a sigmoid by hand, and two that leave 0 to 1:
    `exp(tanh(z))` and `1 / (1/2 + exp(z))`.
    """
    names = ("clamped", "mean-of-two", "regression", "beside", "risk-of-a-rate", "left-of-a-rate", "by-hand", "exp-of-tanh")
    for name in (*names, "by-half"):
        network = Network(311 + len(name))
        network.inputs = [("events", FLOAT, [1, 6, 3])]
        kind = {"risk-of-a-rate": "LSTM", "left-of-a-rate": "RNN"}.get(name, "GRU")
        state = network.last_state(kind, "events", 3)
        number = lambda value: network.constant(np.array(value, np.float32))
        exp = lambda value: network.node("Exp", value)
        probability = lambda: network.node("Sigmoid", network.dense(state, 4))
        outputs = ["p"]
        if name == "clamped":
            network.node("Clip", probability(), number(1e-7), number(1 - 1e-7))
        elif name == "mean-of-two":
            network.node("Mul", network.node("Add", probability(), probability()), number(0.5))
        elif name == "regression":
            network.node("Add", network.dense(state, 4), number([50]))
        elif name == "risk-of-a-rate":
            network.node("Sub", number(1), exp(network.node("Neg", exp(network.dense(state, 4)))))
        elif name == "left-of-a-rate":
            exp(network.node("Neg", network.node("Softplus", network.dense(state, 4))))
        elif name in ("by-hand", "by-half"):
            least = number(1 if name == "by-hand" else 0.5)
            network.node("Div", number(1), network.node("Add", least, exp(network.node("Neg", network.dense(state, 4)))))
        elif name == "exp-of-tanh":
            exp(network.node("Tanh", network.dense(state, 4)))
        else:
            above = network.node("Cast", network.node("Greater", probability(), number(0.3)), to=FLOAT)
            network.nodes.append(helper.make_node("Identity", [above], ["above"]))
            network.nodes.append(helper.make_node("Identity", [number([0.3])], ["threshold"]))
            outputs = ["p", "threshold", "above"]
        last = network.nodes[-1] if name != "beside" else next(it for it in network.nodes if it.op_type == "Sigmoid")
        network.nodes.append(helper.make_node("Identity", [last.output[0]], ["p"]))
        infos = [helper.make_tensor_value_info(output, FLOAT, None) for output in outputs]
        inputs = [helper.make_tensor_value_info(*info) for info in network.inputs]
        graph = helper.make_graph(network.nodes, "network", inputs, infos, network.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model.producer_name = "vitrine fixtures"
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        onnx.save(model, FOLDER.parent / "heads" / f"{name}.onnx")


def main():
    heads()
    FOLDER.mkdir(exist_ok=True)
    entries = []
    for name, model, shapes, treatment, has_manifest in CASES:
        onnx.save(model, FOLDER / f"{name}.onnx")
        entries.append(case(name, model, shapes, treatment, has_manifest))
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (FOLDER / "cases.json").write_text(f'{{"format": "vitrine-networks/1", "cases": [\n{lines}\n]}}\n')
    print(f"{len(entries)} networks")


if __name__ == "__main__":
    main()
