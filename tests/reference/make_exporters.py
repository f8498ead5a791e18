"""Writes tests/fixtures/exporters: one network, the channel-wise LSTM, as real exporters write it.

    python tests/reference/make_exporters.py                # all styles
    python tests/reference/make_exporters.py torch          # torch | tf_keras | keras3 | reference

Needs requirements-fixtures.txt. All styles hold the same seeded weights, so one reference serves all of them. Each
framework runs in a process of its own: Keras 2 and Keras 3 cannot share one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from channel_wise import N_COLUMNS, N_HOURS, N_LARGE, N_SMALL, channel_columns, n_weights, seeded_input, seeded_network
from lrp_reference import Rule, gradient, lrp, run

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "exporters"
INPUT = "channel_wise.input.f32"
TOLERANCE = 1e-6
EXPLANATIONS = {
    "lrp": ("channel_wise.lrp.f64", lambda trace: lrp(trace)),
    "lrp_score": ("channel_wise.lrp_score.f64", lambda trace: lrp(trace, "score", Rule(bias_factor=1.0))),
    "gradient": ("channel_wise.gradient.f64", lambda trace: gradient(trace)),
}


# ------------------------------------------------------------------------------------------------------ reference


def write_reference():
    network, x = seeded_network(), seeded_input()
    assert n_weights(network) == 26_817, n_weights(network)
    trace = run(network, x)
    x.astype("<f4").tofile(FOLDER / INPUT)
    record = {"shape": [1, N_HOURS, N_COLUMNS], "input": INPUT, "logit": trace.logit, "probability": trace.probability}
    for name, (file, explain) in EXPLANATIONS.items():
        e = explain(trace)
        e.relevance.astype("<f8").tofile(FOLDER / file)
        record[name] = {"file": file, "score": e.score, "ledger": vars(e.ledger) if e.ledger else None}
    (FOLDER / "channel_wise.json").write_text(json.dumps(record, indent=1) + "\n")
    print(record)


def describe(style, exporter):
    """The style's JSON: what onnxruntime makes of the file, checked against the float64 reference."""
    import onnx
    import onnxruntime

    path = FOLDER / f"{style}.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = seeded_input()[None]
    (p,) = session.run(None, {session.get_inputs()[0].name: x})
    difference = abs(float(p.ravel()[0]) - run(seeded_network(), x[0]).probability)
    if p.size != 1 or difference > TOLERANCE:
        raise SystemExit(f"exporters/{style}: onnxruntime gives {p}, {difference:.3g} away from the reference")
    kinds = [node.op_type for node in onnx.load(path, load_external_data=False).graph.node]
    record = {
        "exporter": exporter,
        "onnxruntime": onnxruntime.__version__,
        "probability": float(p.ravel()[0]),
        "difference_to_reference": difference,
        "nodes": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    (FOLDER / f"{style}.json").write_text(json.dumps(record, indent=1) + "\n")
    print(style, record)


# ---------------------------------------------------------------------------------------------------------- torch


def ifgo(parts):
    """The reference's gates stacked in PyTorch's order, i f g o."""
    return np.concatenate([parts[k] for k in ("i", "f", "c", "o")])


def write_torch():
    import onnx
    import torch

    class ChannelWise(torch.nn.Module):
        def __init__(self, last):
            super().__init__()
            self.columns = channel_columns()
            self.channels = torch.nn.ModuleList(
                torch.nn.LSTM(len(c), N_SMALL, bidirectional=True, batch_first=True) for c in self.columns
            )
            self.above = torch.nn.LSTM(2 * N_SMALL * len(self.columns), N_LARGE, batch_first=True)
            self.dense = torch.nn.Linear(N_LARGE, 1)
            self.last = last

        def forward(self, x):
            parts = [lstm(x[:, :, columns])[0] for lstm, columns in zip(self.channels, self.columns)]
            sequence, (h, _) = self.above(torch.cat(parts, dim=-1))
            last = h[-1] if self.last == "state" else sequence[:, -1]
            return torch.sigmoid(self.dense(last))

    def filled(last):
        network, model = seeded_network(), ChannelWise(last)
        with torch.no_grad():
            pairs = [(branch.layers[0].cells, lstm) for branch, lstm in zip(network.branches, model.channels)]
            for cells, lstm in [*pairs, (network.trunk[0].cells, model.above)]:
                for cell, suffix in zip(cells, ("", "_reverse")):
                    b = ifgo(cell.b).astype(np.float32)
                    quarter = np.round(b * 1024).astype(np.float32) / 4096  # both biases are used; exact in float32
                    for name, value in (
                        ("weight_ih_l0", ifgo(cell.w)),
                        ("weight_hh_l0", ifgo(cell.u)),
                        ("bias_ih_l0", b - quarter),
                        ("bias_hh_l0", quarter),
                    ):
                        getattr(lstm, name + suffix).copy_(torch.tensor(value, dtype=torch.float32))
            model.dense.weight.copy_(torch.tensor(network.w[None], dtype=torch.float32))
            model.dense.bias.fill_(network.b)
        return model.eval()

    x = torch.tensor(seeded_input()[None])
    names = {"input_names": ["x"], "output_names": ["probability"]}
    version = f"torch {torch.__version__.split('+')[0]}"

    def export(style, last, words, **options):
        torch.onnx.export(filled(last), (x,), str(FOLDER / f"{style}.onnx"), **names, **options)
        describe(style, f"{version}, {words}")

    batch = {"dynamic_axes": {"x": {0: "batch"}, "probability": {0: "batch"}}}
    export("torch_torchscript", "state", "dynamo=False, opset 17", dynamo=False, opset_version=17)
    export(
        "torch_torchscript_dynamic_batch",
        "hour",
        "dynamo=False, opset 17, dynamic batch, last hour of the sequence",
        dynamo=False,
        opset_version=17,
        **batch,
    )
    export("torch_dynamo_external", "state", "dynamo=True, weights in a second file", dynamo=True)
    export("torch_dynamo_inline", "state", "dynamo=True, external_data=False", dynamo=True, external_data=False)
    # Exported with a batch of two: torch specialises a dynamic dimension whose example has length 1.
    x = torch.cat([x, x])
    export(
        "torch_dynamo_dynamic_batch",
        "hour",
        "dynamo=True, external_data=False, dynamic batch, last hour of the sequence",
        dynamo=True,
        external_data=False,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
    )
    for path in FOLDER.glob("torch_dynamo*.onnx"):
        strip_debug(onnx, path)


def strip_debug(onnx, path):
    """Drops per-node notes (stack traces with paths of the machine that exported)."""
    model = onnx.load(path, load_external_data=False)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    onnx.save(model, path)


# ---------------------------------------------------------------------------------------------------------- Keras


def ifco(parts):
    """The reference's gates stacked in Keras's order, i f c o; units last."""
    return np.concatenate([parts[k].T for k in ("i", "f", "c", "o")], axis=-1).astype(np.float32)


def keras_model(keras, gather):
    x = keras.Input((N_HOURS, N_COLUMNS), name="x")
    parts = [
        keras.layers.Bidirectional(keras.layers.LSTM(N_SMALL, return_sequences=True), name=f"channel{k}")(
            gather(keras, x, columns, k)
        )
        for k, columns in enumerate(channel_columns())
    ]
    above = keras.layers.LSTM(N_LARGE, name="above")(keras.layers.Concatenate()(parts))
    model = keras.Model(x, keras.layers.Dense(1, activation="sigmoid", name="probability")(above))
    network = seeded_network()
    weights = lambda cell: [ifco(cell.w), ifco(cell.u), ifco(cell.b)]
    for k, branch in enumerate(network.branches):
        forward, reverse = branch.layers[0].cells
        model.get_layer(f"channel{k}").set_weights(weights(forward) + weights(reverse))
    model.get_layer("above").set_weights(weights(network.trunk[0].cells[0]))
    model.get_layer("probability").set_weights([network.w[:, None].astype(np.float32), np.array([network.b], "f4")])
    return model


def write_tf_keras():
    import tensorflow as tf
    import tf2onnx
    import tf_keras

    def gather(keras, x, columns, k):
        return keras.layers.Lambda(lambda v: tf.gather(v, columns, axis=-1), name=f"columns{k}")(x)

    model = keras_model(tf_keras, gather)
    words = f"tf_keras {tf_keras.__version__} through tf2onnx {tf2onnx.__version__}, opset 17"
    for style, batch in (("tf_keras2", 1), ("tf_keras2_dynamic_batch", None)):
        signature = (tf.TensorSpec((batch, N_HOURS, N_COLUMNS), tf.float32, name="x"),)
        path = str(FOLDER / f"{style}.onnx")
        tf2onnx.convert.from_keras(model, input_signature=signature, opset=17, output_path=path)
        describe(style, words + (", dynamic batch" if batch is None else ""))


def write_keras3():
    import keras
    import tensorflow as tf
    import tf2onnx

    def gather(keras, x, columns, k):
        return keras.ops.take(x, columns, axis=-1)

    model = keras_model(keras, gather)
    signature = (tf.TensorSpec((1, N_HOURS, N_COLUMNS), tf.float32, name="x"),)
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    path = str(FOLDER / "keras3_loop.onnx")
    tf2onnx.convert.from_function(function, input_signature=signature, opset=17, output_path=path)
    words = f"keras {keras.__version__} through tf2onnx {tf2onnx.__version__}, opset 17"
    describe("keras3_loop", words)


STYLES = {"reference": write_reference, "torch": write_torch, "tf_keras": write_tf_keras, "keras3": write_keras3}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            STYLES[name]()
    else:
        for name in STYLES:
            environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1" if name == "tf_keras" else "0"}
            subprocess.run([sys.executable, __file__, name], check=True, env=environment)
