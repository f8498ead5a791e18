"""One ONNX GRU or RNN node a file: every attribute and optional input. Built as `fixtures_lstm.py` builds its own."""

import fixtures_lstm
from fixtures_lstm import BOTH, FORWARD, REVERSE, activations, case

AFTER = {"linear_before_reset": 1}


def gru(*arguments, **options):
    return case(*arguments, **options) | {"kind": "GRU"}


def rnn(*arguments, **options):
    return case(*arguments, **options) | {"kind": "RNN"}


GRU_CASES = [
    gru("forward", 101),
    gru("forward_explicit", 102, FORWARD),
    gru("reverse", 103, REVERSE),
    gru("bidirectional", 104, BOTH),
    gru("no_bias", 105, BOTH, bias=False),
    gru("one_hour", 106, BOTH, t=1),
    gru("one_unit", 107, REVERSE, i=1, h=1),
    gru("batch", 108, BOTH, b=3),
    gru("batch_reverse_last_state", 109, REVERSE, b=2, outputs=["Y_h"]),
    gru("last_state_only", 110, outputs=["Y_h"]),
    gru("last_state_only_bidirectional", 111, BOTH, outputs=["Y_h"]),
    gru("sequence_only", 112, BOTH, outputs=["Y"]),
    gru("initial_h", 113, initial_h=True),
    gru("initial_h_bidirectional", 114, BOTH, b=2, initial_h=True),
    # the reset gate after the recurrent product
    gru("after", 120, AFTER),
    gru("after_reverse", 121, REVERSE | AFTER),
    gru("after_bidirectional", 122, BOTH | AFTER, b=3),
    gru("after_no_bias", 123, BOTH | AFTER, bias=False),
    gru("after_initial_h", 124, BOTH | AFTER, b=2, initial_h=True),
    gru("after_last_state", 125, REVERSE | AFTER, outputs=["Y_h"]),
    gru("after_one_unit", 126, AFTER, i=1, h=1),
    gru("after_clip", 127, AFTER | {"clip": 0.5}),
    gru("after_activations", 128, AFTER | activations("HardSigmoid", "Softsign", alpha=[0.3], beta=[0.4])),
    gru("after_sequence_lens", 129, BOTH | AFTER, t=6, b=3, sequence_lens=[2, 5, 6]),
    # lengths
    gru("sequence_lens", 130, t=6, b=3, sequence_lens=[6, 2, 4]),
    gru("sequence_lens_reverse", 131, REVERSE, t=6, b=3, sequence_lens=[3, 6, 1]),
    gru("sequence_lens_bidirectional_initial", 132, BOTH, t=6, b=3, sequence_lens=[2, 5, 6], initial_h=True),
    # activations
    gru("hard_sigmoid_default", 140, activations("HardSigmoid", "Tanh")),
    gru("hard_sigmoid_keras3", 141, activations("HardSigmoid", "Tanh", alpha=[1 / 6], beta=[0.5])),
    gru("relu", 142, activations("Sigmoid", "Relu")),
    gru("lower_case_names", 143, activations("sigmoid", "relu")),
    gru("all_tanh", 144, activations("Tanh", "Tanh"), t=3),
    gru("leaky_relu", 145, activations("Sigmoid", "LeakyRelu", alpha=[0.3])),
    gru("thresholded_relu", 146, activations("Sigmoid", "ThresholdedRelu", alpha=[0.25])),
    gru("affine", 147, activations("HardSigmoid", "Affine", alpha=[0.2, 0.6], beta=[0.5, 0.1])),
    gru("elu", 148, activations("Sigmoid", "Elu", alpha=[0.7])),
    gru("softplus", 149, activations("Sigmoid", "Softplus")),
    gru("scaled_tanh", 150, activations("Sigmoid", "ScaledTanh", alpha=[1.7159], beta=[0.6667])),
    gru(
        "different_per_direction",
        151,
        BOTH | activations("Sigmoid", "LeakyRelu", "HardSigmoid", "ScaledTanh", alpha=[0.2, 0.25, 1.3], beta=[0.4, 0.8]),
        b=2,
    ),
    # clip, layout
    gru("clip", 160, {"clip": 0.5}),
    gru("clip_bidirectional_relu", 161, BOTH | {"clip": 0.8} | activations(*["Sigmoid", "Relu"] * 2)),
    gru("clip_large", 162, {"clip": 50.0}),
    gru("layout_batch_first", 170, {"layout": 1}, b=3),
    gru("layout_batch_first_reverse_after", 171, REVERSE | AFTER | {"layout": 1}, b=2),
    gru("layout_batch_first_everything", 172, BOTH | {"layout": 1}, b=2, initial_h=True, sequence_lens=[5, 3]),
    gru(
        "everything",
        180,
        BOTH
        | AFTER
        | {"clip": 1.5}
        | activations("HardSigmoid", "Softsign", "Sigmoid", "ScaledTanh", alpha=[0.2, 1.2], beta=[0.5, 0.8]),
        t=6,
        b=3,
        initial_h=True,
        sequence_lens=[6, 3, 5],
    ),
]

RNN_CASES = [
    rnn("forward", 201),
    rnn("forward_explicit", 202, FORWARD),
    rnn("reverse", 203, REVERSE),
    rnn("bidirectional", 204, BOTH),
    rnn("no_bias", 205, BOTH, bias=False),
    rnn("one_hour", 206, BOTH, t=1),
    rnn("one_unit", 207, REVERSE, i=1, h=1),
    rnn("batch", 208, BOTH, b=3),
    rnn("batch_reverse_last_state", 209, REVERSE, b=2, outputs=["Y_h"]),
    rnn("last_state_only", 210, outputs=["Y_h"]),
    rnn("last_state_only_bidirectional", 211, BOTH, outputs=["Y_h"]),
    rnn("sequence_only", 212, BOTH, outputs=["Y"]),
    rnn("initial_h", 213, initial_h=True),
    rnn("initial_h_bidirectional", 214, BOTH, b=2, initial_h=True),
    rnn("sequence_lens", 230, t=6, b=3, sequence_lens=[6, 2, 4]),
    rnn("sequence_lens_reverse", 231, REVERSE, t=6, b=3, sequence_lens=[3, 6, 1]),
    rnn("sequence_lens_bidirectional_initial", 232, BOTH, t=6, b=3, sequence_lens=[2, 5, 6], initial_h=True),
    rnn("sigmoid", 240, activations("Sigmoid")),
    rnn("relu", 241, activations("Relu")),
    rnn("leaky_relu", 243, activations("LeakyRelu", alpha=[0.3])),
    rnn("thresholded_relu", 244, activations("ThresholdedRelu", alpha=[0.25])),
    rnn("affine", 245, activations("Affine", alpha=[0.6], beta=[0.1]), t=3),
    rnn("hard_sigmoid", 246, activations("HardSigmoid", alpha=[0.25], beta=[0.4])),
    rnn("elu", 247, activations("Elu", alpha=[0.7])),
    rnn("softsign", 248, activations("Softsign")),
    rnn("softplus", 249, activations("Softplus"), t=3),
    rnn("scaled_tanh", 250, activations("ScaledTanh", alpha=[1.7159], beta=[0.6667])),
    rnn("different_per_direction", 251, BOTH | activations("ScaledTanh", "HardSigmoid", alpha=[1.3, 0.3], beta=[0.8, 0.4]), b=2),
    rnn("clip", 260, {"clip": 0.5}),
    rnn("clip_bidirectional_relu", 261, BOTH | {"clip": 0.8} | activations("Relu", "Relu")),
    rnn("clip_large", 262, {"clip": 50.0}),
    rnn("layout_batch_first", 270, {"layout": 1}, b=3),
    rnn("layout_batch_first_everything", 271, BOTH | {"layout": 1}, b=2, initial_h=True, sequence_lens=[5, 3]),
    rnn(
        "everything",
        280,
        BOTH | {"clip": 1.2} | activations("HardSigmoid", "ScaledTanh", alpha=[0.3, 1.3], beta=[0.4, 0.8]),
        t=6,
        b=3,
        initial_h=True,
        sequence_lens=[6, 3, 5],
    ),
]

CASES = {"gru": GRU_CASES, "rnn": RNN_CASES}


def write(folder, family):
    fixtures_lstm.write(folder, CASES[family])
