"""One ONNX LSTM node a file: every attribute and optional input, with weights large enough to make each one matter.

`fixtures_gru.py` writes GRU and RNN nodes with the same functions.
"""

import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import gru_reference
from lrp_reference import run_operator

OPSET = 17
TOLERANCE = 2e-6  # between onnxruntime's float32 and the float64 reference


def case(name, seed, attributes=None, t=5, b=1, i=3, h=4, **options):
    """options: bias, peepholes, initial_h, initial_c (bool), sequence_lens (list), outputs (names),
    state_scale (of the initial states)."""
    return dict(name=name, seed=seed, attributes=attributes or {}, t=t, b=b, i=i, h=h) | options


def activations(*names, alpha=(), beta=()):
    result = {"activations": list(names)}
    if alpha:
        result["activation_alpha"] = list(alpha)
    if beta:
        result["activation_beta"] = list(beta)
    return result


FORWARD, REVERSE, BOTH = ({"direction": d} for d in ("forward", "reverse", "bidirectional"))

CASES = [
    case("forward", 1),
    case("forward_explicit", 2, FORWARD),
    case("reverse", 3, REVERSE),
    case("bidirectional", 4, BOTH),
    case("no_bias", 5, BOTH, bias=False),
    case("one_hour", 6, BOTH, t=1),
    case("one_unit", 7, REVERSE, i=1, h=1),
    case("batch", 8, BOTH, b=3),
    case("batch_reverse_last_state", 9, REVERSE, b=2, outputs=["Y_h"]),
    case("last_state_only", 10, outputs=["Y_h"]),
    case("last_state_only_bidirectional", 11, BOTH, outputs=["Y_h"]),
    case("states_without_sequence", 12, BOTH, outputs=["Y_h", "Y_c"]),
    case("sequence_only", 13, BOTH, outputs=["Y"]),
    # initial states
    case("initial_h", 20, initial_h=True),
    case("initial_c", 21, REVERSE, initial_c=True),
    case("initial_both_bidirectional", 22, BOTH, b=2, initial_h=True, initial_c=True),
    # lengths
    case("sequence_lens", 30, t=6, b=3, sequence_lens=[6, 2, 4]),
    case("sequence_lens_reverse", 31, REVERSE, t=6, b=3, sequence_lens=[3, 6, 1]),
    case("sequence_lens_bidirectional", 32, BOTH, t=6, b=3, sequence_lens=[2, 5, 6]),
    case("sequence_lens_shorter_than_all", 33, BOTH, t=6, b=2, sequence_lens=[3, 4]),
    case("sequence_lens_initial", 34, BOTH, t=5, b=2, sequence_lens=[2, 5], initial_h=True, initial_c=True),
    # activations
    case("hard_sigmoid_default", 40, activations("HardSigmoid", "Tanh", "Tanh")),
    case("hard_sigmoid_keras2", 41, activations("HardSigmoid", "Tanh", "Tanh", alpha=[0.2], beta=[0.5])),
    case("hard_sigmoid_keras3", 42, activations("HardSigmoid", "Tanh", "Tanh", alpha=[1 / 6], beta=[0.5])),
    case(
        "hard_sigmoid_bidirectional",
        43,
        BOTH
        | activations(
            "HardSigmoid", "Tanh", "Tanh", "HardSigmoid", "Tanh", "Tanh", alpha=[0.2, 0.15], beta=[0.5, 0.45]
        ),
    ),
    case("relu", 44, activations("Sigmoid", "Relu", "Relu")),
    case("all_tanh", 45, activations("Tanh", "Tanh", "Tanh")),
    case("all_sigmoid", 46, REVERSE | activations("Sigmoid", "Sigmoid", "Sigmoid")),
    case("lower_case_names", 47, activations("sigmoid", "relu", "tanh")),
    case("leaky_relu_default", 48, activations("Sigmoid", "LeakyRelu", "Tanh")),
    case("leaky_relu", 49, activations("Sigmoid", "LeakyRelu", "LeakyRelu", alpha=[0.3, 0.05])),
    # No default for ThresholdedRelu and Affine: ONNX says alpha 1, onnxruntime takes 0.
    case("thresholded_relu", 51, activations("Sigmoid", "ThresholdedRelu", "Tanh", alpha=[0.25])),
    case("affine", 52, activations("HardSigmoid", "Affine", "Affine", alpha=[0.2, 0.6, 0.9], beta=[0.5, 0.1, -0.2])),
    case("elu", 54, activations("Sigmoid", "Elu", "Tanh", alpha=[0.7])),
    case("elu_default", 55, activations("Sigmoid", "Elu", "Elu")),
    case("softsign", 56, activations("Sigmoid", "Softsign", "Softsign")),
    case("softplus", 57, activations("Sigmoid", "Softplus", "Softplus")),
    case("scaled_tanh", 58, activations("Sigmoid", "ScaledTanh", "ScaledTanh", alpha=[1.7159, 0.8], beta=[0.6667, 1.3])),
    case(
        "alpha_beta_taken_in_order",
        59,
        activations("HardSigmoid", "LeakyRelu", "ScaledTanh", alpha=[0.25, 0.1, 1.4], beta=[0.4, 0.7]),
    ),
    case(
        "different_per_direction",
        60,
        BOTH
        | activations("Sigmoid", "Tanh", "Softsign", "HardSigmoid", "LeakyRelu", "Tanh", alpha=[0.3, 0.2], beta=[0.4]),
        b=2,
    ),
    case("different_per_direction_no_parameters", 61, BOTH | activations("Sigmoid", "Relu", "Tanh", "Tanh", "Softsign", "Sigmoid")),
    # clip, coupled gates, peepholes
    case("clip", 70, {"clip": 0.5}),
    case("clip_bidirectional_relu", 71, BOTH | {"clip": 0.8} | activations(*["Sigmoid", "Relu", "Relu"] * 2)),
    case("clip_leaves_the_cell_alone", 68, BOTH | {"clip": 0.5}, initial_c=True, state_scale=2.0),
    case("clip_large", 72, {"clip": 50.0}),
    case("input_forget", 73, {"input_forget": 1}),
    case("input_forget_bidirectional", 74, BOTH | {"input_forget": 1}, b=2),
    case("peepholes", 75, peepholes=True),
    case("peepholes_bidirectional", 76, BOTH, peepholes=True, b=2, initial_c=True),
    case("peepholes_no_bias", 77, REVERSE, peepholes=True, bias=False),
    case("peepholes_input_forget_clip", 78, {"input_forget": 1, "clip": 0.9}, peepholes=True, initial_c=True),
    # layout
    case("layout_batch_first", 80, {"layout": 1}, b=3),
    case("layout_batch_first_reverse", 81, REVERSE | {"layout": 1}, b=2),
    case("layout_batch_first_bidirectional", 82, BOTH | {"layout": 1}, b=3),
    case("layout_batch_first_initial", 83, BOTH | {"layout": 1}, b=2, initial_h=True, initial_c=True, sequence_lens=[5, 3]),
    # together
    case(
        "everything",
        90,
        BOTH
        | {"clip": 1.5}
        | activations("HardSigmoid", "Softsign", "Tanh", "Sigmoid", "Tanh", "ScaledTanh", alpha=[0.2, 1.2], beta=[0.5, 0.8]),
        t=6,
        b=3,
        peepholes=True,
        initial_h=True,
        initial_c=True,
        sequence_lens=[6, 3, 5],
    ),
]


KIND = "LSTM"
BLOCKS = {"LSTM": 4, "GRU": 3, "RNN": 1}
SLOTS = {
    "LSTM": ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"],
    "GRU": ["X", "W", "R", "B", "sequence_lens", "initial_h"],
    "RNN": ["X", "W", "R", "B", "sequence_lens", "initial_h"],
}
OUTPUTS = {"LSTM": ["Y", "Y_h", "Y_c"], "GRU": ["Y", "Y_h"], "RNN": ["Y", "Y_h"]}


def write(folder, cases=CASES):
    folder.mkdir(parents=True, exist_ok=True)
    for description in cases:
        model, inputs, weights = build(description)
        onnx.checker.check_model(model)
        reference = reference_outputs(description, inputs, weights)
        outputs, sources = expected(description, model, inputs, reference)
        check_that_it_matters(description, inputs, weights, reference)
        onnx.save(model, folder / f"{description['name']}.onnx")
        record = {
            "inputs": {name: tensor(value) for name, value in inputs.items()},
            "outputs": {name: tensor(value) for name, value in outputs.items()},
            "sources": sources,
        }
        (folder / f"{description['name']}.json").write_text(json.dumps(record) + "\n")
        print(f"{where(description)}: {sources}")


def kind_of(description):
    return description.get("kind", KIND)


def where(description):
    return f"{kind_of(description).lower()}/{description['name']}"


def tensor(value):
    return {"shape": list(value.shape), "data": [x.item() for x in value.ravel()]}


def build(description):
    """The ONNX model, its run-time inputs by name, and its weights by name."""
    rng = np.random.default_rng(description["seed"])
    attributes = description["attributes"]
    t, b, i, h = (description[k] for k in "tbih")
    n_directions = 2 if attributes.get("direction") == "bidirectional" else 1
    batch_first = attributes.get("layout", 0) == 1

    def normal(*shape, scale):
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    kind = kind_of(description)
    m = BLOCKS[kind]
    weights = {"W": normal(n_directions, m * h, i, scale=0.9), "R": normal(n_directions, m * h, h, scale=0.7)}
    if description.get("bias", True):
        weights["B"] = normal(n_directions, 2 * m * h, scale=0.5)
    if description.get("peepholes"):
        weights["P"] = normal(n_directions, 3 * h, scale=0.8)
    state = (b, n_directions, h) if batch_first else (n_directions, b, h)
    inputs = {"X": normal(*((b, t, i) if batch_first else (t, b, i)), scale=1.5)}
    if "sequence_lens" in description:
        inputs["sequence_lens"] = np.array(description["sequence_lens"], dtype=np.int32)
    for name in ("initial_h", "initial_c"):
        if description.get(name):
            inputs[name] = normal(*state, scale=description.get("state_scale", 0.8))

    present = {**weights, **inputs}
    names = [name if name in present else "" for name in SLOTS[kind]]
    while names[-1] == "":
        names.pop()
    wanted = description.get("outputs", OUTPUTS[kind])
    results = [name if name in wanted else "" for name in OUTPUTS[kind]]
    while results[-1] == "":
        results.pop()
    node = helper.make_node(kind, names, results, name=kind.lower(), hidden_size=h, **attributes)
    shapes = {
        "Y": (b, t, n_directions, h) if batch_first else (t, n_directions, b, h),
        "Y_h": state,
        "Y_c": state,
    }
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32}
    graph = helper.make_graph(
        [node],
        description["name"],
        [helper.make_tensor_value_info(name, kinds[value.dtype], value.shape) for name, value in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in wanted],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="vitrine fixtures"
    )
    return model, inputs, weights


def as_stored(attributes):
    """The attributes with the float32 values that the file holds."""
    stored = dict(attributes)
    for name in ("activation_alpha", "activation_beta"):
        if name in stored:
            stored[name] = [float(np.float32(v)) for v in stored[name]]
    if "clip" in stored:
        stored["clip"] = float(np.float32(stored["clip"]))
    return stored


def reference_outputs(description, inputs, weights, attributes=None):
    kind = kind_of(description)
    attributes = as_stored(description["attributes"]) if attributes is None else attributes
    values = {**inputs, **weights}
    arguments = [values.get(name) for name in SLOTS[kind]]
    if kind == "LSTM":
        results = run_operator(*arguments, attributes)
    else:
        results = gru_reference.run_operator(kind, *arguments, attributes)
    wanted = description.get("outputs", OUTPUTS[kind])
    return {name: value for name, value in zip(OUTPUTS[kind], results) if name in wanted}


def expected(description, model, inputs, reference):
    """The expected outputs (the float64 reference's) and who agrees with them."""
    if description["attributes"].get("layout"):
        # onnxruntime has no layout 1: it runs the same weights time-major, its results are turned back.
        model, inputs = time_major(model, inputs)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))
    if description["attributes"].get("layout"):
        turn = {"Y": (2, 0, 1, 3), "Y_h": (1, 0, 2), "Y_c": (1, 0, 2)}
        results = {name: np.transpose(value, turn[name]) for name, value in results.items()}
    difference = max(float(np.abs(results[name] - value).max()) for name, value in reference.items())
    if difference > TOLERANCE:
        raise SystemExit(f"{where(description)}: onnxruntime differs from the reference by {difference:.3g}")
    return reference, {
        "expected": "float64 reference",
        "onnxruntime": onnxruntime.__version__,
        "max_abs_difference": difference,
        "onnxruntime_ran": "time-major" if description["attributes"].get("layout") else "as is",
    }


def time_major(model, inputs):
    turned = onnx.ModelProto()
    turned.CopyFrom(model)
    node = turned.graph.node[0]
    kept = [a for a in node.attribute if a.name != "layout"]
    del node.attribute[:]
    node.attribute.extend(kept)
    for value in [*turned.graph.input, *turned.graph.output]:
        if value.name != "sequence_lens":
            value.type.tensor_type.ClearField("shape")
    inputs = {k: v if k == "sequence_lens" else np.ascontiguousarray(np.swapaxes(v, 0, 1)) for k, v in inputs.items()}
    return turned, inputs


def check_that_it_matters(description, inputs, weights, reference):
    """A fixture that gives the same numbers without its attribute could not fail: drop each in turn and look."""
    attributes = as_stored(description["attributes"])
    drops = [{k} for k in attributes if k in ("clip", "input_forget", "linear_before_reset")]
    if "activation_alpha" in attributes and "default" not in description["name"]:
        drops.append({"activation_alpha"})
    harmless = {"clip_large"} | {"hard_sigmoid_keras2"}  # there on purpose: the same as without
    for drop in drops:
        without = {k: v for k, v in attributes.items() if k not in drop}
        other = reference_outputs(description, inputs, weights, without)
        change = max(float(np.abs(other[name] - value).max()) for name, value in reference.items())
        if change < 1e-2 and description["name"] not in harmless:
            raise SystemExit(f"{where(description)}: {drop} changes the outputs by {change:.2g} only")
