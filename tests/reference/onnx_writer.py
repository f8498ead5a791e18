"""A reference Network as ONNX, by hand: Gather -> LSTM ... -> Concat -> LSTM ... -> Dense -> Sigmoid."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from gru_reference import GruCell, RnnCell
from lrp_reference import ACTIVATION_DEFAULTS, GATES, PEEPHOLES, Cell

OPSET = 17


class Writer:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind, inputs, name, n_outputs=1, **attributes):
        outputs = [name] if n_outputs == 1 else [f"{name}.{k}" for k in range(n_outputs)]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, **attributes))
        return outputs[0] if n_outputs == 1 else outputs


def write_network(network, n_hours, n_columns, name, layout=0):
    """x [1, n_hours, n_columns] -> probability [1, 1]. With layout 1 the LSTMs read [batch, hours, ...]."""
    writer = Writer()
    parts = []
    for k, branch in enumerate(network.branches):
        columns = writer.constant(f"branch{k}.columns", np.array(branch.columns, np.int64))
        value = writer.node("Gather", ["x", columns], f"branch{k}.input", axis=2)
        if not layout:
            value = writer.node("Transpose", [value], f"branch{k}.time_major", perm=[1, 0, 2])
        for m, layer in enumerate(branch.layers):
            value = write_layer(writer, layer, value, f"branch{k}.lstm{m}", n_hours, layout)
        parts.append(value)
    value = parts[0] if len(parts) == 1 else writer.node("Concat", parts, "branches", axis=2)
    for m, layer in enumerate(network.trunk):
        value = write_layer(writer, layer, value, f"lstm{m}", n_hours, layout)
    w = writer.constant("dense.w", network.w.astype(np.float32)[None, :])
    b = writer.constant("dense.b", np.array([network.b], np.float32))
    logit = writer.node("Gemm", [value, w, b], "dense", transB=1)
    writer.node("Sigmoid", [logit], "probability")
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, n_hours, n_columns])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [1, 1])],
        writer.initializers,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="vitrine fixtures"
    )


def write_layer(writer, layer, value, name, n_hours, layout):
    """The LSTM node, and what turns its output into [hours, batch, directions * d] or [batch, directions * d]."""
    cells = layer.cells
    d, n_directions = cells[0].d, len(cells)
    stack = lambda of_cell: np.stack([of_cell(cell) for cell in cells]).astype(np.float32)
    join = lambda parts, names: np.concatenate([parts[k] for k in names])
    state = lambda a: np.swapaxes(a[:, None, :], 0, 1) if layout else a[:, None, :]
    kind = kind_of(cells[0])
    rows = {"LSTM": lambda a: join(a, GATES), "GRU": lambda a: join(a, "zrn"), "RNN": lambda a: a}[kind]
    # All of the bias in the first half, then moved in part to the second: both halves must be read.
    bias = halves(stack(lambda c: rows(c.b)))
    if kind == "GRU" and cells[0].rb is not None:
        bias[:, 2 * d : 3 * d], bias[:, 5 * d :] = stack(lambda c: c.b["n"]), stack(lambda c: c.rb)
    inputs = [
        value,
        writer.constant(f"{name}.W", stack(lambda c: rows(c.w))),
        writer.constant(f"{name}.R", stack(lambda c: rows(c.u))),
        writer.constant(f"{name}.B", bias),
        "",
        "" if cells[0].h0 is None else writer.constant(f"{name}.initial_h", state(stack(lambda c: c.h0))),
    ]
    if kind == "LSTM":
        inputs += [
            "" if cells[0].c0 is None else writer.constant(f"{name}.initial_c", state(stack(lambda c: c.c0))),
            "" if cells[0].p is None else writer.constant(f"{name}.P", stack(lambda c: join(c.p, PEEPHOLES))),
        ]
    while inputs[-1] == "":
        inputs.pop()
    attributes = attributes_of(cells) | ({"layout": 1} if layout else {})
    y, y_h = f"{name}.Y", f"{name}.Y_h"
    outputs = ["", y_h] if layer.output == "last-state" else [y]
    writer.nodes.append(helper.make_node(kind, inputs, outputs, name=name, hidden_size=d, **attributes))
    if layer.output == "last-state":
        turned = y_h if layout else writer.node("Transpose", [y_h], f"{name}.batch_first", perm=[1, 0, 2])
        shape = writer.constant(f"{name}.flat", np.array([1, n_directions * d], np.int64))
        return writer.node("Reshape", [turned, shape], f"{name}.last_state")
    # layout 0: [hours, directions, batch, d];  layout 1: [batch, hours, directions, d]
    turned = y if layout else writer.node("Transpose", [y], f"{name}.hours_batch", perm=[0, 2, 1, 3])
    flat = [1, n_hours, n_directions * d] if layout else [n_hours, 1, n_directions * d]
    shape = writer.constant(f"{name}.flat", np.array(flat, np.int64))
    sequence = writer.node("Reshape", [turned, shape], f"{name}.sequence")
    if layer.output == "last-hour":
        last = writer.constant(f"{name}.last", np.array(n_hours - 1, np.int64))
        return writer.node("Gather", [sequence, last], f"{name}.last_hour", axis=1 if layout else 0)
    return sequence


def kind_of(cell):
    return {Cell: "LSTM", GruCell: "GRU", RnnCell: "RNN"}[type(cell)]


def halves(b):
    """[n_directions, 4d] (3d, d) -> ONNX's [n_directions, 8d]: two float32 halves whose float64 sum is exactly b."""
    part = (b * np.float32(0.25)).astype(np.float32)
    part = np.where((b - part).astype(np.float64) + part.astype(np.float64) == b, part, 0).astype(np.float32)
    return np.concatenate([b - part, part], axis=1)


def attributes_of(cells):
    directions = {(False,): "forward", (True,): "reverse", (False, True): "bidirectional"}
    attributes = {"direction": directions[tuple(c.reverse for c in cells)]}
    kind = kind_of(cells[0])
    default = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}[kind]
    functions = [getattr(c, k) for c in cells for k in "fgh"[: len(default)]]
    names = [a.name for a in functions]
    if names != default * len(cells):
        attributes["activations"] = names
        alphas = [a.alpha for a in functions if ACTIVATION_DEFAULTS[a.name][0] is not None]
        betas = [a.beta for a in functions if ACTIVATION_DEFAULTS[a.name][1] is not None]
        attributes |= {"activation_alpha": alphas} if alphas else {}
        attributes |= {"activation_beta": betas} if betas else {}
    if cells[0].clip is not None:
        attributes["clip"] = cells[0].clip
    if kind == "GRU" and cells[0].rb is not None:
        attributes["linear_before_reset"] = 1
    if kind == "LSTM" and cells[0].input_forget:
        attributes["input_forget"] = 1
    return attributes
