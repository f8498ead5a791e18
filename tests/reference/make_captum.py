"""Writes ../fixtures/methods/captum/<case>.json: what Captum makes of networks of ../fixtures/explain, run once by hand.

    python -m pip install torch captum==0.9.0 && python tests/reference/make_captum.py

The network is a torch LSTM with the same weights, in float64; the score is its logit. Integrated gradients by Captum's
Gauss-Legendre rule with 200 points, gradient x input, and occlusion of each cell by zero.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion

from fixtures_explain import CASES, N_COLUMNS, draw
from fixtures_methods import baseline

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "methods" / "captum"
NAMES = ["forward_last_state", "bidirectional_last_hour"]


class Score(torch.nn.Module):
    """One LSTM layer and the output unit, without its sigmoid."""

    def __init__(self, network):
        super().__init__()
        (layer,) = network.trunk
        self.output = layer.output
        cells = layer.cells
        self.lstm = torch.nn.LSTM(cells[0].e, cells[0].d, batch_first=True, bidirectional=len(cells) == 2).double()
        for cell, suffix in zip(cells, ["", "_reverse"]):
            # Torch's gates come in the order i, f, g, o; the candidate is called c in the reference.
            stack = lambda gates: torch.tensor(np.concatenate([gates[k] for k in "ifco"]))
            with torch.no_grad():
                getattr(self.lstm, f"weight_ih_l0{suffix}").copy_(stack(cell.w))
                getattr(self.lstm, f"weight_hh_l0{suffix}").copy_(stack(cell.u))
                getattr(self.lstm, f"bias_ih_l0{suffix}").copy_(stack(cell.b))
                getattr(self.lstm, f"bias_hh_l0{suffix}").zero_()
        self.w, self.b = torch.tensor(network.w), network.b

    def forward(self, x):
        hours, (last, _) = self.lstm(x)
        h = hours[:, -1] if self.output == "last-hour" else last[-1]
        return h @ self.w + self.b


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for case in (case for case in CASES if case.name in NAMES):
        _, network, x, trace, *_ = draw(case)
        x0 = baseline(case, x.astype(float))
        score = Score(network)
        at, at0 = torch.tensor(x.astype(float))[None], torch.tensor(x0)[None]
        assert abs(float(score(at)) - trace.logit) < 1e-12, "torch computes another network"
        integrated = IntegratedGradients(score).attribute(at, at0, n_steps=200, method="gausslegendre")
        products = InputXGradient(score).attribute(at.clone().requires_grad_())
        occluded = Occlusion(score).attribute(at, sliding_window_shapes=(1, 1), baselines=0.0)
        flat = lambda t: t.detach().numpy().ravel().tolist()
        record = {
            "captum": version("captum"),
            "torch": torch.__version__,
            "integrated-gradients": flat(integrated),
            "gradient-x-input": flat(products),
            "occlusion": flat(occluded),
        }
        assert len(record["occlusion"]) == len(x) * N_COLUMNS
        (FOLDER / f"{case.name}.json").write_text(json.dumps(record) + "\n")
        print(case.name)


if __name__ == "__main__":
    main()
