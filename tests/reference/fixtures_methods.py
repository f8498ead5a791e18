"""What integrated gradients, SmoothGrad, deep-shap, occlusion and Shapley values must give on the networks of
`../fixtures/explain`."""

import json

import numpy as np

from contributions import contributions, integrated_gradients, occlusion, shapley, smooth_grad
from fixtures_explain import CASES, N_COLUMNS, draw

SMOOTH = {"steps": 7, "noise": 0.15, "seed": 5}


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        _, network, x, *_ = draw(case)
        x = x.astype(float)
        x0 = baseline(case, x)
        groups = [[hour * N_COLUMNS + column for hour in range(len(x))] for column in range(N_COLUMNS)]
        record = {
            "baseline": x0.ravel().tolist(),
            "groups": groups,
            "explanations": explanations(network, x, x0),
            "occlusion": occlusion(network, x, x0, groups),
            "shapley": shapley(network, x, x0, groups),
        }
        (folder / f"{case.name}.json").write_text(json.dumps(record) + "\n")
        print(f"methods/{case.name}")


def baseline(case, x):
    """Another input, which agrees with x in some cells."""
    rng = np.random.default_rng(case.first_seed + 9000)
    x0 = rng.standard_normal(x.shape).astype(np.float32).astype(float)
    return np.where(rng.random(x.shape) < 0.2, x, x0)


def explanations(network, x, x0):
    result = []
    for explain in ["score", "probability"]:
        relevance, score, reference = contributions(network, x, x0, explain)
        assert abs(relevance.sum() - (score - reference)) < 1e-12, "the reference itself is not complete"
        entry = {"explain": explain, "score": score, "reference": reference}
        result.append(entry | {"method": "deep-shap", "relevance": relevance.ravel().tolist()})
        integrated = integrated_gradients(network, x, x0, explain)
        result.append(entry | {"method": "integrated-gradients", "relevance": integrated.ravel().tolist()})
    smooth = smooth_grad(network, x, "probability", SMOOTH["steps"], SMOOTH["noise"], SMOOTH["seed"])
    entry = {"method": "smooth-grad", "explain": "probability", "relevance": smooth.ravel().tolist()}
    return [*result, entry | SMOOTH]
