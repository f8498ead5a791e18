"""A channel-wise ONNX model, whichever exporter wrote it, as a reference Network.

Nothing of the graph's arithmetic is interpreted: onnxruntime runs it with every LSTM's inputs exposed. What feeds W, R,
B and the initial states is read off as the weights; an input that holds its own column number in every cell shows at
each LSTM's X which columns it reads. The Network must then give onnxruntime's probability, or reading fails.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from lrp_reference import Branch, Layer, Network, cells_from_onnx, run, run_layer

TOLERANCE = 2e-6
SLOTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def read_network(path, n_hours, n_columns):
    model = onnx.load(path)
    nodes = [node for node in model.graph.node if node.op_type == "LSTM"]
    if not nodes:
        raise ValueError(f"{path}: no LSTM node")
    w_name, b_name, transposed = output_unit(model)
    values = Values(model, {name for node in nodes for name in node.input if name} | {w_name, b_name})

    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_hours, n_columns)).astype(np.float32)
    at_x = values.of(x)
    numbers = np.tile(np.arange(n_columns, dtype=np.float32), (n_hours, 1))
    at_numbers = values.of(numbers)

    branches, trunk = [], []
    for node in nodes:
        slots = {slot: name for slot, name in zip(SLOTS, node.input) if name}
        cells = cells_of(node, {slot: at_x[name] for slot, name in slots.items()})
        seen = at_numbers[slots["X"]][:, 0]
        columns = np.rint(seen[0]).astype(int)
        reads_input = np.array_equal(seen, np.tile(columns, (n_hours, 1))) and np.array_equal(
            at_x[slots["X"]][:, 0], x[:, columns]
        )
        if reads_input:
            branches.append((columns.tolist(), Layer(cells)))
        else:
            trunk.append((at_x[slots["X"]][:, 0], Layer(cells)))
    if not trunk:
        raise ValueError(f"{path}: no LSTM above the channels")
    trunk[-1][1].output = "last-state"
    w = at_x[w_name] if transposed else at_x[w_name].T
    network = Network(
        in_order(branches, trunk[0][0], x),
        [layer for _, layer in trunk],
        np.asarray(w, float).reshape(-1),
        float(np.asarray(at_x[b_name]).reshape(())),
    )
    difference = abs(run(network, x).probability - float(at_x[model.graph.output[0].name].reshape(())))
    if difference > TOLERANCE:
        raise ValueError(f"{path}: the network as read is {difference:.3g} away from onnxruntime")
    return network, model


class Values:
    """Runs the model with more of its values as outputs."""

    def __init__(self, model, names):
        exposed = onnx.ModelProto()
        exposed.CopyFrom(model)
        self.constants = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer if t.name in names}
        present = {o.name for o in model.graph.output}
        for name in sorted(names - self.constants.keys() - present):
            exposed.graph.output.append(helper.make_empty_tensor_value_info(name))
        # Types of the added outputs are the runtime's to infer.
        self.session = session_of(exposed)

    def of(self, x):
        names = [o.name for o in self.session.get_outputs()]
        results = self.session.run(names, {self.session.get_inputs()[0].name: x[None]})
        return self.constants | dict(zip(names, results))


def cells_of(node, given):
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    text = lambda v: v.decode() if isinstance(v, bytes) else v
    attributes = {k: [text(e) for e in v] if isinstance(v, list) else text(v) for k, v in attributes.items()}
    if attributes.get("layout"):
        raise ValueError(f"{node.name}: layout 1 is not read here")
    state = lambda name: given[name][:, 0] if name in given else None
    return cells_from_onnx(
        given["W"], given["R"], given.get("B"), given.get("P"), state("initial_h"), state("initial_c"), attributes
    )


def in_order(branches, trunk_x, x):
    """The branches in the order in which their sequences stand in what the trunk reads."""
    placed = {}
    for columns, layer in branches:
        _, sequence = run_layer(layer, x[:, columns].astype(float))
        width = sequence.shape[1]
        starts = [
            start
            for start in range(trunk_x.shape[1] - width + 1)
            if np.abs(trunk_x[:, start : start + width] - sequence).max() < 1e-5
        ]
        if len(starts) != 1:
            raise ValueError(f"columns {columns}: their sequence stands at {starts} in the trunk's input")
        placed[starts[0]] = Branch(columns, [layer])
    return [placed[start] for start in sorted(placed)]


def output_unit(model):
    """(name of the weights, name of the bias, weights are [1, n]) of the one unit before the sigmoid."""
    producers = {output: node for node in model.graph.node for output in node.output}
    node = producers[model.graph.output[0].name]
    while node.op_type in ("Reshape", "Squeeze", "Identity", "Flatten"):
        node = producers[node.input[0]]
    if node.op_type != "Sigmoid":
        raise ValueError(f"the output comes from {node.op_type}, not from a sigmoid")
    node = producers[node.input[0]]
    if node.op_type == "Gemm":
        transposed = any(a.name == "transB" and a.i == 1 for a in node.attribute)
        return node.input[1], node.input[2], transposed
    if node.op_type == "Add":
        first, second = node.input
        if first not in producers or producers[first].op_type != "MatMul":
            first, second = second, first
        return producers[first].input[1], second, False
    raise ValueError(f"the sigmoid reads {node.op_type}, not one dense unit")
