"""Writes tests/fixtures/markers: two-block transformers that were trained to find markers, stays, and Shapley values.

    python tests/reference/make_markers.py            # all
    python tests/reference/make_markers.py --keep     # Shapley values of the networks that are there

A stay has 24 steps of 6 columns of noise, and events of two kinds: a raising one (columns 0 and 1 go apart) and a lowering
one (columns 2 and 3 rise), each in one step. A raising event counts double where a lowering one came in the four steps before
it, so that steps have to look at each other; column 0 alone is a decoy. The outcome is drawn from the score that follows.

The Shapley values are those of the network's score with cells as players: an absent cell is zero. They are sampled over 100
orders and their reverses, by onnxruntime, so that they know nothing of the engine.

Needs requirements-fixtures.txt (torch) and onnxruntime; the seeds are fixed, and the files small.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "markers"
STEPS, COLUMNS, WIDTH, HEADS = 24, 6, 16, 2
SEEDS, N_STAYS, N_ORDERS = (1, 2, 3), 12, 200
REACH = 4


def stays(n, rng):
    """x [n, STEPS, COLUMNS] and the score [n] that its events make."""
    x = 0.4 * rng.standard_normal((n, STEPS, COLUMNS))
    score = np.full(n, -0.5)
    for stay in range(n):
        kinds = np.zeros(STEPS, int)
        places = rng.permutation(STEPS)[: rng.integers(3, 8)]
        kinds[places] = rng.integers(1, 4, len(places))
        for step, kind in enumerate(kinds):
            if kind == 1:
                x[stay, step, [0, 1]] += [1.8, -1.8]
                score[stay] += 3.0 if (kinds[max(0, step - REACH) : step] == 2).any() else 1.5
            elif kind == 2:
                x[stay, step, [2, 3]] += 1.8
                score[stay] -= 1.5
            elif kind == 3:
                x[stay, step, 0] += 1.8
    return x.astype(np.float32), score


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)])
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, h):
        q, k, v = self.qkv(self.norms[0](h)).chunk(3, dim=-1)
        heads = lambda z: z.reshape(z.shape[0], STEPS, HEADS, WIDTH // HEADS).transpose(1, 2)
        weights = torch.softmax(heads(q) @ heads(k).transpose(2, 3) / math.sqrt(WIDTH // HEADS), dim=-1)
        mixed = (weights @ heads(v)).transpose(1, 2).reshape(h.shape[0], STEPS, WIDTH)
        h = h + self.out(mixed)
        return h + self.feed(self.norms[1](h))


class Markers(nn.Module):
    def __init__(self):
        super().__init__()
        self.rise, self.place = nn.Linear(COLUMNS, WIDTH), nn.Parameter(0.3 * torch.randn(STEPS, WIDTH))
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 1)

    def score(self, x):
        return self.head(self.norm(self.blocks(self.rise(x) + self.place)).mean(dim=1))

    def forward(self, x):
        return torch.sigmoid(self.score(x))


def train(seed, n_rounds=3000, n_batch=128):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Markers()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=n_rounds)
    for _ in range(n_rounds):
        x, score = stays(n_batch, rng)
        target = torch.from_numpy((rng.random(n_batch) < 1 / (1 + np.exp(-score))).astype(np.float32))
        loss = nn.functional.binary_cross_entropy_with_logits(model.score(torch.from_numpy(x))[:, 0], target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    x, score = stays(2000, np.random.default_rng(99))
    with torch.no_grad():
        found = model.score(torch.from_numpy(x))[:, 0].numpy()
    print(f"seed {seed}: correlation of the network's score with the true one {np.corrcoef(found, score)[0, 1]:.3f}")
    return model.eval()


def export(model, path):
    torch.onnx.export(
        model, (torch.zeros(1, STEPS, COLUMNS),), str(path), input_names=["x"], output_names=["p"], opset_version=17, dynamo=False,
        dynamic_axes={"x": {0: "batch"}},
    )
    onnx.checker.check_model(onnx.load(path), full_check=True)


def shapley(session, x, rng):
    """Shapley values [STEPS * COLUMNS] of the score of one stay [STEPS, COLUMNS]."""
    n = STEPS * COLUMNS
    values = np.zeros(n)
    for _ in range(N_ORDERS // 2):
        order = rng.permutation(n)
        for one in (order, order[::-1]):
            # Row k has the first k cells of the order.
            present = (np.argsort(one)[None, :] < np.arange(n + 1)[:, None]).astype(np.float32)
            p = session.run(None, {"x": (present * x.ravel()).reshape(n + 1, STEPS, COLUMNS)})[0][:, 0].astype(float)
            values[one] += np.diff(np.log(p) - np.log1p(-p))
    return values / N_ORDERS


def main():
    FOLDER.mkdir(exist_ok=True)
    x, _ = stays(N_STAYS, np.random.default_rng(7))
    x = x.round(3)
    found = {}
    for seed in SEEDS:
        path = FOLDER / f"markers-{seed}.onnx.bin"
        if "--keep" not in sys.argv:
            export(train(seed), path)
        session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
        rng = np.random.default_rng(seed)
        found[path.name] = [[round(float(v), 5) for v in shapley(session, stay, rng)] for stay in x]
    document = {"stays": [[round(float(v), 3) for v in stay.ravel()] for stay in x], "shapley": found}
    (FOLDER / "shapley.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
