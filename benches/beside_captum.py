"""The Python package beside Captum on one torch LSTM, one thread each: how far apart they are, and what each takes.

    PYTHONPATH=... $(tools/venv.sh python/requirements-captum.txt) benches/beside_captum.py

Prints a table for docs/python.md. Times are processor time, the least of several rounds. Fails where they differ by more
than 1e-5 of a unit of score.
"""

import os

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import time

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion

import vitrine

# Not 76 columns: those would be taken for the benchmark's, whose masks go with what is taken away.
STEPS, COLUMNS, HIDDEN = 48, 64, 64
N_STAYS, ROUNDS, MOST = 3, 5, 1e-5


class Network(torch.nn.Module):
    """One LSTM layer, its last state, and a probability."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(COLUMNS, HIDDEN, batch_first=True)
        self.head = torch.nn.Linear(HIDDEN, 1)

    def score(self, x):
        return self.head(self.lstm(x)[0][:, -1])[:, 0]

    def forward(self, x):
        return torch.sigmoid(self.score(x))


def least(work):
    """What it gives, and the least processor time of all rounds, in milliseconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return result, 1e3 * min(times)


def before(x):
    """What stands in each cell when its measurement is taken away: the one before it, at first the normal value, 0."""
    return torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], dim=1)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Network().eval()
    model = vitrine.Model(network, shape=(STEPS, COLUMNS))
    stays = torch.randn(N_STAYS, 1, STEPS, COLUMNS)
    points = 256
    integrated, products, occluded = IntegratedGradients(network.score), InputXGradient(network.score), Occlusion(network.score)
    theirs = {
        "integrated-gradients": lambda x: integrated.attribute(x, torch.zeros_like(x), n_steps=points, method="gausslegendre"),
        "gradient-x-input": lambda x: products.attribute(x.clone().requires_grad_()),
        # As many at once as is fastest here.
        "occlusion": lambda x: occluded.attribute(
            x, sliding_window_shapes=(1, 1), baselines=before(x), perturbations_per_eval=64
        ),
    }
    print(f"captum 0.9.0 on torch {torch.__version__}, LSTM of {HIDDEN} units, {STEPS} x {COLUMNS}")
    print("\n| method | Captum, ms | vitrine, ms | largest difference |\n|---|---:|---:|---:|")
    worst = 0.0
    for method, attribute in theirs.items():
        rows = []
        for x in stays:
            other, slow = least(lambda: attribute(x))
            own, fast = least(lambda: model.explain(x[0], method=method, explain="score"))
            rows.append((slow, fast, np.abs(other[0].detach().numpy() - own.relevance).max()))
        slow, fast, difference = np.median([row[0] for row in rows]), np.median([row[1] for row in rows]), max(row[2] for row in rows)
        print(f"| {method} | {slow:.1f} | {fast:.1f} | {difference:.1e} |")
        worst = max(worst, difference)
    if worst > MOST:
        raise SystemExit(f"they differ by {worst:.1e}, and {MOST:.0e} is allowed")


if __name__ == "__main__":
    main()
