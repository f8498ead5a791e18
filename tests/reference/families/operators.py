"""Small networks around one operator each: choices, places that the run says, attention, resampling, what scikit-learn
exports."""

import numpy as np
import onnx
from onnx import TensorProto, helper

from .handmade import BY_HAND, COLUMNS, HIDDEN, SEQUENCE, STEPS, Builder, last_state
from .record import FOLDER, Case

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
ROW = [{"name": "x", "shape": [1, 9], "type": "float32"}]
TWO = (("p", [1, 2]),)


def f4(b, name, values):
    return b.constant(name, values, "f4")


def i8(b, name, values):
    return b.constant(name, values, "i8")


def pooled(b, y, width, axis=1):
    """A mean over the steps and a head. The axes are an attribute before opset 18, an input after."""
    over, axes = ([], {"axes": [axis]}) if b.opset < 18 else ([i8(b, "mean.axes", [axis])], {})
    b.head(b.node("ReduceMean", [y, *over], ["mean"], keepdims=0, **axes), width)


def projected(b, x="x", width=HIDDEN, y="projected"):
    """A dense layer for each step."""
    return b.node("MatMul", [x, b.weight(f"{y}.w", COLUMNS, width)], [y])


def choice(name):
    """Values above a number as they are, half of the others: a bend, and its condition's opposite beside it."""
    b = Builder(61, 17)
    z = projected(b)
    above = b.node("Greater", [z, f4(b, "limit", 0.3)], ["above"])
    half = b.node("Add", [b.node("Mul", [z, f4(b, "half", 0.5)], ["halved"]), f4(b, "rest", 0.15)], ["other"])
    bent = b.node("Where", [above, z, half], ["bent"])
    pooled(b, bent, HIDDEN)
    b.save(name)


def masked_attention(name):
    """Attention over the steps whose first number or second is above one and not both, minus infinity elsewhere."""
    b = Builder(63, 17)
    axes = [i8(b, f"at{k}", [k]) for k in range(3)]
    first = b.node("Slice", ["x", axes[0], axes[1], axes[2]], ["first"])
    second = b.node("Slice", ["x", axes[1], axes[2], axes[2]], ["second"])
    high, low = f4(b, "high", 0.2), f4(b, "low", -0.4)
    a = b.node("Greater", [first, low], ["a"])
    c = b.node("Greater", [second, high], ["c"])
    either = b.node("Xor", [b.node("Or", [a, c], ["or"]), b.node("And", [a, c], ["and"])], ["either"])
    z = projected(b)
    score = b.node("MatMul", [b.node("Tanh", [z], ["bent"]), b.weight("query", HIDDEN, 1)], ["own.score"])
    scores = b.node("Where", [either, score, f4(b, "never", -np.inf)], ["scores"])
    shares = b.node("Softmax", [scores], ["shares"], axis=1)
    read = b.node("ReduceSum", [b.node("Mul", [shares, z], ["weighed"]), axes[1]], ["read"], keepdims=0)
    b.head(read, HIDDEN)
    b.save(name)


def count(b):
    """How many steps have a first number above -0.2, `[1, 1]`, as whole numbers."""
    first = b.node("Gather", ["x", i8(b, "zero", 0)], ["first"], axis=2)
    is_there = b.node("Greater", [first, f4(b, "least", -0.2)], ["there"])
    whole = b.node("Cast", [is_there], ["whole"], to=INT64)
    return b.node("ReduceSum", [whole, i8(b, "one", [1])], ["count"], keepdims=1)


def last_step(name):
    """The step at the count, by GatherElements; -1 is the last."""
    b = Builder(64, 17)
    z = projected(b)
    place = b.node("Sub", [count(b), i8(b, "first.one", [1])], ["place"])
    place = b.node("Reshape", [place, i8(b, "beside", [1, 1, 1])], ["place.beside"])
    place = b.node("Expand", [place, i8(b, "wide", [1, 1, HIDDEN])], ["places"])
    y = b.node("GatherElements", [z, place], ["y"], axis=1)
    b.head(b.squeeze(y, [1], "last"), HIDDEN)
    b.save(name)


def step_by_tuple(name):
    """The same by GatherND, of a batch and a step."""
    b = Builder(65, 17)
    z = projected(b)
    place = b.node("Sub", [count(b), i8(b, "first.one", [1])], ["place"])
    low = b.node("Max", [place, i8(b, "least.place", [[0]])], ["place.low"])
    pair = b.node("Concat", [i8(b, "batch", [[0]]), low], ["pair"], axis=1)
    b.head(b.node("GatherND", [z, pair], ["last"]), HIDDEN)
    b.save(name)


def step_by_gather(name):
    """The same by Gather along the steps, and an embedding of the count."""
    b = Builder(66, 17)
    z = projected(b)
    low = b.node("Max", [b.node("Sub", [count(b), i8(b, "first.one", [1])], ["place"]), i8(b, "least.place", [[0]])], ["low"])
    flat = b.node("Reshape", [low, i8(b, "flat", [1])], ["place.flat"])
    y = b.squeeze(b.node("Gather", [z, flat], ["y"], axis=1), [1], "last")
    known = b.node("Gather", [b.weight("table", STEPS + 1, HIDDEN), flat], ["known"], axis=0)
    b.head(b.node("Add", [y, known], ["sum"]), HIDDEN)
    b.save(name)


def sorted_steps(name):
    """The four greatest of each column, and the two least, in order, and the step of the greatest."""
    b = Builder(67, 17)
    z = projected(b)
    b.node("TopK", [z, i8(b, "four", [4])], ["top", "places"], axis=1)
    b.node("TopK", [z, i8(b, "two", [2])], ["low", "low.places"], axis=1, largest=0)
    all = b.node("Mul", [b.node("Concat", ["top", "low"], ["both"], axis=1), f4(b, "part", 0.1)], ["all"])
    flat = b.node("Reshape", [all, i8(b, "flat", [1, 6 * HIDDEN])], ["flat.all"])
    b.head(flat, 6 * HIDDEN)
    b.save(name)


def attention(name, opset, **attributes):
    """ONNX's own operator, of two heads on one head of keys and values, with a mask."""
    b = Builder(69 + opset, opset)
    q, k, v = projected(b, "x", 8, "q"), projected(b, "x", 4, "k"), projected(b, "x", 4, "v")
    inputs = [q, k, v]
    if not attributes.get("is_causal"):
        mask = np.arange(STEPS)[:, None] - np.arange(STEPS)[None] < 5
        inputs.append(b.constant("mask", mask, "?"))
    y = b.node("Attention", inputs, ["y"], q_num_heads=2, kv_num_heads=1, **attributes)
    mean = b.node("ReduceMean", [y, i8(b, "steps", [1])], ["mean"], keepdims=0)
    b.head(mean, 8)
    b.save(name)


def conv_transpose(name):
    """Twice as many steps, of two groups, with a step that is added and one that is cut."""
    b = Builder(70, 17)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    kernel, bias = b.weight("kernel", HIDDEN, 2, 4), b.weight("bias", 4)
    attributes = {"strides": [2], "pads": [1, 2], "output_padding": [1], "group": 2, "dilations": [2]}
    y = b.node("ConvTranspose", [channels, kernel, bias], ["y"], **attributes)
    bent = b.node("Relu", [y], ["bent"])
    b.head(b.node("ReduceMean", [bent], ["mean"], axes=[2], keepdims=0), 4)
    b.save(name)


def resized(name, mode, transformation, sizes=None, scales=None, opset=17, width=HIDDEN, **attributes):
    """More steps or fewer. onnxruntime reads cubic ones of pictures alone: there channels and steps are one."""
    b = Builder(71, opset)
    x = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    if mode == "cubic":
        x = b.node("Reshape", [x, i8(b, "picture", [1, 1, HIDDEN, STEPS])], ["drawn"])
    inputs = [x, "", f4(b, "scales", scales)] if scales else [x, "", "", i8(b, "sizes", sizes)]
    attributes |= {"mode": mode, "coordinate_transformation_mode": transformation}
    y = b.node("Resize", inputs, ["y"], **attributes)
    bent = b.node("Tanh", [b.squeeze(y, [1], "row") if mode == "cubic" else y], ["bent"])
    pooled(b, bent, width, 2)
    b.save(name)


def upsampled(name):
    """The operator before Resize."""
    b = Builder(72, 9)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    y = b.node("Upsample", [channels, f4(b, "scales", [1, 1, 3])], ["y"], mode="nearest")
    b.head(b.node("ReduceMean", [b.node("Tanh", [y], ["bent"])], ["mean"], axes=[2], keepdims=0), HIDDEN)
    b.save(name)


def smooth(name):
    """One function a column: sine, cosine, tangent, their inverses and hyperbolic kin."""
    b = Builder(73, 17)
    h = b.node("Gemm", ["x", b.weight("w", 9, 11, scale=0.2)], ["h"])
    small = b.node("Mul", [b.node("Tanh", [h], ["tanh"]), f4(b, "most", 0.8)], ["small"])
    large = b.node("Add", [b.node("Mul", [small, small], ["square"]), f4(b, "one", 1.2)], ["large"])
    kinds = ["Sin", "Cos", "Tan", "Sinh", "Cosh", "Asin", "Acos", "Atan", "Asinh", "Acosh", "Atanh"]
    parts = []
    for k, kind in enumerate(kinds):
        of = large if kind == "Acosh" else small
        part = b.node("Gather", [of, i8(b, f"column{k}", [k])], [f"part{k}"], axis=1)
        parts.append(b.node(kind, [part], [f"f{k}"]))
    b.head(b.node("Concat", parts, ["all"], axis=1), len(kinds))
    b.save(name, ROW)


def rectified(name):
    """A slope for each channel."""
    b = Builder(74, 17)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    y = b.node("PRelu", [channels, f4(b, "slopes", [[0.1], [0.4], [0.0], [0.25], [-0.2], [0.7]])], ["y"])
    b.head(b.node("ReduceMean", [y], ["mean"], axes=[2], keepdims=0), HIDDEN)
    b.save(name)


def sizes(name):
    """Sizes by Mod, and a branch that a size chooses: what TorchScript writes around attention and squeeze."""
    b = Builder(75, 17)
    z = projected(b)
    shape = b.node("Shape", [z], ["shape"])
    wide = b.node("Gather", [shape, i8(b, "two", 2)], ["wide"], axis=0)
    rest = b.node("Mod", [wide, i8(b, "four", 4)], ["rest"])
    is_two = b.node("Equal", [rest, i8(b, "rest.two", 2)], ["is.two"])
    info = lambda y: helper.make_tensor_value_info(y, FLOAT, None)
    i8(b, "shorter", [1, STEPS * HIDDEN])
    then = helper.make_graph([helper.make_node("Reshape", ["projected", "shorter"], ["a"])], "then", [], [info("a")])
    other = helper.make_graph([helper.make_node("Identity", ["projected"], ["c"])], "other", [], [info("c")])
    flat = b.node("If", [is_two], ["flat"], then_branch=then, else_branch=other)
    b.head(b.node("Tanh", [flat], ["bent"]), STEPS * HIDDEN)
    b.save(name)


def labels(name):
    """Probabilities of two classes, with a label and a comparison beside them."""
    b = Builder(76, 17)
    mean = b.node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=0)
    z = b.node("Gemm", [mean, b.weight("w", COLUMNS, 2, scale=1.5), b.weight("bias", 2)], ["z"])
    p = b.node("Softmax", [z], ["p"], axis=1)
    b.node("ArgMax", [p], ["label"], axis=1, keepdims=0)
    b.node("Greater", [p, f4(b, "half", 0.5)], ["above"])
    b.save(name, outputs=TWO)
    model = onnx.load(FOLDER / f"{name}.onnx")
    model.graph.output.append(helper.make_tensor_value_info("label", INT64, [1]))
    model.graph.output.insert(0, helper.make_tensor_value_info("above", BOOL, [1, 2]))
    onnx.save(model, FOLDER / f"{name}.onnx")


def classic(name, kind, post="LOGISTIC", rows=None):
    """What scikit-learn's pipelines become: scaled, filled in, of length 1, and a linear model."""
    b = Builder(77, 17)
    rng = np.random.default_rng(78)
    draw = lambda *shape: [float(np.float32(v)) for v in rng.standard_normal(shape).ravel()]
    ml = lambda op, inputs, outputs, **attributes: b.node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)
    x = ml("Imputer", ["x"], ["filled"], imputed_value_floats=draw(9), replaced_value_float=-999.0)
    x = ml("Scaler", [x], ["scaled"], offset=draw(9), scale=[1.3 - 0.1 * k for k in range(9)])
    x = ml("Normalizer", [x], ["normal"], norm=kind)
    rows = rows or {"L1": 2, "L2": 2, "MAX": 1}[kind]
    ml(
        "LinearClassifier",
        [x],
        ["label", "p"],
        classlabels_ints=[0, 1],
        coefficients=draw(rows * 9),
        intercepts=draw(rows),
        post_transform=post,
    )
    b.save(name, ROW, TWO, domains=["ai.onnx.ml"])


def regression(name):
    """LinearRegressor, then a logistic function."""
    b = Builder(79, 17)
    rng = np.random.default_rng(80)
    draw = lambda n: [float(np.float32(v)) for v in rng.standard_normal(n)]
    b.node("LinearRegressor", ["x"], ["z"], domain="ai.onnx.ml", coefficients=draw(9), intercepts=draw(1))
    b.node("Sigmoid", ["z"], ["p"])
    b.save(name, ROW, domains=["ai.onnx.ml"])


def repeated(name):
    """A row repeated over the steps, beside the steps before a dense layer; every third step, from the last on."""
    b = Builder(81, 17)
    mean = b.node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=1)
    each = b.node("Expand", [mean, i8(b, "wide", [1, STEPS, COLUMNS])], ["each"])
    both = b.node("Concat", ["x", each], ["both"], axis=2)
    y = b.node("MatMul", [both, b.weight("w", 2 * COLUMNS, HIDDEN)], ["y"])
    flat = b.node("Reshape", [b.node("Tanh", [y], ["bent"]), i8(b, "flat", [STEPS, HIDDEN])], ["flat.y"])
    bounds = [i8(b, "start", [-1]), i8(b, "end", [-100]), i8(b, "axis", [0]), i8(b, "step", [-3])]
    third = b.node("Slice", [flat, *bounds], ["third"])
    b.head(b.node("Reshape", [third, i8(b, "one", [1, STEPS // 3 * HIDDEN])], ["all"]), STEPS // 3 * HIDDEN)
    b.save(name)


def broadcast_sum(name):
    """A dense layer over what is the same along the axis that it sums over."""
    b = Builder(82, 17)
    h = b.node("Gemm", ["x", b.weight("w", 9, 1)], ["h"])
    wide = b.node("Expand", [h, i8(b, "wide", [1, HIDDEN])], ["wide.h"])
    b.head(wide, HIDDEN)
    b.save(name, ROW)


def spelled_gelu(name, order):
    """GELU (tanh) as arithmetic, in several orders."""
    b = Builder(83 + order, 17)
    h = b.node("Gemm", ["x", b.weight("w", 9, HIDDEN), b.weight("bias", HIDDEN)], ["h"])
    c = {k: f4(b, k, v) for k, v in {"third": 0.044715, "root": 0.7978845608028654, "half": 0.5, "one": 1.0}.items()}
    if order == 0:
        cube = b.node("Pow", [h, f4(b, "three", 3.0)], ["cube"])
    else:
        cube = b.node("Mul", [b.node("Mul", [h, h], ["square"]), h], ["cube"])
    inner = b.node("Mul", [b.node("Add", [h, b.node("Mul", [cube, c["third"]], ["small"])], ["sum"]), c["root"]], ["inner"])
    outer = b.node("Add", [b.node("Tanh", [inner], ["tanh"]), c["one"]], ["outer"])
    if order == 2:
        y = b.node("Mul", [h, b.node("Mul", [outer, c["half"]], ["gate"])], ["y"])
    else:
        y = b.node("Mul", [b.node("Mul", [h, c["half"]], ["halved"]), outer], ["y"])
    b.head(y, HIDDEN)
    b.save(name, ROW)


def lengths(name):
    """An LSTM of both directions over as many steps as the input says."""
    b = Builder(87, 17)
    n = b.node("Max", [b.node("Reshape", [count(b), i8(b, "flat", [1])], ["n"]), i8(b, "least.n", [1])], ["n.least"])
    n = b.node("Cast", [n], ["lengths"], to=TensorProto.INT32)
    b.recurrent("LSTM", b.time_major(), ["y", "h"], COLUMNS, HIDDEN, "bidirectional", extra=[n])
    mean = b.node("ReduceMean", ["y"], ["mean"], axes=[0], keepdims=0)
    last = b.node("Concat", [mean, "h"], ["both"], axis=0)
    b.head(b.node("Reshape", [last, i8(b, "one.row", [1, 4 * HIDDEN])], ["row"]), 4 * HIDDEN)
    b.save(name)


def running_sums(name, kind):
    """Sums of what was before a step and of what comes after it, their mean and their greatest."""
    b = Builder(90, 17)
    y = b.squeeze(b.recurrent(kind, b.time_major(), ["y"], COLUMNS, HIDDEN), [1, 2], "steps")
    first = i8(b, "first", [0])
    before = b.node("CumSum", [y, first], ["before"], exclusive=1)
    after = b.node("CumSum", [y, first], ["after"], exclusive=1, reverse=1)
    until = b.node("CumSum", [y, first], ["until"], reverse=1)
    all = b.node("Concat", [before, after, until], ["all"], axis=1)
    mean = b.node("ReduceMean", [all], ["mean"], axes=[0], keepdims=1)
    least = b.node("ReduceMin", [b.node("Tanh", [until], ["bent"])], ["least"], axes=[0], keepdims=1)
    b.head(b.node("Concat", [mean, least], ["both"], axis=1), 4 * HIDDEN)
    b.save(name)


def scattered(name):
    """Steps put at constant places, one over the other and added; two steps put by tuples, as `y[t] = x` is written."""
    b = Builder(91, 18)
    y = b.squeeze(projected(b), [0], "steps")
    places = i8(b, "places", [[11, 0, 3, 3, 1, 2], [3, 6, 5, 2, 0, 1], [3, -1, 5, 7, 0, 1]])
    given = b.node("GatherElements", [y, places], ["given"], axis=0)
    turned = i8(b, "turned", [[1, 2, 3, 4, 5, 0], [1, 2, 3, 0, 5, 0], [1, 1, 3, 4, 5, 0]])
    over = b.node("ScatterElements", [y, turned, given], ["over"], axis=0)
    added = b.node("ScatterElements", [over, places, given], ["added"], axis=0, reduction="add")
    two = b.node("Slice", [added, i8(b, "from", [2]), i8(b, "to", [4]), i8(b, "axis", [0])], ["two"])
    put = b.node("ScatterND", [added, i8(b, "tuples", [[8], [-2]]), two], ["put"])
    b.head(b.node("ReduceMean", [b.node("Tanh", [put], ["bent"]), i8(b, "over.steps", [0])], ["mean"], keepdims=1), HIDDEN)
    b.save(name)


def placed_by_run(name):
    """The step with the greatest first number is replaced by a mean, and the one with the least weighs more than others."""
    b = Builder(92, 18)
    z = projected(b)
    first = b.node("Gather", [z, i8(b, "zero", 0)], ["first"], axis=2)
    place = b.node("ArgMax", [first], ["place"], axis=1, keepdims=1)
    places = b.node("Expand", [b.node("Unsqueeze", [place, i8(b, "last", [2])], ["beside"]), i8(b, "wide", [1, 1, HIDDEN])], ["places"])
    other = b.node("ReduceMean", [z, i8(b, "all.steps", [1])], ["other"])
    put = b.node("ScatterElements", [z, places, other], ["put"], axis=1)
    low = b.node("ArgMin", [first], ["low"], axis=1, keepdims=0)
    hot = b.node("OneHot", [low, i8(b, "depth", STEPS), f4(b, "two", [0.25, 1.5])], ["hot"])
    hot = b.node("Reshape", [hot, i8(b, "column", [1, STEPS, 1])], ["hot.column"])
    weighed = b.node("ReduceSum", [b.node("Mul", [z, hot], ["weighed"]), i8(b, "steps", [1])], ["sum"], keepdims=0)
    mean = b.node("ReduceMean", [b.node("Tanh", [put], ["bent"]), i8(b, "steps.too", [1])], ["mean"], keepdims=0)
    b.head(b.node("Concat", [weighed, mean], ["both"], axis=1), 2 * HIDDEN)
    b.save(name)


def group_norm(name, opset):
    """Three groups of two channels; a scale and a bias a group up to opset 20, a channel since."""
    b = Builder(93, opset)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    n = 3 if opset < 21 else HIDDEN
    y = b.node("GroupNormalization", [channels, b.weight("scale", n), b.weight("bias", n)], ["y"], num_groups=3, epsilon=1e-3)
    b.head(b.node("ReduceMax", [y, i8(b, "steps", [2])], ["most"], keepdims=0), HIDDEN)
    b.save(name)


def einsums(name):
    """Attention and its sum by Einsum: of two factors, of three, of one."""
    b = Builder(94, 17)
    heads = [b.node("Einsum", ["x", b.weight(f"w{k}", COLUMNS, 2, 3)], [f"h{k}"], equation="btf,fhd->bhtd") for k in range(3)]
    shares = b.node("Softmax", [b.node("Einsum", heads[:2], ["scores"], equation="bhqd,bhkd->bhqk")], ["shares"], axis=-1)
    read = b.node("Einsum", [shares, heads[2], b.weight("out", 2, 3, HIDDEN)], ["read"], equation="bhqk,bhkd,hdo->bqo")
    b.head(b.node("Einsum", [read], ["sum"], equation="bqo->bo"), HIDDEN)
    b.save(name)


def columns_of_a_pipeline(name):
    """What ColumnTransformer becomes: columns taken out, binarised, scaled, beside each other."""
    b = Builder(95, 17)
    ml = lambda op, inputs, outputs, **attributes: b.node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)
    some = ml("ArrayFeatureExtractor", ["x", i8(b, "some", [3, 0, 7])], ["some.x"])
    others = ml("ArrayFeatureExtractor", ["x", i8(b, "others", [1, 2, 8, 5])], ["others.x"])
    high = ml("Binarizer", [some], ["high"], threshold=0.2)
    scaled = ml("Scaler", [others], ["scaled"], offset=[0.1, -0.3, 0.2, 0.0], scale=[1.5, 0.7, 1.1, 2.0])
    both = ml("FeatureVectorizer", [high, scaled], ["both"], inputdimensions=[3, 4])
    y = b.node("Tanh", [b.node("Gemm", [both, b.weight("w", 7, HIDDEN)], ["z"])], ["y"])
    b.head(y, HIDDEN)
    b.save(name, ROW, domains=["ai.onnx.ml"])


def brain_floats(name):
    """Weights in bfloat16, cast to single precision."""
    b = Builder(96, 17)
    weights = 0.7 * b.rng.standard_normal(COLUMNS * HIDDEN)
    b.weights.append(helper.make_tensor("half", TensorProto.BFLOAT16, [COLUMNS, HIDDEN], weights))
    z = b.node("MatMul", ["x", b.node("Cast", ["half"], ["single"], to=FLOAT)], ["z"])
    pooled(b, b.node("Tanh", [z], ["bent"]), HIDDEN)
    b.save(name)


def many_nodes(name):
    """A layer-normalised recurrence from a state of zeros, and so many nodes behind it that tract simplifies nothing."""
    b = Builder(97, 17)
    small, most = f4(b, "small", 0.001), f4(b, "most", 0.999)
    norm = lambda z, y: b.node("LayerNormalization", [z, "scale", "shift"], [y])
    w, u, bias = b.weight("w", COLUMNS, HIDDEN), b.weight("u", HIDDEN, HIDDEN), b.weight("bias", HIDDEN)
    b.weight("scale", HIDDEN), b.weight("shift", HIDDEN)
    h = f4(b, "zeros", np.zeros((1, HIDDEN)))
    for t in range(3):
        x = b.node("Gather", ["x", i8(b, f"t{t}", t)], [f"x{t}"], axis=1)
        below = norm(b.node("Add", [b.node("MatMul", [h, u], [f"uh{t}"]), bias], [f"uhb{t}"]), f"n{t}")
        z = b.node("Add", [norm(b.node("MatMul", [x, w], [f"wx{t}"]), f"nx{t}"), below], [f"z{t}"])
        kept = b.node("Mul", [b.node("Sigmoid", [z], [f"f{t}"]), h], [f"fh{t}"])
        h = b.node("Add", [kept, b.node("Tanh", [norm(z, f"nz{t}")], [f"g{t}"])], [f"h{t}"])
    for k in range(520):
        bent = b.node("Mul", [b.node("Tanh", [h], [f"a{k}"]), small], [f"b{k}"])
        h = b.node("Add", [b.node("Mul", [h, most], [f"c{k}"]), bent], [f"d{k}"])
    b.head(h, HIDDEN)
    b.save(name)


def blocks_of_steps(name):
    """Steps and columns in blocks of two by two as channels, and back in both orders."""
    b = Builder(98, 17)
    z = b.node("Reshape", [projected(b), i8(b, "picture", [1, 1, STEPS, HIDDEN])], ["picture.z"])
    deep = b.node("SpaceToDepth", [z], ["deep"], blocksize=2)
    scaled = b.node("Mul", [deep, b.weight("scale", 1, 4, 1, 1)], ["scaled"])
    bent = b.node("Tanh", [scaled], ["bent"])
    wide = b.node("Concat", [bent, b.node("Relu", [scaled], ["low"])], ["wide"], axis=1)
    parts = [b.node("DepthToSpace", [wide], [mode], blocksize=2, mode=mode) for mode in ("DCR", "CRD")]
    both = b.node("Mul", [b.node("Concat", parts, ["both"], axis=1), b.weight("by.channel", 1, 4, 1, 1)], ["weighed"])
    b.head(b.node("ReduceMean", [both], ["mean"], axes=[1, 2], keepdims=0), HIDDEN)
    b.save(name)


def shrunk(name):
    """What is small is zero, and what is not is brought nearer to zero, or left."""
    b = Builder(99, 17)
    h = b.node("Gemm", ["x", b.weight("w", 9, HIDDEN), b.weight("bias", HIDDEN)], ["h"])
    soft = b.node("Shrink", [h], ["soft"], lambd=0.4, bias=0.4)
    hard = b.node("Shrink", [h], ["hard"], lambd=0.3)
    usual = b.node("Shrink", [h], ["usual"])
    b.head(b.node("Concat", [soft, hard, usual], ["all"], axis=1), 3 * HIDDEN)
    b.save(name, ROW)


def standardised(name):
    """Each column over the steps, by the operator of that name; and all numbers together."""
    b = Builder(100, 17)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    y = b.node("MeanVarianceNormalization", [channels], ["y"], axes=[0, 2])
    picture = b.node("Unsqueeze", [channels, i8(b, "second", [1])], ["picture"])
    usual = b.squeeze(b.node("MeanVarianceNormalization", [picture], ["usual"]), [1], "flat")
    both = b.node("Concat", [b.node("Tanh", [y], ["bent"]), b.node("Relu", [usual], ["low"])], ["both"], axis=1)
    b.head(b.node("ReduceMean", [both], ["mean"], axes=[2], keepdims=0), 2 * HIDDEN)
    b.save(name)


def padded_round(name):
    """Steps that go on round and round before and behind, more of them than there are, under a convolution."""
    b = Builder(101, 19)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    wide = b.node("Pad", [channels, i8(b, "pads", [0, 1, 2, 0, 0, STEPS + 3])], ["wide"], mode="wrap")
    y = b.node("Conv", [wide, b.weight("kernel", 4, HIDDEN + 1, 3), b.weight("bias", 4)], ["y"], strides=[2])
    b.head(b.node("ReduceMean", [b.node("Relu", [y], ["bent"]), i8(b, "steps", [2])], ["mean"], keepdims=0), 4)
    b.save(name)


def products(name):
    """The probability that nothing happens at any step, and a product of all numbers."""
    b = Builder(102, 17)
    z = projected(b)
    one = f4(b, "one", 1.0)
    left = b.node("Sub", [one, b.node("Sigmoid", [b.node("Sub", [z, f4(b, "rare", 2.5)], ["rarely"])], ["hazard"])], ["left"])
    survived = b.node("ReduceProd", [left], ["survived"], axes=[1], keepdims=0)
    near = b.node("Add", [one, b.node("Mul", [b.node("Tanh", [z], ["bent"]), f4(b, "small", 0.05)], ["little"])], ["near"])
    all = b.node("Reshape", [b.node("ReduceProd", [near], ["all"], axes=[2, 1]), i8(b, "flat", [1, 1])], ["all.flat"])
    b.head(b.node("Concat", [survived, all], ["both"], axis=1), HIDDEN + 1)
    b.save(name)


def diagonals(name):
    """Of a square of scores the diagonal, its sum, and what it weighs."""
    b = Builder(103, 17)
    queries, keys = projected(b, y="queries"), projected(b, y="keys")
    scores = b.node("Einsum", [queries, keys], ["scores"], equation="btd,bsd->bts")
    bent = b.node("Tanh", [b.node("Mul", [scores, f4(b, "part", 0.2)], ["small"])], ["bent"])
    own = b.node("Einsum", [bent], ["own"], equation="btt->bt")
    trace = b.node("Einsum", [bent], ["trace"], equation="btt->b")
    weighed = b.node("Einsum", [bent, keys], ["weighed"], equation="...tt,...td->...d")
    trace = b.node("Reshape", [trace, i8(b, "one", [1, 1])], ["trace.flat"])
    b.head(b.node("Concat", [own, trace, weighed], ["all"], axis=1), STEPS + 1 + HIDDEN)
    b.save(name)


def rotary(name, opset, has_places=False, is_flat=True, **attributes):
    """Attention whose queries and keys are turned by their step, of two heads; or by places that the file has."""
    b = Builder(130 + opset + 6 * has_places + is_flat, opset)
    pairs = (attributes.get("rotary_embedding_dim") or 4) // 2
    angles = np.outer(np.arange(STEPS + 4), 1 / 10.0 ** (np.arange(pairs) / pairs))
    rows = slice(None) if has_places else slice(STEPS)
    tables = [np.cos(angles)[rows], np.sin(angles)[rows]]
    tables = [table if has_places else table[None] for table in tables]
    tables = [f4(b, part, table) for part, table in zip(("cos", "sin"), tables)]
    if has_places:
        tables.append(i8(b, "places", [np.arange(STEPS) * 5 % (STEPS + 4)]))
    turned = []
    for part in ("q", "k"):
        z = projected(b, "x", 8, part)
        if is_flat:
            turned.append(b.node("RotaryEmbedding", [z, *tables], [f"{part}.turned"], num_heads=2, **attributes))
            continue
        apart = b.node("Reshape", [z, i8(b, f"{part}.lens", [1, STEPS, 2, 4])], [f"{part}.apart"])
        heads = b.node("Transpose", [apart], [f"{part}.heads"], perm=[0, 2, 1, 3])
        y = b.node("RotaryEmbedding", [heads, *tables], [f"{part}.y"], **attributes)
        back = b.node("Transpose", [y], [f"{part}.back"], perm=[0, 2, 1, 3])
        turned.append(b.node("Reshape", [back, i8(b, f"{part}.flat", [1, STEPS, 8])], [f"{part}.turned"]))
    y = b.node("Attention", [*turned, projected(b, "x", 8, "v")], ["y"], q_num_heads=2, kv_num_heads=2)
    pooled(b, y, 8)
    b.save(name)


def spectrum_and_back(name):
    """Convolutions by Fourier transforms, as S4D has them: a real transform, weights, and its onesided inverse."""
    b = Builder(148, 20)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    one = b.node("Reshape", [channels, i8(b, "one", [1, HIDDEN, STEPS, 1])], ["one.part"])
    parts = []
    # Of an even and of an odd length, and of the usual one.
    for n, sizes in ((24, [24]), (25, [25]), (24, [])):
        bins = b.node("DFT", [one, i8(b, f"len{n}{len(sizes)}", n), i8(b, f"axis{n}{len(sizes)}", 2)], [f"bins{n}{len(sizes)}"], onesided=1)
        weighed = b.node("Mul", [bins, b.weight(f"filter{n}{len(sizes)}", 1, HIDDEN, n // 2 + 1, 2)], [f"weighed{n}{len(sizes)}"])
        size = i8(b, f"back{n}", n) if sizes else ""
        back = b.node("DFT", [weighed, size, i8(b, f"again{n}{len(sizes)}", 2)], [f"y{n}{len(sizes)}"], inverse=1, onesided=1)
        parts.append(b.node("Reshape", [back, i8(b, f"row{n}{len(sizes)}", [1, HIDDEN * n])], [f"flat{n}{len(sizes)}"]))
    all = b.node("Tanh", [b.node("Concat", parts, ["all"], axis=1)], ["bent"])
    b.head(b.node("Mul", [all, f4(b, "tenth", 0.1)], ["small"]), HIDDEN * 73)
    b.save(name)


def powers(name):
    """An exponent for each column."""
    b = Builder(147, 17)
    above = b.node("Add", [b.node("Abs", ["x"], ["sizes"]), f4(b, "half", 0.5)], ["above"])
    exponents = [[0.5, 2, -1, -0.5, 0.3, 1.7, 3, 0, 1]]
    b.head(b.node("Pow", [above, f4(b, "exponents", exponents)], ["powers"]), 9)
    b.save(name, ROW)


def power_transformer(name):
    """Yeo and Johnson's powers as skl2onnx writes them: of numbers below 0 too, of which the other branch is none."""
    b = Builder(149, 17)
    ml = lambda op, x, y, **attributes: b.node(op, [x], [y], domain="ai.onnx.ml", **attributes)
    filled = lambda x, y: ml("Imputer", x, y, imputed_value_floats=[0.0], replaced_value_float=float("nan"))
    bent = [0.4, 1.3, 0, -0.6, 1, 2, 0.05, 1.7, 0]
    is_log = np.array([lam == 0 for lam in bent], "f4")
    # It has x / x and x - x for them, whose relevance stays at these numbers as that of any other that is made.
    one, zero = f4(b, "one", 1), f4(b, "zero", 0)
    is_low = b.node("Less", ["x", zero], ["low"])
    parts = []
    for sign, base, exponents, on in (
        (1, b.node("Add", ["x", one], ["above"]), bent, b.node("Not", [is_low], ["high"])),
        (-1, b.node("Sub", [one, "x"], ["below"]), [2 - lam for lam in bent], is_low),
    ):
        n = "p" if sign > 0 else "n"
        logs = is_log if sign > 0 else np.array([lam == 0 for lam in exponents], "f4")
        power = b.node("Pow", [base, f4(b, f"{n}.exponents", exponents)], [f"{n}.power"])
        less = b.node("Sub", [power, one] if sign > 0 else [one, power], [f"{n}.less"])
        whole = filled(b.node("Div", [less, f"{n}.exponents"], [f"{n}.whole"]), f"{n}.filled")
        log = b.node("Log", [base], [f"{n}.log"])
        log = log if sign > 0 else b.node("Neg", [log], [f"{n}.neg"])
        both = b.node(
            "Add",
            [
                b.node("Mul", [whole, f4(b, f"{n}.no.log", 1 - logs)], [f"{n}.a"]),
                b.node("Mul", [log, f4(b, f"{n}.is.log", logs)], [f"{n}.b"]),
            ],
            [f"{n}.both"],
        )
        switch = b.node("Cast", [on], [f"{n}.on"], to=FLOAT)
        parts.append(b.node("Mul", [filled(both, f"{n}.safe"), switch], [f"{n}.part"]))
    z = ml("Scaler", b.node("Add", parts, ["sum"]), "z", offset=[0.1], scale=[1.2])
    b.head(z, 9)
    b.save(name, ROW, domains=["ai.onnx.ml"])


def spectrum(name, opset):
    """Fourier transforms of frames, of an axis cut off and filled up, and of complex numbers back."""
    b = Builder(141, opset)
    channels = b.node("Transpose", [projected(b)], ["channels"], perm=[0, 2, 1])
    signal = b.node("Reshape", [channels, i8(b, "signal.lens", [HIDDEN, STEPS])], ["signal"])
    window = b.node("HannWindow", [i8(b, "width", 6)], ["window"])
    frames = b.node("STFT", [signal, i8(b, "step", 3), window], ["frames"])
    power = b.node("ReduceSumSquare", [frames], ["power"], axes=[3], keepdims=0) if opset < 18 else None
    power = power or b.node("ReduceSumSquare", [frames, i8(b, "parts", [3])], ["power"], keepdims=0)
    loud = b.node("Log", [b.node("Add", [power, f4(b, "quiet", 0.1)], ["above"])], ["loud"])
    one = b.node("Reshape", [channels, i8(b, "one", [1, HIDDEN, STEPS, 1])], ["one.part"])
    transform = lambda x, y, len, **more: (
        b.node("DFT", [x, i8(b, f"{y}.len", len)], [y], axis=2, **more)
        if opset < 20
        else b.node("DFT", [x, i8(b, f"{y}.len", len), i8(b, f"{y}.axis", 2)], [y], **more)
    )
    short, long = transform(one, "short", 8, onesided=1), transform(one, "long", 16)
    weighed = b.node("Mul", [long, b.weight("filter", 1, 1, 16, 1)], ["weighed"])
    again = transform(weighed, "again", 16, inverse=1)
    flat = lambda x, n: b.node("Reshape", [x, i8(b, f"{x}.flat", [1, n])], [f"{x}.row"])
    n = [HIDDEN * 3 * 4, HIDDEN * 5 * 2, HIDDEN * 16 * 2]
    parts = [flat(x, n) for x, n in zip((loud, b.node("Tanh", [short], ["bent"]), b.node("Tanh", [again], ["bent.again"])), n)]
    all = b.node("Concat", parts, ["all"], axis=1)
    b.head(b.node("Mul", [all, f4(b, "tenth", 0.1)], ["small"]), sum(n))
    b.save(name)


def guarded(name):
    """Attention of which everything may be masked, guarded as torch does, behind signs and unit lengths."""
    b = Builder(142, 17)
    signs = b.node("Sign", ["x"], ["signs"])
    sizes = b.node("Log", [b.node("Add", [b.node("Abs", ["x"], ["sizes"]), f4(b, "one", 1)], ["above"])], ["logs"])
    z = projected(b, b.node("Mul", [signs, sizes], ["symlog"]))
    unit = b.node("LpNormalization", [z], ["unit"], axis=2, p=2)
    keys = b.node("Transpose", [unit], ["keys"], perm=[0, 2, 1])
    first = b.node("Slice", ["x", i8(b, "at0", [0]), i8(b, "at1", [1]), i8(b, "at2", [2])], ["first"])
    last = b.node("Slice", ["x", i8(b, "at4", [4]), i8(b, "at5", [5]), i8(b, "last.at2", [2])], ["last"])
    is_near = b.node("Greater", [first, b.node("Transpose", [last], ["last.row"], perm=[0, 2, 1])], ["near"])
    scores = b.node("Where", [is_near, b.node("MatMul", [unit, keys], ["scores"]), f4(b, "never", -np.inf)], ["masked"])
    shares = b.node("Softmax", [scores], ["shares"], axis=-1)
    safe = b.node("Where", [b.node("IsNaN", [shares], ["none"]), f4(b, "zero", 0), shares], ["safe"])
    pooled(b, b.node("Add", [b.node("MatMul", [safe, z], ["read"]), z], ["y"]), HIDDEN)
    b.save(name)


def taken(name):
    """Places that are found in constants: a diagonal, what is not 0 in a mask, what a condition takes."""
    b = Builder(143, 11)
    z = projected(b)
    mask = np.arange(STEPS) % 3 != 1
    places = b.node("NonZero", [f4(b, "mask", mask)], ["places"])
    some = b.node("Gather", [z, b.node("Reshape", [places, i8(b, "row", [-1])], ["places.row"])], ["some"], axis=1)
    compressed = b.node("Compress", [z, b.constant("condition", ~mask, "?")], ["others"], axis=1)
    square = b.weight("square", mask.sum(), mask.sum())
    mixed = b.node("MatMul", [b.node("Add", [square, b.node("EyeLike", [square], ["eye"], k=1)], ["near"]), some], ["mixed"])
    all = b.node("Concat", [mixed, compressed], ["all"], axis=1)
    pooled(b, b.node("Tanh", [all], ["bent"]), HIDDEN)
    b.save(name)


def listed(name):
    """Lists of values, as TorchScript writes split, unbind and stack of open sizes."""
    b = Builder(144, 17)
    z = projected(b)
    parts = b.node("SplitToSequence", [z, i8(b, "five", 5)], ["parts"], axis=1)
    own = b.node("SplitToSequence", [z, i8(b, "sizes", [2, 1, 3])], ["own"], axis=2)
    steps = b.node("SplitToSequence", ["x"], ["steps"], axis=1, keepdims=0)
    state, stack = b.weight("state", 1, COLUMNS), b.node("SequenceEmpty", [], ["empty"])
    for k in (0, 4, -1):
        step = b.node("SequenceAt", [steps, i8(b, f"at{k}", k)], [f"step{k}"])
        state = b.node("Tanh", [b.node("Add", [step, state], [f"sum{k}"])], [f"state{k}"])
        stack = b.node("SequenceInsert", [stack, state], [f"stack{k}"])
    less = b.node("SequenceErase", [stack, i8(b, "one", 1)], ["less"])
    both = b.node("ConcatFromSequence", [less], ["both"], axis=1, new_axis=1)
    pair = b.node("SequenceConstruct", [projected(b, both, y="states"), b.node("SequenceAt", [parts, "one"], ["middle"])], ["pair"])
    joined = b.node("ConcatFromSequence", [pair], ["joined"], axis=1)
    last = b.node("SequenceAt", [own, i8(b, "last", 2)], ["last.columns"])
    n = b.node("Cast", [b.node("SequenceLength", [parts], ["n"])], ["n.float"], to=FLOAT)
    mean = b.node("ReduceMean", [b.node("Tanh", [last], ["bent"])], ["mean.last"], axes=[1], keepdims=0)
    other = b.node("ReduceMean", [b.node("Div", [joined, n], ["share"])], ["mean.joined"], axes=[1], keepdims=0)
    b.head(b.node("Concat", [mean, other], ["all"], axis=1), HIDDEN + 3)
    b.save(name)


def patches(name):
    """Overlapping patches of steps and columns put back, cut and filled up."""
    b = Builder(146, 18)
    z = b.node("Reshape", [projected(b, width=12), i8(b, "lens", [1, 24, 6])], ["blocks"])
    blocks = b.node("Tanh", [z], ["bent"])
    picture = b.node(
        "Col2Im", [blocks, i8(b, "image", [5, 6]), i8(b, "block", [3, 4])], ["picture"], strides=[2, 2], pads=[0, 1, 1, 1]
    )
    centred = b.node("CenterCropPad", [picture, i8(b, "sizes", [2, 9])], ["centred"], axes=[2, 3])
    weighed = b.node("Mul", [centred, b.weight("weights", 1, 2, 2, 9)], ["weighed"])
    flat = b.node("Reshape", [b.node("Relu", [weighed], ["low"]), i8(b, "flat", [1, 36])], ["row"])
    b.head(flat, 36)
    b.save(name)


CASES = {
    "choice": ("choices", choice, SEQUENCE),
    "choice-attention": ("choices", masked_attention, SEQUENCE),
    "place-gather-elements": ("places of the run", last_step, SEQUENCE),
    "place-gather-nd": ("places of the run", step_by_tuple, SEQUENCE),
    "place-gather": ("places of the run", step_by_gather, SEQUENCE),
    "place-sorted": ("places of the run", sorted_steps, SEQUENCE),
    "place-lengths": ("places of the run", lengths, SEQUENCE),
    "attention-23": ("transformers", lambda n: attention(n, 23, scale=0.4), SEQUENCE),
    "attention-23-softcap": ("transformers", lambda n: attention(n, 23, softcap=1.5), SEQUENCE),
    "attention-24-causal-softcap": ("transformers", lambda n: attention(n, 24, is_causal=1, softcap=0.8), SEQUENCE),
    "attention-24-causal": ("transformers", lambda n: attention(n, 24, is_causal=1), SEQUENCE),
    "conv-transpose": ("resampling", conv_transpose, SEQUENCE),
    "resize-nearest": ("resampling", lambda n: resized(n, "nearest", "asymmetric", scales=[1, 1, 2.5], nearest_mode="floor"), SEQUENCE),
    "resize-linear": ("resampling", lambda n: resized(n, "linear", "half_pixel", sizes=[1, HIDDEN, 7]), SEQUENCE),
    "resize-corners": ("resampling", lambda n: resized(n, "linear", "align_corners", sizes=[1, HIDDEN, 30]), SEQUENCE),
    "resize-cubic": ("resampling", lambda n: resized(n, "cubic", "half_pixel", width=9, sizes=[1, 1, 9, 29]), SEQUENCE),
    "resize-cubic-inside": (
        "resampling",
        lambda n: resized(n, "cubic", "align_corners", scales=[1, 1, 1, 1.75], cubic_coeff_a=-0.5, exclude_outside=1),
        SEQUENCE,
    ),
    "resize-cubic-smoothed": (
        "resampling",
        lambda n: resized(n, "cubic", "half_pixel", opset=18, width=4, sizes=[1, 1, 4, 5], antialias=1),
        SEQUENCE,
    ),
    "resize-linear-smoothed": (
        "resampling",
        lambda n: resized(n, "linear", "half_pixel", opset=18, sizes=[1, HIDDEN, 5], antialias=1),
        SEQUENCE,
    ),
    "resize-aspect": (
        "resampling",
        lambda n: resized(
            n, "linear", "half_pixel_symmetric", opset=19, width=9, sizes=[20, 9], axes=[2, 1], keep_aspect_ratio_policy="not_larger"
        ),
        SEQUENCE,
    ),
    "rotary-23": ("transformers", lambda n: rotary(n, 23), SEQUENCE),
    "rotary-24-places": ("transformers", lambda n: rotary(n, 24, has_places=True, is_flat=False, interleaved=1), SEQUENCE),
    "rotary-23-part": (
        "transformers",
        lambda n: rotary(n, 23, is_flat=False, interleaved=1, rotary_embedding_dim=2),
        SEQUENCE,
    ),
    "fourier-17": ("spectra", lambda n: spectrum(n, 17), SEQUENCE),
    "fourier-20": ("spectra", lambda n: spectrum(n, 20), SEQUENCE),
    "fourier-and-back": ("spectra", spectrum_and_back, SEQUENCE),
    "powers": ("functions", powers, ROW),
    "power-transformer": ("baselines", power_transformer, ROW),
    "guarded-attention": ("choices", guarded, SEQUENCE),
    "patches": ("resampling", patches, SEQUENCE),
    "lists": ("lists", listed, SEQUENCE),
    "places-taken": ("places of the file", taken, SEQUENCE),
    "upsample-opset9": ("resampling", upsampled, SEQUENCE),
    "smooth-functions": ("functions", smooth, ROW),
    "prelu-channels": ("functions", rectified, SEQUENCE),
    "gelu-spelled-pow": ("functions", lambda n: spelled_gelu(n, 0), ROW),
    "gelu-spelled-half": ("functions", lambda n: spelled_gelu(n, 1), ROW),
    "gelu-spelled-gate": ("functions", lambda n: spelled_gelu(n, 2), ROW),
    "sizes-branch": ("folded sizes", sizes, SEQUENCE),
    "repeated-strided": ("folded sizes", repeated, SEQUENCE),
    "repeated-summed": ("folded sizes", broadcast_sum, ROW),
    "labels-beside": ("baselines", labels, SEQUENCE),
    "logistic-l1": ("baselines", lambda n: classic(n, "L1"), ROW),
    "logistic-l2-softmax": ("baselines", lambda n: classic(n, "L2", "SOFTMAX"), ROW),
    "linear-regression": ("baselines", regression, ROW),
    "logistic-max": ("baselines", lambda n: classic(n, "MAX", "SOFTMAX", 2), ROW),
    "pipeline-columns": ("baselines", columns_of_a_pipeline, ROW),
    "running-sums-gru": ("running sums", lambda n: running_sums(n, "GRU"), SEQUENCE),
    "running-sums-lstm": ("running sums", lambda n: running_sums(n, "LSTM"), SEQUENCE),
    "running-sums-rnn": ("running sums", lambda n: running_sums(n, "RNN"), SEQUENCE),
    "scattered": ("places of the file", scattered, SEQUENCE),
    "place-scattered": ("places of the run", placed_by_run, SEQUENCE),
    "blocks-of-steps": ("resampling", blocks_of_steps, SEQUENCE),
    "pad-wrap": ("resampling", padded_round, SEQUENCE),
    "mean-variance-norm": ("dense, layer normalisation", standardised, SEQUENCE),
    "products": ("products over an axis", products, SEQUENCE),
    "shrink": ("functions", shrunk, ROW),
    "group-norm-18": ("group normalisation", lambda n: group_norm(n, 18), SEQUENCE),
    "group-norm-21": ("group normalisation", lambda n: group_norm(n, 21), SEQUENCE),
    "einsum-diagonal": ("transformers", diagonals, SEQUENCE),
    "einsum-factors": ("transformers", einsums, SEQUENCE),
    "bfloat16": ("bfloat16", brain_floats, SEQUENCE),
    "many-nodes": ("layer-normalised recurrence, 2,000 nodes", many_nodes, SEQUENCE),
}


def cases(only):
    for name, (family, build, inputs) in CASES.items():
        if only and name not in only:
            continue
        build(name)
        yield Case(name, family, BY_HAND, inputs)
