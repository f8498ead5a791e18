"""Trains small networks on tasks whose answers are known (tasks.py), and writes tests/fixtures/answers/.

    python training/planted/families.py [FAMILY ...]     # with training/requirements.txt; two to five minutes a family

Seven families, `N_NETWORKS` each; the networks of a family are trained side by side, every one on a task of its own.
What is written for a family: `FAMILY.onnx.bin`, its ONNX files one after the other; `FAMILY.stays.bin`, three bytes for
each stay, hour and channel (the value in 1/32; 1 where observed; the truth in 1/32); `FAMILY.json`, the manifest, and of
each network where its file stands, its seed and events, and how well it knows the risk on stays of its own.
"""

import functools
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tasks import SCALE, Stays, draw, draw_additive, make, make_additive

FIXTURES = Path(__file__).resolve().parent.parent.parent / "tests/fixtures/answers"
N_NETWORKS = 18
N_TRAINED = 8000
N_TESTED = 1000
N_KEPT = 8
# The committed LSTMs are older: 2,500 updates of 64 stays.
UPDATES = 1600
BATCH = 48
RATE = 1e-2

# Steps, channels and hidden units of each family, and the first of its seeds.
FAMILIES = {
    "lstm": (24, 6, 12, 1000),
    "stacked": (20, 6, 10, 2000),
    "bidirectional": (24, 5, 8, 3000),
    "channel-wise": (18, 6, 10, 4000),
    "gru": (16, 8, 14, 5000),
    "attention": (24, 6, 12, 6000),
    "additive": (24, 6, 0, 7000),
}
OWN = 4  # hidden units of a channel's own layer


def dense(rng, *shape):
    return rng.normal(0, 1 / np.sqrt(shape[-1]), shape).astype(np.float32)


def recurrent(rng, n_in, n, n_steps, kind="lstm"):
    """ONNX's order of gates: i o f c, and z r h."""
    gates = 4 if kind == "lstm" else 3
    bias = np.zeros(gates * n, np.float32)
    memory = np.log(rng.uniform(1, n_steps, n)).astype(np.float32)
    if kind == "lstm":
        bias[:n], bias[2 * n : 3 * n] = -memory, memory
    else:
        bias[:n] = memory
    return {"w": dense(rng, gates * n, n_in), "r": dense(rng, gates * n, n), "b": bias}


def init(family, rng):
    t, c, n, _ = FAMILIES[family]
    p = {}
    if family == "stacked":
        p["low"], p["top"] = recurrent(rng, 2 * c, n, t), recurrent(rng, n, n, t)
    elif family == "bidirectional":
        p["top"], p["back"] = recurrent(rng, 2 * c, n, t), recurrent(rng, 2 * c, n, t)
    elif family == "channel-wise":
        parts = [recurrent(rng, 2, OWN, t) for _ in range(c)]
        p["own"] = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
        p["top"] = recurrent(rng, OWN * c, n, t)
    else:
        p["top"] = recurrent(rng, 2 * c, n, t, "gru" if family == "gru" else "lstm")
    if family == "attention":
        p["a"], p["s"] = dense(rng, n, n), dense(rng, n)
    p["v"] = dense(rng, 2 * n if family == "bidirectional" else n)
    p["d"] = np.zeros(1, np.float32)
    return p


def lstm(p, x):
    """x [n, steps, columns] -> h [n, steps, hidden]"""
    n = p["r"].shape[1]
    z_x = jnp.swapaxes(x @ p["w"].T + p["b"], 0, 1)

    def step(carry, z):
        h, cell = carry
        i, o, f, g = jnp.split(z + h @ p["r"].T, 4, axis=1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (h, cell), h

    zero = jnp.zeros((x.shape[0], n), x.dtype)
    return jnp.swapaxes(jax.lax.scan(step, (zero, zero), z_x)[1], 0, 1)


def gru(p, x):
    n = p["r"].shape[1]
    z_x = jnp.swapaxes(x @ p["w"].T + p["b"], 0, 1)

    def step(h, a):
        b = h @ p["r"].T
        z, r = jax.nn.sigmoid(a[:, :n] + b[:, :n]), jax.nn.sigmoid(a[:, n : 2 * n] + b[:, n : 2 * n])
        h = (1 - z) * jnp.tanh(a[:, 2 * n :] + r * b[:, 2 * n :]) + z * h
        return h, h

    return jnp.swapaxes(jax.lax.scan(step, jnp.zeros((x.shape[0], n), x.dtype), z_x)[1], 0, 1)


def scores(family, p, x):
    """The score as it stands at each step, [n, steps], or only the last one, [n, 1]."""
    c = x.shape[2] // 2
    if family == "bidirectional":
        both = jnp.concatenate([lstm(p["top"], x)[:, -1], lstm(p["back"], x[:, ::-1])[:, -1]], axis=1)
        return (both @ p["v"] + p["d"])[:, None]
    if family == "attention":
        h = lstm(p["top"], x)
        weights = jax.nn.softmax(jnp.tanh(h @ p["a"].T) @ p["s"], axis=1)
        return ((weights[:, :, None] * h).sum(axis=1) @ p["v"] + p["d"])[:, None]
    if family == "stacked":
        x = lstm(p["low"], x)
    elif family == "channel-wise":
        own = jnp.stack([x[:, :, :c], x[:, :, c:]], axis=-1)
        x = jax.vmap(lstm, in_axes=(0, 2), out_axes=2)(p["own"], own)
        x = x.reshape(*x.shape[:2], -1)
    return (gru if family == "gru" else lstm)(p["top"], x) @ p["v"] + p["d"]


def loss(family, p, x, so_far):
    got = scores(family, p, x)
    off = (got - so_far[:, -got.shape[1] :]) ** 2
    return off[:, -1].mean() + (0.5 * off.mean() if got.shape[1] > 1 else 0.0)


@functools.partial(jax.jit, static_argnums=0)
def update(family, p, mean, square, x, so_far, step):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980) with the gradient's norm held to 1, every network by itself."""
    rate = RATE * jnp.minimum(step / 100, 0.5 * (1 + jnp.cos(jnp.pi * step / UPDATES)))

    def one(p, mean, square, x, so_far):
        value, grad = jax.value_and_grad(lambda p: loss(family, p, x, so_far))(p)
        norm = jnp.sqrt(sum((g * g).sum() for g in jax.tree.leaves(grad)))
        grad = jax.tree.map(lambda g: g / jnp.maximum(norm, 1.0), grad)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, grad)
        square = jax.tree.map(lambda s, g: 0.99 * s + 0.01 * g * g, square, grad)
        move = lambda p, m, s: p - rate * (m / (1 - 0.9**step)) / (jnp.sqrt(s / (1 - 0.99**step)) + 1e-8)  # noqa: E731
        return jax.tree.map(move, p, mean, square), mean, square, value

    return jax.vmap(one)(p, mean, square, x, so_far)


def trained(family):
    """Tasks, weights by network, and the generator of each network's further stays."""
    t, c, _, first_seed = FAMILIES[family]
    rngs = [np.random.default_rng(first_seed + k) for k in range(N_NETWORKS)]
    tasks = [make(rng, t, c) for rng in rngs]
    pools = [draw(rng, task, N_TRAINED) for rng, task in zip(rngs, tasks)]
    x = np.stack([pool.columns() for pool in pools])
    so_far = np.stack([pool.so_far for pool in pools]).astype(np.float32)
    starts = [init(family, rng) for rng in rngs]
    p = jax.tree.map(lambda *parts: jnp.stack(parts), *starts)
    mean = square = jax.tree.map(jnp.zeros_like, p)
    order = np.random.default_rng(first_seed)
    begun = time.time()
    for step in range(1, UPDATES + 1):
        batch = order.integers(0, N_TRAINED, BATCH)
        p, mean, square, value = update(family, p, mean, square, x[:, batch], so_far[:, batch], step)
        if step % 500 == 0:
            print(f"{family} {step}: loss {np.asarray(value).mean():.3f}, {time.time() - begun:.0f} s", flush=True)
    p = jax.tree.map(np.asarray, p)
    return tasks, [jax.tree.map(lambda part: part[k], p) for k in range(N_NETWORKS)], rngs


def kept(stays):
    """The first stays with something that raises the score."""
    which = np.flatnonzero((stays.truth > 0).any(axis=(1, 2)))[:N_KEPT]
    return Stays(*(getattr(stays, name)[which] for name in ("value", "observed", "truth", "so_far")))


def stays_bytes(stays):
    value = np.rint(stays.value * SCALE).astype(np.int8)
    truth = np.clip(np.rint(stays.truth * SCALE), -127, 127).astype(np.int8)
    truth = np.where((truth == 0) & (stays.truth != 0), np.sign(stays.truth), truth).astype(np.int8)
    return np.stack([value, stays.observed.astype(np.int8), truth], axis=-1).tobytes()


def layer(constants, name, p):
    n = p["r"].shape[-1]
    gates = p["r"].shape[-2] // n
    constants[f"{name}_w"], constants[f"{name}_r"] = p["w"][None], p["r"][None]
    constants[f"{name}_b"] = np.concatenate([p["b"], np.zeros(gates * n, np.float32)])[None]
    return [f"{name}_{part}" for part in "wrb"], n


def export(family, p):
    """x [1, steps, columns] -> probability [1, 1]."""
    t, c, n, _ = FAMILIES[family]
    constants, nodes = {}, []

    def node(kind, inputs, outputs, **attributes):
        nodes.append(helper.make_node(kind, inputs, outputs, outputs[-1] or outputs[0], **attributes))
        return outputs[-1] or outputs[0]

    def whole(name, source, part, kind="LSTM", **attributes):
        inputs, hidden = layer(constants, name, part)
        return node(kind, [source, *inputs], ["", f"{name}_h"], hidden_size=hidden, **attributes)

    def every(name, source, part):
        inputs, hidden = layer(constants, name, part)
        y = node("LSTM", [source, *inputs], [f"{name}_y"], hidden_size=hidden)
        return node("Squeeze", [y, "one"], [f"{name}_all"])

    constants["one"] = np.array([1], np.int64)
    if family == "additive":
        constants["flat"] = np.array([1, -1], np.int64)
        state = node("Reshape", ["x", "flat"], ["state"])
    else:
        hours = node("Transpose", ["x"], ["hours"], perm=[1, 0, 2])
        constants["flat"] = np.array([1, p["v"].size], np.int64)
        if family == "stacked":
            hours = every("low", hours, p["low"])
        if family == "channel-wise":
            parts = []
            for k in range(c):
                constants[f"columns_{k}"] = np.array([k, c + k], np.int64)
                own = node("Gather", ["hours", f"columns_{k}"], [f"channel_{k}"], axis=2)
                parts.append(every(f"own_{k}", own, {name: value[k] for name, value in p["own"].items()}))
            hours = node("Concat", parts, ["channels"], axis=2)
        if family == "attention":
            y = every("top", hours, p["top"])
            constants |= {"a": p["a"].T.copy(), "s": p["s"][:, None]}
            seen = node("Tanh", [node("MatMul", [y, "a"], ["seen"])], ["looked"])
            weights = node("Softmax", [node("MatMul", [seen, "s"], ["heat"])], ["weights"], axis=0)
            pooled = node("ReduceSum", [node("Mul", [weights, y], ["weighted"]), "zero"], ["pooled"], keepdims=0)
            constants["zero"] = np.array([0], np.int64)
            last = pooled
        elif family == "bidirectional":
            merged = {name: np.stack([p["top"][name], p["back"][name]]) for name in p["top"]}
            constants["top_w"], constants["top_r"] = merged["w"], merged["r"]
            constants["top_b"] = np.concatenate([merged["b"], np.zeros_like(merged["b"])], axis=1)
            last = node("LSTM", [hours, "top_w", "top_r", "top_b"], ["", "top_h"], hidden_size=n, direction="bidirectional")
        elif family == "gru":
            last = whole("top", hours, p["top"], "GRU", linear_before_reset=1)
        else:
            last = whole("top", hours, p["top"])
        state = node("Reshape", [last, "flat"], ["state"])
    constants |= {"v": p["v"][None], "d": p["d"]}
    node("Gemm", [state, "v", "d"], ["score"], transB=1)
    node("Sigmoid", ["score"], ["probability"])
    used = {name for made in nodes for name in made.input}
    tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)  # noqa: E731
    weights = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items() if name in used]
    graph = helper.make_graph(nodes, family, [tensor("x", [1, t, 2 * c])], [tensor("probability", [1, 1])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="vitrine answers")


def manifest(family):
    t, c, *_ = FAMILIES[family]
    channel = lambda k: {  # noqa: E731
        "name": f"channel {k}", "label": f"channel {k}", "columns": [k], "mask": c + k,
        "encoding": {"kind": "continuous", "mean": 0.0, "std": 1.0, "normal": 0.0},
    }
    return {
        "format": "vitrine-manifest/1", "name": f"known answers, {family}", "steps": t, "step_hours": 1.0, "columns": 2 * c,
        "outcomes": [{"name": "risk", "threshold": 0.5}], "channels": [channel(k) for k in range(c)],
    }


def networks(family):
    """Of each network: its ONNX file, its stays, and its record."""
    t, c, _, first_seed = FAMILIES[family]
    if family == "additive":
        for k in range(N_NETWORKS):
            rng = np.random.default_rng(first_seed + k)
            weights, rates = make_additive(rng, t, c)
            v = np.concatenate([weights, np.zeros_like(weights)], axis=1).astype(np.float32).ravel()
            stays = kept(draw_additive(rng, weights, rates, 200))
            yield export(family, {"v": v, "d": np.zeros(1, np.float32)}), stays, {"seed": first_seed + k, "correlation": 1.0}
        return
    run = jax.jit(functools.partial(scores, family))
    for k, (task, p, rng) in enumerate(zip(*trained(family))):
        tested = draw(rng, task, N_TESTED)
        got = np.asarray(run(p, tested.columns()))[:, -1]
        correlation = float(np.corrcoef(got, tested.so_far[:, -1])[0, 1])
        stays = kept(draw(rng, task, 200))
        record = {"seed": first_seed + k, "correlation": round(correlation, 4), "task": asdict(task)}
        record["scores"] = [round(float(score), 5) for score in np.asarray(run(p, stays.columns()))[:, -1]]
        yield export(family, p), stays, record


def write(family):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    files, stays, records = [], [], []
    for model, drawn, record in networks(family):
        file = model.SerializeToString()
        records.append(record | {"bytes": len(file), "stays": len(drawn.value)})
        files.append(file)
        stays.append(stays_bytes(drawn))
    (FIXTURES / f"{family}.onnx.bin").write_bytes(b"".join(files))
    (FIXTURES / f"{family}.stays.bin").write_bytes(b"".join(stays))
    lines = ",\n".join(json.dumps(record) for record in records)
    (FIXTURES / f"{family}.json").write_text(f'{{"manifest": {json.dumps(manifest(family))},\n"networks": [\n{lines}\n]}}\n')
    known = sorted(record["correlation"] for record in records)
    print(f"{family}: correlation with the true score {known[0]:.3f} to {known[-1]:.3f}, median {known[len(known) // 2]:.3f}", flush=True)


if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        write(name)
