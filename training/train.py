"""From PhysioNet 2012 to www/models/: reads, trains, exports, checks the export, measures, renders the model card.

`training/train.sh` calls this with everything installed. `python train.py --help` names the options.
"""

import argparse
import hashlib
import json
import platform
import time
from pathlib import Path

import numpy as np
import onnxruntime

import baselines
import card
import evaluate
import export
import measures
import physionet2012
import simulate
from channels import CHANNELS, ROOT
from discretise import encode, read_episode, robust_scaling
from fit import SETTINGS, fit
from network import n_parameters, predict
from split import split

SEED = 2012
MODELS = ROOT / "www/models"
METRICS = ROOT / "training/metrics.json"
NAME = "in-hospital mortality, channel-wise LSTM"
DESCRIPTION = (
    "Risk of death in hospital from the first 48 hours in intensive care; trained on {n} stays of the PhysioNet/Computing in "
    "Cardiology Challenge 2012 (ODC-By 1.0). Research and education only; the model card says how it was made and where it fails."
)
EXPORT_TOLERANCE = 1e-6


def main() -> None:
    """Trains and writes everything; prints what it does."""
    options = _options()
    began = time.monotonic()
    stays = load(options.data, options.cache)
    chosen = split(stays["died"], SEED)
    part = {name: {key: value[rows] for key, value in stays.items()} for name, rows in chosen.items()}
    for name, stay in part.items():
        print(f"{name}: {len(stay['died'])} stays, {int(stay['died'].sum())} deaths")
    scaling = robust_scaling(part["train"]["codes"])
    params, history = train(part, scaling, options.epochs)
    meaning = export.manifest(scaling, NAME, DESCRIPTION.format(n=f"{len(part['train']['died']):,}"))
    path = options.out / "in-hospital-mortality.onnx"
    export.write(export.keras_model(params), meaning, path)
    print(f"wrote {path} ({path.stat().st_size:,} bytes)")
    metrics = measure(part, params, scaling, path, options.data)
    metrics["training"] = {"settings": SETTINGS | {"epochs": options.epochs}, "seed": SEED, "epochs": history}
    metrics["minutes"] = round((time.monotonic() - began) / 60, 1)
    if options.out == MODELS:
        METRICS.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
        card.main()
    print(json.dumps({key: metrics["network"][key] for key in ("auroc", "auprc", "brier")}, indent=1))
    print(f"done in {metrics['minutes']} minutes")


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="the folder that holds physionet2012/")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/vitrine", help="where binned stays are kept")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the model goes; metrics and card only for www/models")
    parser.add_argument("--epochs", type=int, default=SETTINGS["epochs"])
    return parser.parse_args()


def load(data: Path, cache: Path) -> dict[str, np.ndarray]:
    """The binned stays, read once and then kept in the cache under the digest of the archives and of the reading code."""
    sources = "".join((ROOT / "training" / f"{name}.py").read_text("utf-8") for name in ("physionet2012", "discretise", "gcs", "channels"))
    digest = hashlib.sha256(sources.encode()).hexdigest()[:8]
    kept = cache / f"physionet2012-{physionet2012.digest(data)}-{digest}.npz"
    if kept.is_file():
        with np.load(kept) as arrays:
            return dict(arrays)
    print("reading PhysioNet 2012 (kept in the cache folder afterwards)")
    stays = physionet2012.read(data, SEED)
    cache.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(kept, **stays)
    return stays


def train(part: dict, scaling: np.ndarray, epochs: int):
    """The network's weights and the history of its training.

    The targets are the outcomes mixed with the probabilities of a teacher, gradient boosting out of fold: they say of each
    death whether the chart announced it, which a single 0 or 1 cannot.
    """
    codes, died = part["train"]["codes"], part["train"]["died"]
    print("fitting the teacher: gradient boosting out of fold", flush=True)
    teacher = measures.sigmoid(baselines.out_of_fold((codes, died), SEED))
    share = SETTINGS["teacher"]
    targets = ((1 - share) * died + share * teacher).astype(np.float32)
    valid = part["valid"]["codes"], part["valid"]["died"]
    return fit((codes, targets), valid, scaling, SEED, SETTINGS | {"epochs": epochs}, log=lambda *line: print(*line, flush=True))


def measure(part: dict, params, scaling: np.ndarray, path: Path, data: Path) -> dict:
    """Everything that the model card states."""
    test = part["test"]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(x):
        return evaluate.onnx_scores(session, x)

    x = encode(test["codes"], scaling)
    score, own = run(x), predict(params, x)
    difference = float(np.abs(measures.sigmoid(score) - measures.sigmoid(own)).max())
    if difference > EXPORT_TOLERANCE:
        raise SystemExit(f"the export differs from the trained network by {difference:.1e}, more than {EXPORT_TOLERANCE:.0e}")
    fitting = tuple(np.concatenate([part["train"][key], part["valid"][key]]) for key in ("codes", "died"))
    other = {
        "gradient_boosting": baselines.gradient_boosting(fitting, test["codes"], SEED),
        "logistic_regression": baselines.logistic_regression(fitting, test["codes"]),
    }
    bins = measures.reliability(test["died"], score)
    (path.parent / "reliability.svg").write_text(evaluate.reliability_svg(bins, test["died"], score), encoding="utf-8")
    return {
        "data": {name: {"stays": len(stay["died"]), "died": int(stay["died"].sum())} for name, stay in part.items()},
        "observed_share": _observed_share(part["train"]["codes"]),
        "network": evaluate.summary(test["died"], score),
        "threshold": evaluate.at_threshold(test["died"], score),
        "reliability": bins,
        "baselines": {name: evaluate.summary(test["died"], scores) for name, scores in other.items()},
        "auroc_minus": {name: evaluate.compare(test["died"], score, scores) for name, scores in other.items()},
        "subgroups": evaluate.subgroups(test, score),
        "robustness": evaluate.robustness(test["codes"], test["died"], scaling, run),
        "mimic3_demo": evaluate.benchmark_folder(data / "mimic3-demo-ihm/train", scaling, run),
        "synthetic": _synthetic(scaling, run),
        "export": {
            "parameters": n_parameters(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "largest_difference": difference,
        },
        "versions": _versions(),
    }


def _observed_share(codes: np.ndarray) -> dict[str, dict[str, float]]:
    seen = ~np.isnan(codes)
    return {
        channel.name: {"hours": float(seen[:, :, index].mean()), "stays": float(seen[:, :, index].any(axis=1).mean())}
        for index, channel in enumerate(CHANNELS)
    }


def _synthetic(scaling: np.ndarray, run) -> list[dict]:
    stays = json.loads(simulate.index())
    codes = np.stack([read_episode(simulate.STAYS / stay["file"]) for stay in stays])
    probability = measures.sigmoid(run(encode(codes, scaling)))
    return [{"name": stay["name"], "trueLabel": stay["trueLabel"], "probability": float(p)} for stay, p in zip(stays, probability)]


def _versions() -> dict[str, str]:
    import jax
    import sklearn
    import tensorflow
    import tf2onnx
    import tf_keras

    modules = {"numpy": np, "jax": jax, "scikit-learn": sklearn, "tensorflow": tensorflow, "tf_keras": tf_keras, "tf2onnx": tf2onnx}
    return {"python": platform.python_version()} | {name: module.__version__ for name, module in modules.items()} | {"onnxruntime": onnxruntime.__version__}


if __name__ == "__main__":
    main()
