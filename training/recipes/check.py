"""Runs every recipe of docs/recipes.md as it stands there, and compares onnxruntime with the framework.

    python training/recipes/check.py             # all
    python training/recipes/check.py keras3      # one of the blocks' names, or such as torch-yaib@gru
    python training/recipes/check.py --out DIR   # keeps each file there, beside a record and what the file makes of it

Needs tests/reference/requirements-fixtures.txt. Each recipe runs in a process and a folder of its own. The file that the
first recipe writes for the README's path is kept with --write, as tests/fixtures/recipes/readme.onnx.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```python ([\w-]+)\n(.*?)```", re.S)
LINES_MAX = 10  # what the docs promise
TOOLKITS = {  # the families that a toolkit's recipe is run for, see families.py
    "torch-pyhealth": "rnn gru lstm transformer retain deepr tcn adacare concare stagenet",
    "torch-yaib": "logistic-regression rnn gru lstm tcn transformer local-transformer",
    "torch-benchmark": "logistic-regression lstm lstm-deep-supervision channel-wise multitask",
}
KERAS2 = {"tf-keras", "keras-masking"}
KEPT = ROOT / "tests/fixtures/recipes/readme.onnx"


def recipes():
    return dict(BLOCK.findall((ROOT / "docs/recipes.md").read_text()))


def runs():
    """Every recipe by name; of a toolkit once for each family, as RECIPE@FAMILY."""
    each = lambda name: [f"{name}@{family}" for family in TOOLKITS[name].split()] if name in TOOLKITS else [name]
    return [run for name in recipes() for run in each(name)]


def toolkit(name, family):
    """A family's model, and what its recipe's file is compared with: all of its numbers, one after another."""
    import torch
    from families import model as of, drawn

    model = of(name, family)

    def run(x):
        y = model(conditions=torch.tensor(x))["y_prob"] if name == "torch-pyhealth" else model(torch.tensor(x))
        if name == "torch-yaib":
            y = torch.softmax(y[:, -1], dim=-1)[:, 1]
        return np.concatenate([part.detach().numpy().ravel() for part in (y if isinstance(y, tuple) else (y,))])

    return model, run, drawn(name)


def torch_model():
    import torch

    torch.manual_seed(0)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(76, 8, batch_first=True)
            self.dense = torch.nn.Linear(8, 1)

        def forward(self, x):
            return torch.sigmoid(self.dense(self.lstm(x)[1][0][-1]))

    model = Model()
    return model, lambda x: model(torch.tensor(x)).detach().numpy()


def gru_d():
    """GRU-D (Che et al. 2018): values, masks and the time since each was last observed; hidden states and values decay."""
    import torch
    from torch import nn

    torch.manual_seed(0)

    class Model(nn.Module):
        def __init__(self, n=17, n_hidden=8):
            super().__init__()
            self.n_hidden = n_hidden
            self.decay_x, self.decay_h = nn.Parameter(torch.rand(n)), nn.Linear(n, n_hidden)
            self.cell, self.dense = nn.GRUCell(2 * n, n_hidden), nn.Linear(n_hidden, 1)

        def forward(self, x, mask, delta):
            h, last = x.new_zeros(x.shape[0], self.n_hidden), torch.zeros_like(x[:, 0])
            for t in range(x.shape[1]):
                m = mask[:, t]
                last = m * x[:, t] + (1 - m) * last
                value = m * x[:, t] + (1 - m) * torch.exp(-torch.relu(self.decay_x * delta[:, t])) * last
                h = self.cell(torch.cat([value, m], dim=-1), torch.exp(-torch.relu(self.decay_h(delta[:, t]))) * h)
            return torch.sigmoid(self.dense(h))

    model = Model()
    return model, lambda *parts: model(*map(torch.tensor, parts)).detach().numpy()


def masks_and_times():
    """What is observed in a seventh of the cells of a stay, and how long ago, as GRU-D counts."""
    rng = np.random.default_rng(2)
    mask = (rng.random((1, 48, 17)) < 1 / 7).astype(np.float32)
    delta = np.zeros_like(mask)
    for t in range(1, 48):
        delta[:, t] = 1 + (1 - mask[:, t - 1]) * delta[:, t - 1]
    return (rng.normal(size=mask.shape) * mask).astype(np.float32), mask, delta


def keras_model(keras, masking):
    layers = [keras.Input((48, 76)), *([keras.layers.Masking()] if masking else [])]
    layers += [keras.layers.LSTM(8), keras.layers.Dense(1, activation="sigmoid")]
    return keras.Sequential(layers)


def prepare(name):
    """What a recipe finds: a model, and what it is compared with."""
    if name == "torch-masks-and-times":
        from sklearn.preprocessing import StandardScaler

        model, run = gru_d()
        scaler = StandardScaler().fit(np.random.default_rng(1).normal(size=(99, 17)))
        return {"model": model, "scaler": scaler, "names": [f"variable {column}" for column in range(17)]}, run
    if name.startswith("torch"):
        model, run = torch_model()
        return {"model": model}, run
    if name == "manifest":
        from sklearn.preprocessing import StandardScaler

        exec(compile(recipes()["torch-torchscript"], "docs/recipes.md", "exec"), {"model": torch_model()[0]})
        return {"scaler": StandardScaler().fit(np.random.default_rng(1).normal(size=(99, 76)))}, None
    if name in KERAS2:
        import tf_keras as keras
    else:
        import keras
    keras.utils.set_random_seed(0)
    model = keras_model(keras, masking=name == "keras-masking")
    return {"model": model}, lambda x: model(x, training=False).numpy()


def check(name):
    name, _, family = name.partition("@")
    code = recipes()[name]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) < LINES_MAX, f"{name}: {len(lines)} lines"
    parts = None
    if family:
        model, run, given = toolkit(name, family)
        found, parts = {"model": model}, [given]
    else:
        found, run = prepare(name)
    exec(compile(code, f"docs/recipes.md, {name}", "exec"), found)
    import onnx
    import onnxruntime

    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    if run is None:
        from vitrine.manifest import read

        print(f"{name}: {read('model.onnx')['name']}")
        return
    parts = parts or [np.random.default_rng(2).normal(size=(1, 48, 76)).astype(np.float32)]
    if name == "keras-masking":
        parts[0][:, 5:9] = parts[0][:, 40:] = 0
    if name == "torch-masks-and-times":
        parts = masks_and_times()
    ys = session.run(None, dict(zip([entry.name for entry in session.get_inputs()], parts)))
    y = ys[0] if not family else np.concatenate([part.ravel() for part in ys])
    difference = float(np.abs(y - run(*parts)).max())
    kinds = sorted({node.op_type for node in onnx.load("model.onnx").graph.node} & {"LSTM", "Loop"})
    label = f"{name}@{family}" if family else name
    print(f"{label}: {len(lines)} lines, differs from the framework by {difference:.1e}, recurrent nodes: {kinds}")
    wanted = {"keras-masking": ["Loop"], "torch-masks-and-times": []}.get(name, kinds if family else ["LSTM"])
    assert difference < 2e-6 and kinds == wanted, label
    if os.environ.get("KEEP") and name == "torch-torchscript":
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_bytes(Path("model.onnx").read_bytes())
    if out := os.environ.get("OUT"):
        Path(out, f"{label}.onnx").write_bytes(Path("model.onnx").read_bytes())
        # As the engine reads several inputs: side by side, step by step.
        record = {"input": np.concatenate(parts, axis=-1).ravel().tolist(), "output": y.ravel().tolist()}
        Path(out, f"{label}.json").write_text(json.dumps(record))


def main(arguments):
    if arguments[:1] == ["--inside"]:
        check(arguments[1])
        return
    keep = "--write" in arguments
    out = None
    if "--out" in arguments:
        at = arguments.index("--out")
        out = Path(arguments[at + 1]).resolve()
        out.mkdir(parents=True, exist_ok=True)
        arguments = arguments[:at] + arguments[at + 2 :]
    wanted = [a for a in arguments if a != "--write"]
    for name in [run for run in runs() if not wanted or {run, run.partition("@")[0]} & set(wanted)]:
        environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1" if name in KERAS2 else "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment["PYTHONPATH"] = str(ROOT / "python")
        if keep:
            environment["KEEP"] = "1"
        if out:
            environment["OUT"] = str(out)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve()), "--inside", name]
            subprocess.run(command, check=True, cwd=folder, env=environment)


if __name__ == "__main__":
    main(sys.argv[1:])
