"""Writes tests/fixtures/cases/inputs: small networks by hand whose inputs are laid out in every way that is read, with
onnxruntime's outputs, in the format of tests/fixtures/cases/networks.

    python tests/reference/make_inputs.py

Needs requirements.txt alone. What each input is to the network stands under `treatment`, in the words of the README there.
"""

import json
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

    def finish(self, score, rank=2):
        probability = self.node("Sigmoid", score)
        outputs = [helper.make_tensor_value_info(probability, FLOAT, [None] * rank)]
        inputs = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in self.inputs]
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
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


def attention(axes, columns, steps_first):
    """Nothing recurs: only running it says along which axis it sums."""
    network = Network(31)
    network.inputs = [("series", FLOAT, [*axes, columns])]
    x = network.node("Transpose", "series", perm=[1, 0, 2]) if steps_first else "series"
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


def drawn(random, name, kind, shape, treatment):
    if kind in (BOOL, UINT8):
        return (random.random(shape) < 0.7).astype(np.float32)
    if treatment == "length":
        return np.array([random.integers(2, 8)], np.float32)
    if kind in (INT16, INT32, INT64):
        return random.integers(0, 6, shape).astype(np.float32)
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
    entry = {
        "id": name,
        "file": f"{name}.onnx",
        "shapes": shapes,
        "treatment": treatment,
        "inputs": inputs,
        "right": {"words": "the outputs", "outputs": outputs},
    }
    widths = [shape[2] if len(shape) == 3 else 1 for shape in shapes.values()]
    masks = [sum(widths[:k]) for k, key in enumerate(shapes) if kinds[key] in (BOOL, UINT8)]
    if masks:
        entry["noSlope"] = masks
    if name == "scan-beside":
        words = {"names": ["scan"], "advises": ["manifest", "part"]}
        entry["right"] |= {"refused": words, "must": True}
    if has_manifest:
        shape, of = next((shape, treatment[key]) for key, shape in shapes.items())
        place = 0 if of in (FIRST, "sequence, no batch") else 1 if of == SEQUENCE else 2
        static = sum(shape[-1] for key, shape in shapes.items() if treatment[key] == "static")
        columns = shape[1] if place == 2 else shape[-1]
        entry["manifest"] = manifest(shape[place], columns + static, len(outputs[0]))
        for channel in entry["manifest"]["channels"][columns:]:
            channel["static"] = True
        if isinstance(has_manifest, dict):
            entry["manifest"] |= has_manifest
    if len(outputs[0]) > 1:
        entry["target"] = len(outputs[0]) - 1
    return entry


def main():
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
