"""The trained network rebuilt in tf_keras 2 with its weights, exported by tf2onnx, with the manifest in its metadata.

tf_keras is the paper's own framework, with one bias a gate (26,817 parameters; a torch LSTM has two biases), and tf2onnx
turns it into the smallest of the graphs compared in the project's toolchain notes: real LSTM nodes, no loops, no shape
arithmetic, one file. Training itself runs in JAX, where the 34 small recurrences are one batched loop.
"""

import copy
import json
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
import tf_keras as keras

from channels import CHANNELS, COLUMNS, INDEX, MANIFEST, STEPS
from network import N_DIRECTIONS, N_LARGE, N_SMALL, columns_of, held

METADATA_KEY = "vitrine.manifest"
OPSET = 17


def manifest(scaling: np.ndarray, name: str, description: str) -> dict:
    """The built-in manifest with this network's own name, description and scaling [17, 2]."""
    out = copy.deepcopy(MANIFEST)
    out["name"], out["description"] = name, description
    for entry in out["channels"]:
        if entry["encoding"]["kind"] == "continuous":
            mean, std = scaling[INDEX[entry["name"]]]
            entry["encoding"]["mean"], entry["encoding"]["std"] = float(mean), float(std)
    return out


def keras_model(params) -> keras.Model:
    """The same network as `network.scores`, followed by the sigmoid, of input [1, 48, 76]."""
    x = keras.Input((STEPS, COLUMNS), batch_size=1, name="input")
    small = []
    for index, channel in enumerate(CHANNELS):
        columns = keras.layers.Lambda(_gather(columns_of(index)), name=f"columns_{index}")(x)
        layer = keras.layers.LSTM(N_SMALL, return_sequences=True, name=f"channel_{index}")
        small.append(keras.layers.Bidirectional(layer, name=f"both_{index}")(columns))
    concat = keras.layers.Concatenate()(small)
    large = keras.layers.LSTM(N_LARGE, name="all_channels")(concat)
    model = keras.Model(x, keras.layers.Dense(1, activation="sigmoid", name="probability")(large))
    _set_weights(model, held(params))
    return model


def write(model: keras.Model, meaning: dict, path) -> None:
    """Writes the ONNX file: opset 17, input `input` [1, 48, 76], output `probability` [1, 1]."""
    signature = [tf.TensorSpec((1, STEPS, COLUMNS), tf.float32, name="input")]
    proto, _ = tf2onnx.convert.from_keras(model, input_signature=signature, opset=OPSET)
    proto.producer_name = "tf2onnx"
    onnx.helper.set_model_props(proto, {METADATA_KEY: json.dumps(meaning, ensure_ascii=False, separators=(",", ":"))})
    onnx.checker.check_model(proto, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proto.SerializeToString())


def _gather(columns):
    return lambda x: tf.gather(x, columns, axis=2)


def _set_weights(model: keras.Model, params) -> None:
    for index in range(N_DIRECTIONS // 2):
        weights = []
        for direction in (2 * index, 2 * index + 1):
            weights.append(params["small_w_x"][columns_of(index), direction])
            weights += [params["small_w_h"][direction], params["small_bias"][direction]]
        model.get_layer(f"both_{index}").set_weights([np.asarray(weight) for weight in weights])
    model.get_layer("all_channels").set_weights([np.asarray(params[f"large_{part}"]) for part in ("w_x", "w_h", "bias")])
    dense = [np.asarray(params["dense_w"])[:, None], np.asarray(params["dense_bias"])[None]]
    model.get_layer("probability").set_weights(dense)
