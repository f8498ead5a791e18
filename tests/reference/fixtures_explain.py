"""Small networks that end in one sigmoid unit, and their explanations under many options."""

import json
from dataclasses import dataclass, field, replace

import numpy as np
import onnx
import onnxruntime

from gru_reference import GruCell, GruStep, RnnCell, RnnStep
from lrp_reference import Branch, Cell, Layer, Network, Rule, activations_of, gradient, lrp, run
from onnx_writer import write_network

N_HOURS, N_COLUMNS = 6, 5
# How far values recorded in float32 may move a relevance, relative to the largest cell: seeds that are worse are
# passed over, so that a test against these files measures the rules and not the conditioning of one drawing.
SENSITIVITY = 2e-5
PROBABILITY_TOLERANCE = 1e-6


@dataclass
class Case:
    name: str
    first_seed: int
    branches: list = field(default_factory=lambda: [[0, 1], [2], [3, 4]])  # columns of each
    branch_layers: list = field(default_factory=lambda: ["both"])  # directions, all of sequence output
    trunk: list = field(default_factory=lambda: ["forward last-state"])
    cell: dict = field(default_factory=dict)  # replaces fields of every Cell
    initial: bool = False
    peepholes: bool = False
    bias: bool = True
    n_hours: int = N_HOURS
    layout: int = 0
    output_bias: float = 0.0
    kind: str = "LSTM"
    after: bool = False  # a GRU's reset gate multiplies after the recurrent product


def functions(*names, alpha=(), beta=()):
    f, g, h = activations_of(names, np.float32(alpha).tolist(), np.float32(beta).tolist())
    return {"f": f, "g": g, "h": h}


def gru_functions(*names, alpha=(), beta=()):
    f, g = activations_of(names, np.float32(alpha).tolist(), np.float32(beta).tolist())
    return {"f": f, "g": g}


NO_BRANCH = {"branches": [list(range(N_COLUMNS))], "branch_layers": []}

CASES = [
    Case("channel_wise", 100),
    Case("channel_wise_low", 110, output_bias=-0.9),
    Case("channel_wise_high", 120, output_bias=0.9),
    Case("forward_last_state", 130, **NO_BRANCH),
    Case("reverse_last_state", 140, **NO_BRANCH, trunk=["reverse last-state"]),
    Case("bidirectional_last_state", 150, **NO_BRANCH, trunk=["both last-state"]),
    Case("bidirectional_last_hour", 160, **NO_BRANCH, trunk=["both last-hour"]),
    Case("stacked", 170, **NO_BRANCH, trunk=["both sequence", "reverse sequence", "forward last-state"]),
    Case("channel_wise_deep", 180, branch_layers=["both", "both"], trunk=["forward sequence", "forward last-state"]),
    Case("shared_and_unused_columns", 190, branches=[[0, 1, 2], [2, 4], [1]]),
    Case("one_hour", 200, n_hours=1),
    Case("no_bias", 210, bias=False),
    Case("initial_states", 220, initial=True),
    Case("peepholes", 230, peepholes=True),
    Case("peepholes_initial_states", 240, peepholes=True, initial=True),
    Case("input_forget", 250, cell={"input_forget": True}),
    Case("input_forget_peepholes", 260, cell={"input_forget": True}, peepholes=True, initial=True),
    Case("hard_sigmoid_gates", 270, cell=functions("HardSigmoid", "Tanh", "Tanh", alpha=[0.2], beta=[0.5])),
    Case("softsign_and_elu", 280, cell=functions("Sigmoid", "Softsign", "Elu", alpha=[0.8])),
    Case("relu", 290, cell=functions("Sigmoid", "Relu", "Relu")),
    Case("clip", 300, cell={"clip": 0.75}),
    Case("clip_peepholes_initial_states", 310, cell={"clip": 0.5}, peepholes=True, initial=True),
    Case("layout_batch_first", 320, layout=1, initial=True),
    Case("gru_channel_wise", 400, kind="GRU"),
    Case("gru_after_channel_wise", 410, kind="GRU", after=True),
    Case("gru_reverse_last_state", 420, **NO_BRANCH, trunk=["reverse last-state"], kind="GRU", initial=True),
    Case("gru_after_both_last_hour", 430, **NO_BRANCH, trunk=["both last-hour"], kind="GRU", after=True, initial=True),
    Case(
        "gru_stacked", 440, **NO_BRANCH, trunk=["both sequence", "reverse sequence", "forward last-state"], kind="GRU"
    ),
    Case("gru_after_stacked", 450, **NO_BRANCH, trunk=["both sequence", "forward last-state"], kind="GRU", after=True),
    Case("gru_no_bias", 460, bias=False, kind="GRU"),
    Case("gru_after_no_bias", 470, bias=False, kind="GRU", after=True),
    Case(
        "gru_hard_sigmoid_softsign",
        480,
        kind="GRU",
        cell=gru_functions("HardSigmoid", "Softsign", alpha=[0.2], beta=[0.5]),
    ),
    Case("gru_clip", 490, kind="GRU", cell={"clip": 0.75}),
    Case("gru_after_clip", 500, kind="GRU", after=True, cell={"clip": 0.5}, initial=True),
    Case("gru_layout_batch_first", 510, kind="GRU", layout=1, initial=True, after=True),
    Case("gru_one_hour", 520, kind="GRU", n_hours=1, initial=True),
    Case("rnn_channel_wise", 600, kind="RNN"),
    Case("rnn_both_last_state", 610, **NO_BRANCH, trunk=["both last-state"], kind="RNN", initial=True),
    Case("rnn_stacked_no_bias", 620, **NO_BRANCH, trunk=["both sequence", "reverse last-state"], kind="RNN", bias=False),
    Case("rnn_relu_clip", 630, kind="RNN", cell={"f": activations_of(["Relu"], [], [])[0], "clip": 1.5}),
]

LRP_OPTIONS = [
    ("paper", Rule()),
    ("paper", Rule(form="arras2019")),
    ("paper", Rule(epsilon=0.001)),
    ("paper", Rule(epsilon=0.1, bias_factor=0.25)),
    ("paper", Rule(bias_factor=1.0)),
    ("score", Rule()),
    ("score", Rule(form="arras2019")),
    ("score", Rule(bias_factor=0.5)),
    ("score", Rule(bias_factor=0.5, form="arras2019")),
    ("score", Rule(bias_factor=1.0)),
    ("score", Rule(bias_factor=1.0, form="arras2019")),
    ("paper", Rule(gates="half")),
    ("paper", Rule(gates="prop")),
    ("paper", Rule(gates="abs")),
    ("score", Rule(gates="half", form="arras2019")),
    ("score", Rule(gates="prop", form="arras2019")),
    ("score", Rule(gates="abs", form="arras2019")),
    ("score", Rule(gates="half", bias_factor=1.0)),
    ("score", Rule(gates="prop", bias_factor=1.0)),
    ("score", Rule(gates="abs", bias_factor=1.0)),
]
GRADIENT_OPTIONS = ["paper", "score", "probability"]


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        seed, network, x, trace, made, sensitivity = draw(case)
        model = write_network(network, case.n_hours, N_COLUMNS, case.name, layout=case.layout)
        onnx.checker.check_model(model, full_check=True)
        sources = {
            "expected": "float64 reference",
            "seed": seed,
            "largest_change_under_float32_recording": sensitivity,
        }
        if case.layout:
            sources["onnxruntime"] = "does not run layout 1"
        else:
            sources["onnxruntime"] = onnxruntime.__version__
            sources["probability_difference"] = probability_difference(model, x, trace)
        record = {
            "inputs": {"x": {"shape": [1, case.n_hours, N_COLUMNS], "data": [v.item() for v in x.ravel()]}},
            "probability": trace.probability,
            "logit": trace.logit,
            "explanations": made,
            "sources": sources,
        }
        onnx.save(model, folder / f"{case.name}.onnx")
        (folder / f"{case.name}.json").write_text(json.dumps(record) + "\n")
        print(f"explain/{case.name}: p = {trace.probability:.4f}, {sources}")


def draw(case):
    """The first seed whose explanations float32 recording does not disturb, with these explanations."""
    for seed in range(case.first_seed, case.first_seed + 10):
        network = build(case, seed)
        x = (1.2 * np.random.default_rng(seed + 5000).standard_normal((case.n_hours, N_COLUMNS))).astype(np.float32)
        trace = run(network, x)
        made = explanations(trace)
        if any(abs(e["score"]) <= 0.05 for e in made if e["ledger"]):
            continue
        sensitivity = change_under_float32(trace, made)
        if sensitivity < SENSITIVITY:
            return seed, network, x, trace, made, sensitivity
    raise SystemExit(f"explain/{case.name}: no usable seed")


def build(case, seed):
    rng = np.random.default_rng(seed)

    def normal(*shape, scale):
        return (scale * rng.standard_normal(shape)).astype(np.float32).astype(np.float64)

    def cell(e, d, reverse):
        def gates(*shape, scale):
            return {k: normal(*shape, scale=scale) for k in "iofc"}

        h0 = lambda: normal(d, scale=0.5) if case.initial else None
        bias = lambda *shape: normal(*shape, scale=0.4) if case.bias else np.zeros(shape)
        if case.kind == "GRU":
            w, u = ({k: normal(d, width, scale=s) for k in "zrn"} for width, s in ((e, 0.9), (d, 0.6)))
            b, rb = {k: bias(d) for k in "zrn"}, bias(d) if case.after else None
            return GruCell(w, u, b, rb, reverse=reverse, h0=h0(), **case.cell)
        if case.kind == "RNN":
            w, u = normal(d, e, scale=0.7), normal(d, d, scale=0.5)
            return RnnCell(w, u, bias(d), reverse=reverse, h0=h0(), **case.cell)
        # A clip is a float32 attribute in the file, as are the activations' parameters.
        return Cell(
            w=gates(d, e, scale=0.9),
            u=gates(d, d, scale=0.6),
            b=gates(d, scale=0.4) if case.bias else {k: np.zeros(d) for k in "iofc"},
            p={k: normal(d, scale=0.7) for k in "iof"} if case.peepholes else None,
            reverse=reverse,
            h0=normal(d, scale=0.5) if case.initial else None,
            c0=normal(d, scale=0.7) if case.initial else None,
            **case.cell,
        )

    def layer(e, d, words):
        directions, output = words.split()
        reverse = {"forward": [False], "reverse": [True], "both": [False, True]}[directions]
        return Layer([cell(e, d, r) for r in reverse], output), d * len(reverse)

    branches, width = [], 0
    for columns in case.branches:
        e, layers = len(columns), []
        for directions in case.branch_layers:
            made, e = layer(e, 3, f"{directions} sequence")
            layers.append(made)
        branches.append(Branch(columns, layers))
        width += e
    trunk = []
    for words in case.trunk:
        made, width = layer(width, 4, words)
        trunk.append(made)
    b = float(np.float32(case.output_bias)) + float(normal(1, scale=0.2)[0]) if case.bias else 0.0
    return Network(branches, trunk, normal(width, scale=1.5), float(np.float32(b)))


def explanations(trace):
    result = []
    for explain, rule in LRP_OPTIONS:
        e = lrp(trace, explain, rule)
        result.append(
            {
                "method": "lrp",
                "explain": explain,
                "rule": rule.form,
                "epsilon": rule.epsilon,
                "bias_factor": rule.bias_factor,
                "gates": rule.gates,
                "score": e.score,
                "ledger": vars(e.ledger),
                "relevance": e.relevance.ravel().tolist(),
            }
        )
    for explain in GRADIENT_OPTIONS:
        e = gradient(trace, explain)
        result.append(
            {
                "method": "gradient",
                "explain": explain,
                "score": e.score,
                "ledger": None,
                "relevance": e.relevance.ravel().tolist(),
            }
        )
    return result


def under_float32(trace):
    """The trace as it would be, had every recorded value been rounded to float32."""

    def rounded(a):
        return np.asarray(a, np.float32).astype(np.float64)

    def step(s):
        if isinstance(s, (GruStep, RnnStep)):
            return replace(s, **{k: recorded(v) for k, v in vars(s).items() if k != "hour"})
        values = {k: rounded(getattr(s, k)) for k in ("x", "h_prev", "c_prev", "i", "f", "g", "o", "c", "hc", "h")}
        return replace(s, z={k: rounded(v) for k, v in s.z.items()}, **values)

    def recorded(v):
        return {k: rounded(a) for k, a in v.items()} if isinstance(v, dict) else rounded(v)

    def tapes_of(layers):
        return [[[step(s) for s in tape] for tape in tapes] for tapes in layers]

    return replace(
        trace,
        branch_tapes=[tapes_of(layers) for layers in trace.branch_tapes],
        trunk_tapes=tapes_of(trace.trunk_tapes),
        h=rounded(trace.h),
    )


def relative_change(exact, other):
    """Largest change of a cell, relative to the largest cell."""
    exact, other = np.asarray(exact), np.asarray(other)
    return float(np.abs(exact - other).max() / np.abs(exact).max())


def change_under_float32(trace, made):
    """The worst relative change of any of the trace's explanations, had it been recorded in float32."""
    pairs = zip(made, explanations(under_float32(trace)))
    return max(relative_change(exact["relevance"], other["relevance"]) for exact, other in pairs)


def probability_difference(model, x, trace):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (p,) = session.run(None, {"x": x[None]})
    difference = abs(float(p[0, 0]) - trace.probability)
    if difference > PROBABILITY_TOLERANCE:
        raise SystemExit(f"onnxruntime's probability differs from the reference by {difference:.3g}")
    return difference
