"""Writes tests/fixtures/loops: small Keras 3 networks through tf2onnx, which writes their recurrences as Loops.

    python tests/reference/make_loops.py

Needs requirements-fixtures.txt. Each `<case>.onnx` comes with a `<case>.json` in the form of `explain/`: the same network
built a second time from Keras's weights and explained in float64, as if it had been exported with LSTM, GRU and RNN
nodes. onnxruntime's probability must agree. Where the reference has no such network, `explanations` is empty, and the
probability is onnxruntime's.
"""

import json
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx
from onnx.numpy_helper import from_array, to_array

from fixtures_explain import SENSITIVITY, change_under_float32, explanations
from gru_reference import GruCell, RnnCell
from lrp_reference import SIGMOID, TANH, Activation, Branch, Cell, Layer, Network, run

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "loops"
N_HOURS, N_COLUMNS, N_HIDDEN = 6, 3, 4
TOLERANCE = 2e-6
ACTIVATIONS = {
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "relu": Activation("Relu"),
    "elu": Activation("Elu", 1.0),
    "softsign": Activation("Softsign"),
    "softplus": Activation("Softplus"),
    "linear": Activation("Affine", 1.0, 0.0),
    "hard_sigmoid": Activation("HardSigmoid", float(np.float32(1 / 6)), 0.5),
}

L = keras.layers
LAYERS = {
    "lstm_hard_sigmoid_relu": lambda: [L.LSTM(N_HIDDEN, recurrent_activation="hard_sigmoid", activation="relu")],
    "lstm_linear_then_gru_hard_sigmoid": lambda: [
        L.LSTM(N_HIDDEN, activation="linear", use_bias=False, return_sequences=True),
        L.GRU(N_HIDDEN, recurrent_activation="hard_sigmoid", use_bias=False),
    ],
    "lstm_all_tanh": lambda: [L.LSTM(N_HIDDEN, recurrent_activation="tanh")],
    "lstm_initial_states": lambda: [L.LSTM(N_HIDDEN)],
    "gru_initial_state": lambda: [L.GRU(N_HIDDEN, return_sequences=True), L.SimpleRNN(N_HIDDEN)],
    "lstm_backwards": lambda: [L.LSTM(N_HIDDEN, go_backwards=True)],
    "gru_before_backwards": lambda: [L.GRU(N_HIDDEN, reset_after=False, go_backwards=True)],
    "gru_softsign_linear_output": lambda: [L.GRU(N_HIDDEN, activation="softsign", recurrent_activation="tanh")],
    "gru_both_then_lstm": lambda: [
        L.Bidirectional(L.GRU(N_HIDDEN, activation="softplus", return_sequences=True)),
        L.LSTM(N_HIDDEN),
    ],
    "rnn_softsign_then_elu": lambda: [
        L.SimpleRNN(N_HIDDEN, activation="softsign", return_sequences=True),
        L.SimpleRNN(N_HIDDEN, activation="elu", use_bias=False),
    ],
    "rnn_both_then_gru_before": lambda: [
        L.Bidirectional(L.SimpleRNN(N_HIDDEN, return_sequences=True)),
        L.GRU(N_HIDDEN, reset_after=False),
    ],
}


# ---------------------------------------------------------------------------------- the same network a second time


def cell_of(layer):
    """A Keras layer as the reference's cell. Keras stacks units last: kernel [e, blocks * d]."""
    weights = [np.asarray(w, np.float64) for w in layer.get_weights()]
    d = layer.units
    kernel, recurrent = weights[:2]
    bias = weights[2] if layer.use_bias else None
    common = dict(reverse=layer.go_backwards)
    split = lambda a, names: {k: a[..., m * d : (m + 1) * d].T for m, k in enumerate(names)}
    activation = lambda function: ACTIVATIONS[function.__name__]
    if isinstance(layer, L.SimpleRNN):
        b = np.zeros(d) if bias is None else bias
        return RnnCell(kernel.T, recurrent.T, b, activation(layer.activation), **common)
    f, g = activation(layer.recurrent_activation), activation(layer.activation)
    if isinstance(layer, L.LSTM):
        b = np.zeros(4 * d) if bias is None else bias
        return Cell(split(kernel, "ifco"), split(recurrent, "ifco"), split(b, "ifco"), f=f, g=g, h=g, **common)
    if not layer.reset_after:
        b = np.zeros(3 * d) if bias is None else bias
        return GruCell(split(kernel, "zrn"), split(recurrent, "zrn"), split(b, "zrn"), None, f, g, **common)
    wb, rb = (np.zeros(3 * d),) * 2 if bias is None else bias
    b = split(wb + rb, "zrn") | {"n": wb[2 * d :]}
    return GruCell(split(kernel, "zrn"), split(recurrent, "zrn"), b, rb[2 * d :], f, g, **common)


def reference_of(model, layers):
    trunk = []
    for layer in layers:
        parts = [layer.forward_layer, layer.backward_layer] if isinstance(layer, L.Bidirectional) else [layer]
        trunk.append(Layer([cell_of(part) for part in parts], "sequence" if parts[0].return_sequences else "last-state"))
    w, b = model.layers[-1].get_weights()
    return Network([Branch(list(range(N_COLUMNS)), [])], trunk, w[:, 0].astype(float), float(b[0]))


# ------------------------------------------------------------------------------------------------------- exporting


def draw_weights(model, seed):
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        layer.set_weights([(0.6 * rng.standard_normal(w.shape)).astype(np.float32) for w in layer.get_weights()])


def drawn_input(seed):
    return (1.2 * np.random.default_rng(seed + 5000).standard_normal((N_HOURS, N_COLUMNS))).astype(np.float32)


def model_of(layers):
    x = keras.Input((N_HOURS, N_COLUMNS), batch_size=1, name="x")
    value = x
    for layer in layers:
        value = layer(value)
    return keras.Model(x, L.Dense(1, activation="sigmoid")(value))


def last_cell_state_model():
    """The last cell state alone is used."""
    x = keras.Input((N_HOURS, N_COLUMNS), batch_size=1, name="x")
    _, _, c = L.LSTM(N_HIDDEN, return_state=True)(x)
    return keras.Model(x, L.Dense(1, activation="sigmoid")(c))


def export(model, name):
    signature = (tf.TensorSpec((1, N_HOURS, N_COLUMNS), tf.float32, name="x"),)
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    path = FOLDER / f"{name}.onnx"
    tf2onnx.convert.from_function(function, input_signature=signature, opset=17, output_path=str(path))
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    if "Loop" not in kinds or {"LSTM", "GRU", "RNN"} & set(kinds):
        raise SystemExit(f"loops/{name}: tf2onnx wrote {sorted(set(kinds))}")
    return path


INITIAL = np.array([[0.4, -0.3, 0.8, 0.1], [-0.7, 0.5, 0.2, -0.6]], np.float32)


def set_initial_states(path):
    """tf2onnx 1.17 writes invalid files where Keras is given initial states: they are put into its file here."""
    model = onnx.load(path)
    loop = next(node for node in model.graph.node if node.op_type == "Loop")
    zeros = {t.name for t in model.graph.initializer if list(t.dims) == [1, N_HIDDEN] and not to_array(t).any()}
    states = [slot for slot, name in enumerate(loop.input) if name in zeros]
    for slot, value in zip(states, INITIAL):
        model.graph.initializer.append(from_array(value[None], f"initial_{slot}"))
        loop.input[slot] = f"initial_{slot}"
    onnx.checker.check_model(model)
    onnx.save(model, path)


def probability_of(path, x):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return float(session.run(None, {session.get_inputs()[0].name: x[None]})[0].ravel()[0])


def record(path, x, probability, **fields):
    versions = f"keras {keras.__version__} through tf2onnx {tf2onnx.__version__}, opset 17"
    inputs = {"x": {"shape": [1, N_HOURS, N_COLUMNS], "data": [v.item() for v in x.ravel()]}}
    sources = {"exporter": versions, "onnxruntime": onnxruntime.__version__, **fields.pop("sources", {})}
    content = {"inputs": inputs, "probability": probability, **fields, "sources": sources}
    path.with_suffix(".json").write_text(json.dumps(content) + "\n")
    print(f"loops/{path.stem}: p = {probability:.4f}, {sources}")


def is_sound(explanation):
    """Whether no terms of both signs cancel, that single precision would then amplify."""
    score = abs(explanation["score"])
    return score > 0.05 and max(abs(v) for v in explanation["ledger"].values()) < 10 * score


def write(name, number):
    """With the first seed whose explanations float32 recording does not disturb."""
    for seed in range(700 + 20 * number, 720 + 20 * number):
        layers = LAYERS[name]()
        model = model_of(layers)
        draw_weights(model, seed)
        x = drawn_input(seed)
        network = reference_of(model, layers)
        if "initial" in name:
            for k, state in enumerate(("h0", "c0")):
                if hasattr(network.trunk[0].cells[0], state):
                    setattr(network.trunk[0].cells[0], state, np.asarray(INITIAL[k], np.float64))
        trace = run(network, x)
        made = explanations(trace)
        sensitivity = change_under_float32(trace, made)
        if sensitivity < SENSITIVITY and all(is_sound(e) for e in made if e["ledger"]):
            break
    else:
        raise SystemExit(f"loops/{name}: no usable seed")
    path = export(model, name)
    if "initial" in name:
        set_initial_states(path)
    difference = abs(probability_of(path, x) - trace.probability)
    if difference > TOLERANCE:
        raise SystemExit(f"loops/{name}: onnxruntime differs from the reference by {difference:.3g}")
    sources = {"seed": seed, "largest_change_under_float32_recording": sensitivity, "probability_difference": difference}
    record(path, x, trace.probability, logit=trace.logit, explanations=made, sources=sources)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(LAYERS):
        write(name, number)
    model = last_cell_state_model()
    draw_weights(model, 699)
    path, x = export(model, "lstm_last_cell_state"), drawn_input(699)
    record(path, x, probability_of(path, x), explanations=[])


if __name__ == "__main__":
    main()
