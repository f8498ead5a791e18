"""From PhysioNet 2012 to www/models/: reads, trains five networks, exports and checks them, measures, renders the model card.

`training/train.sh` calls this with everything installed. `python train.py --help` names the options.
"""

import argparse
import hashlib
import json
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import sklearn

import baselines
import calibration
import card
import evaluate
import export
import limits
import measures
import physionet2012
import simulate
import teacher
import validate
from channels import CHANNELS, INDEX, ROOT
from discretise import encode, read_episode, robust_scaling
from fit import SETTINGS, fit
from network import n_parameters, predict
from physionet2012 import as_read
from split import split

SEED = 2012
SEEDS = (1, 2, 3, 4, 5)
NAME = "in-hospital mortality, channel-wise LSTM"
DESCRIPTION = (
    "Risk of death in hospital from the first 48 hours in intensive care; network {number} of {networks}, meant to be used together; "
    "trained on {n} stays of the PhysioNet/Computing in Cardiology Challenge 2012 (ODC-By 1.0). Research and education only; the "
    "model card says how it was made and where it fails."
)
EXPORT_TOLERANCE = 1e-6
GROUPS = ("Fraction inspired oxygen", "Respiratory rate")  # what the conformal sets are conditional on


def main() -> None:
    """Trains and writes everything; prints what it does."""
    chosen, began = options(), time.monotonic()
    stays, rows = load_and_split(chosen.data, chosen.cache)
    part = {name: {key: value[of_part] for key, value in stays.items()} for name, of_part in rows.items()}
    for name, stay in part.items():
        print(f"{name}: {len(stay['died'])} stays, {int(stay['died'].sum())} deaths")
    scaling = robust_scaling(part["train"]["codes"])
    trained = recalibrate(train(stays, rows, scaling, chosen), part["fit"], scaling)
    paths = [chosen.out / f"{validate.NETWORKS[index]}.onnx" for index in range(len(trained))]
    scores = [predict(params, encode(as_read(part["test"]["codes"]), scaling)) for params, _ in trained]
    died, measured = part["test"]["died"], _measured(part["test"]["codes"])
    probability = measures.sigmoid(evaluate.mean_score(scores))
    data = f"{len(died):,} held-back stays of the PhysioNet/Computing in Cardiology Challenge 2012"
    calibrated = calibration.calibrate(died, probability, measured, data, networks=len(trained))
    ranges = limits.limits(part["fit"]["codes"])
    for number, ((params, _), path) in enumerate(zip(trained, paths), 1):
        text = DESCRIPTION.format(number=number, networks=len(trained), n=f"{len(part['fit']['died']):,}")
        meaning = export.manifest(scaling, f"{NAME} {number}", text, ranges, calibrated)
        export.write(params, meaning, path)
        print(f"wrote {path} ({path.stat().st_size:,} bytes)", flush=True)
    if chosen.out != validate.MODELS:
        return
    metrics = measure(part, [params for params, _ in trained], scores, scaling, paths, chosen.data)
    metrics["coverage"] = calibration.coverage_on_halves(died, probability, measured)
    metrics["training"] = {"settings": SETTINGS, "seeds": chosen.seeds, "epochs": [history for _, history in trained]}
    metrics["minutes"] = round((time.monotonic() - began) / 60, 1)
    validate.METRICS.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    card.main()
    print(json.dumps({key: metrics["network"][key] for key in ("auroc", "auprc", "brier", "calibration_slope")}, indent=1))
    print(f"done in {metrics['minutes']} minutes")


def options():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="the folder that holds physionet2012/")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/vitrine", help="where binned stays are kept")
    parser.add_argument("--out", type=Path, default=validate.MODELS, help="where the models go; metrics and card only for www/models")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="one network each; others than 1 to 5 need --out")
    parser.add_argument("--weights", type=Path, help="keep each network's weights in this folder, and train only those that are not there")
    found = parser.parse_args()
    if found.out == validate.MODELS and len(found.seeds) != len(validate.NETWORKS):
        parser.error(f"www/models holds {len(validate.NETWORKS)} networks; give as many seeds, or another --out")
    return found


def load_and_split(data: Path, cache: Path):
    """`(stays, rows of each part)`; part "fit" is training and validation part together."""
    stays = load(data, cache)
    rows = split(stays["died"], SEED)
    return stays, rows | {"fit": np.sort(np.concatenate([rows["train"], rows["valid"]]))}


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
    np.savez(kept, **stays)
    return stays


def train(stays: dict, rows: dict, scaling: np.ndarray, chosen) -> list:
    """`(weights, history)` of each seed's network, trained on training and validation part together.

    Settings were chosen on the validation part, with networks trained on the training part alone; see README.md.
    """
    kept = {seed: chosen.weights / f"network-{seed}.npz" for seed in chosen.seeds} if chosen.weights else {}
    wanted = [seed for seed in chosen.seeds if not (kept and kept[seed].is_file())]
    found = {}
    if wanted:
        fitted = np.concatenate([rows["train"], rows["valid"]])
        target = np.full(len(stays["died"]), np.nan, np.float32)
        target[fitted] = teacher.targets(stays, fitted, log=print)
        job = (stays["codes"][rows["fit"]], target[rows["fit"]]), scaling
        with ProcessPoolExecutor(min(len(wanted), os.cpu_count() or 1)) as pool:
            found = dict(zip(wanted, pool.map(_one, [(*job, seed) for seed in wanted])))
    for seed, path in kept.items():
        if seed in found:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, **found[seed][0], history=json.dumps(found[seed][1]))
        else:
            with np.load(path) as arrays:
                found[seed] = {name: arrays[name] for name in arrays if name != "history"}, json.loads(str(arrays["history"]))
    return [found[seed] for seed in chosen.seeds]


def recalibrate(trained: list, fitted: dict, scaling: np.ndarray) -> list:
    """The networks with one slope and one intercept for all put into their last layer: those of the outcomes on the networks' mean over
    training and validation part.

    No target holds its own stay's outcome (the teachers are out of fold), so these stays can tell how extreme predictions are.
    """
    x = encode(as_read(fitted["codes"]), scaling)
    slope, intercept = measures.recalibration(fitted["died"], evaluate.mean_score([predict(params, x) for params, _ in trained]))
    print(f"recalibrated by slope {slope:.3f} and intercept {intercept:.3f}", flush=True)

    def moved(params):
        dense = {"dense_w": slope * params["dense_w"], "dense_bias": slope * params["dense_bias"] + intercept}
        return params | {name: value.astype(np.float32) for name, value in dense.items()}

    return [(moved(params), history) for params, history in trained]


def _one(job):
    fitted, scaling, seed = job
    return fit(fitted, None, scaling, seed, log=lambda *line: print(f"network {seed}:", *line, flush=True))


def measure(part: dict, params: list, scores: list, scaling: np.ndarray, paths: list[Path], data: Path) -> dict:
    """Everything that the model card states. The networks are run as the page runs them, on what the page reads."""
    test = part["test"]
    run, stored = validate.read_networks(paths[0].parent)
    np.testing.assert_array_equal(stored, scaling)
    x, died = encode(as_read(test["codes"]), scaling), test["died"]
    singles = [evaluate.onnx_scores(onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]), x) for path in paths]
    difference = float(np.abs(measures.sigmoid(np.array(singles)) - measures.sigmoid(np.array(scores))).max())
    if difference > EXPORT_TOLERANCE:
        raise SystemExit(f"an export differs from the trained network by {difference:.1e}, more than {EXPORT_TOLERANCE:.0e}")
    score = evaluate.mean_score(singles)
    fitting = part["fit"]["codes"], part["fit"]["died"]
    other = {
        "gradient_boosting": baselines.gradient_boosting(fitting, test["codes"], SEED),
        "logistic_regression": baselines.logistic_regression(fitting, test["codes"]),
    }
    bins = measures.reliability(died, score)
    (paths[0].parent / "reliability.svg").write_text(evaluate.reliability_svg(bins, died, score), encoding="utf-8")
    return {
        "data": {name: {"stays": len(stay["died"]), "died": int(stay["died"].sum())} for name, stay in part.items() if name != "fit"},
        "observed_share": _observed_share(part["fit"]["codes"]),
        "network": evaluate.summary(died, score),
        "singles": [evaluate.summary(died, one, ("auroc", "calibration_slope", "mean_predicted")) for one in singles],
        "spread": float(np.std(measures.sigmoid(np.array(singles)), axis=0).mean()),
        "threshold": evaluate.at_threshold(died, score),
        "reliability": bins,
        "baselines": {name: evaluate.summary(died, scores) for name, scores in other.items()},
        "auroc_minus": {name: evaluate.compare(died, score, scores) for name, scores in other.items()},
        "subgroups": evaluate.subgroups(test, score),
        "robustness": evaluate.robustness(test["codes"], died, scaling, lambda x: evaluate.mean_score([predict(one, x) for one in params])),
        "external": validate.external(data, run, scaling),
        "synthetic": _synthetic(scaling, run),
        "export": {
            "parameters": n_parameters(),
            "files": [{"name": path.name, "bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in paths],
            "largest_difference": difference,
        },
        "versions": _versions(),
    }


def _measured(codes: np.ndarray) -> dict[str, np.ndarray]:
    return {name: (~np.isnan(codes[:, :, INDEX[name]])).any(axis=1) for name in GROUPS}


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
    modules = {"numpy": np, "scikit-learn": sklearn, "onnx": onnx, "onnxruntime": onnxruntime}
    return {"python": platform.python_version()} | {name: module.__version__ for name, module in modules.items()}


if __name__ == "__main__":
    main()
