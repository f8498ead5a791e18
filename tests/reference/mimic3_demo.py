"""Writes what the float64 reference makes of real stays, for the Rust test that compares the engine with it.

    python tests/reference/mimic3_demo.py OUT [--model M.onnx] [--manifest M.json] [--data FOLDER]

Reads every *_timeseries.csv of FOLDER/mimic3-demo-ihm/train (FOLDER: VITRINE_DATA, else ../shared/data) and every
www/stays/*.csv. Writes to OUT, all little-endian and row-major [48 * 76]:

    index.json            one entry a stay: name, csv, probability (onnxruntime), probability64, logit64, explanations
    <name>.input.f32      the model's input, from an independent reading of the CSV
    <name>.lrp.f64        LRP as in the paper: 2017 form, epsilon 0.01, bias factor 0, gates all, sign mask
    <name>.lrp_score.f64  LRP of the whole score, bias factor 1, otherwise the same
    <name>.gradient.f64   derivative of the probability

Needs requirements.txt.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np

from fixtures_explain import relative_change, under_float32
from lrp_reference import Rule, gradient, lrp, run
from onnx_reader import read_network, session_of
from stays import read_stay

ROOT = Path(__file__).resolve().parent.parent.parent
METADATA_KEY = "vitrine.manifest"
EXPLANATIONS = {
    "lrp": lambda trace: lrp(trace),
    "lrp_score": lambda trace: lrp(trace, "score", Rule(bias_factor=1.0)),
    "gradient": lambda trace: gradient(trace),
}


def main():
    arguments = read_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    n_steps, n_columns = 48, 76
    if not arguments.model.exists():
        sys.exit(f"no model at {arguments.model}: pass --model")
    network, model = read_network(arguments.model, n_steps, n_columns)
    manifest = manifest_of(model, arguments.manifest)
    session = session_of(model)
    paths = stays_of(arguments.data)
    if not paths:
        sys.exit(f"no stays under {arguments.data}: pass --data or set VITRINE_DATA")
    index = []
    for path in paths:
        x, remarks = read_stay(path, manifest)
        (p,) = session.run(None, {session.get_inputs()[0].name: x[None]})
        trace = run(network, x)
        index.append(
            {
                "name": path.stem,
                "csv": os.path.relpath(path, ROOT),
                "probability": float(p.reshape(())),
                "probability64": trace.probability,
                "logit64": trace.logit,
                "remarks": remarks,
                "explanations": write_stay(arguments.out, path.stem, x, trace, arguments.sensitivity),
            }
        )
        print(f"{path.stem}: p = {trace.probability:.4f}, {len(remarks)} remarks", flush=True)
    (arguments.out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    largest = max(abs(entry["probability"] - entry["probability64"]) for entry in index)
    print(f"{len(index)} stays; onnxruntime is at most {largest:.3g} from float64")


def write_stay(folder, name, x, trace, sensitivity):
    x.astype("<f4").tofile(folder / f"{name}.input.f32")
    recorded = under_float32(trace) if sensitivity else None
    written = {}
    for kind, explain in EXPLANATIONS.items():
        e = explain(trace)
        e.relevance.astype("<f8").tofile(folder / f"{name}.{kind}.f64")
        written[kind] = {"score": e.score, "ledger": vars(e.ledger) if e.ledger else None}
        if recorded is not None:
            written[kind]["change_under_float32"] = relative_change(e.relevance, explain(recorded).relevance)
    return written


def manifest_of(model, path):
    for entry in model.metadata_props:
        if entry.key == METADATA_KEY and path is None:
            return json.loads(entry.value)
    return json.loads((path or ROOT / "src/stay/manifest_mimic3.json").read_text(encoding="utf-8"))


def stays_of(data):
    return sorted((data / "mimic3-demo-ihm/train").glob("*_timeseries.csv")) + sorted((ROOT / "www/stays").glob("*.csv"))


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "www/models/in-hospital-mortality.onnx")
    parser.add_argument("--manifest", type=Path, help="instead of the one in the model, or of the built-in one")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("VITRINE_DATA", ROOT / "../shared/data")))
    parser.add_argument("--sensitivity", action="store_true", help="also measure what float32 recording changes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
