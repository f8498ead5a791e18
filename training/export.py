"""A trained network as ONNX: its weights in the graph that tf2onnx made of the tf_keras network, with its own manifest in the metadata.

The graph is that of `www/models/in-hospital-mortality.onnx`. It was exported once, by tf2onnx 1.17.0 from tf_keras 2.21.0, the paper's own
framework, with one bias a gate; every network of this architecture has the same nodes, so weights alone are put into it. `train.py`
runs each file in onnxruntime over the whole test part and stops where it differs from the trained network.
"""

import copy
import json

import numpy as np
import onnx
from onnx import numpy_helper

from channels import CHANNELS, INDEX, MANIFEST, ROOT
from network import N_LARGE, N_SMALL, columns_of

METADATA_KEY = "vitrine.manifest"
GRAPH = ROOT / "www/models/in-hospital-mortality.onnx"


def manifest(scaling: np.ndarray, name: str, description: str, limits: dict, calibration: dict) -> dict:
    """The built-in manifest with this network's own name, description, scaling [17, 2], limits by channel, and calibration."""
    out = copy.deepcopy(MANIFEST)
    out["name"], out["description"] = name, description
    out["outcomes"][0]["calibration"] = calibration
    for entry in out["channels"]:
        entry.pop("limits", None)
        if entry["name"] in limits:
            entry["limits"] = limits[entry["name"]]
        if entry["encoding"]["kind"] == "continuous":
            mean, std = scaling[INDEX[entry["name"]]]
            entry["encoding"]["mean"], entry["encoding"]["std"] = float(mean), float(std)
    return out


def write(params, meaning: dict, path) -> None:
    """Writes the ONNX file: opset 17, input `input` [1, 48, 76], output `probability` [1, 1]."""
    model = onnx.load(GRAPH)
    stored = {tensor.name: tensor for tensor in model.graph.initializer}

    def put(name, value):
        old = numpy_helper.to_array(stored[name])
        if old.shape != value.shape:
            raise ValueError(f"{name} is {old.shape} in the graph and {value.shape} in the network")
        stored[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))

    by_first_input = {node.input[0]: node for node in model.graph.node if node.op_type == "LSTM"}
    for index in range(len(CHANNELS)):
        (node,) = (node for name, node in by_first_input.items() if f"/both_{index}/" in name)
        indices = numpy_helper.to_array(stored[f"model/columns_{index}/GatherV2/indices:0"])
        if indices.tolist() != columns_of(index):
            raise ValueError(f"the graph's columns of {CHANNELS[index].name} are {indices.tolist()}")
        pair = slice(2 * index, 2 * index + 2)
        weights = params["small_w_x"][indices, pair].swapaxes(0, 1), params["small_w_h"][pair], params["small_bias"][pair]
        for name, value in zip(node.input[1:4], ifgo_to_iofc(*weights, N_SMALL)):
            put(name, value)
    large = (params[f"large_{part}"][None] for part in ("w_x", "w_h", "bias"))
    for name, value in zip(by_first_input["model/concatenate/concat:0"].input[1:4], ifgo_to_iofc(*large, N_LARGE)):
        put(name, value)
    put("model/probability/MatMul/ReadVariableOp:0", params["dense_w"][:, None])
    put("model/probability/BiasAdd/ReadVariableOp:0", params["dense_bias"].reshape(1))
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(meaning, ensure_ascii=False, separators=(",", ":"))})
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


def ifgo_to_iofc(w_x, w_h, bias, n_hidden):
    """ONNX's W [d, 4 n, inputs], R [d, 4 n, n] and B [d, 8 n] of w_x [d, inputs, 4 n], w_h [d, n, 4 n] and bias [d, 4 n] in the order i f g o."""

    def reorder(array):
        i, f, g, o = np.split(array, 4, axis=-1)
        return np.concatenate([i, o, f, g], axis=-1)

    assert w_h.shape[-1] == 4 * n_hidden
    # The second half of B is the recurrent bias, of which there is none.
    return reorder(w_x).swapaxes(1, 2), reorder(w_h).swapaxes(1, 2), np.concatenate([reorder(bias), np.zeros_like(bias)], axis=-1)
