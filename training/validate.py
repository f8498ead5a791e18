"""External validation of the demo networks: `make validate` runs them on what stands in the data folder and writes the card anew.

The eICU demo (904 stays of 186 hospitals, no coma scale) and the MIMIC-III demo (46 stays). Neither was used to train, to choose or
to tune anything. NumPy and onnxruntime; nothing is trained.
"""

import argparse
import csv
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import onnxruntime

import card
import evaluate
from channels import CHANNELS, INDEX, ROOT
from discretise import encode, read_episode, read_episode_text

MODELS = ROOT / "www/models"
METRICS = ROOT / "training/metrics.json"
NETWORKS = ("in-hospital-mortality", *(f"in-hospital-mortality-{number}" for number in range(2, 6)))
METADATA_KEY = "vitrine.manifest"
AGES = ((18, 45), (45, 65), (65, 80), (80, 200))
MEASURES = ("auroc", "auprc", "brier", "calibration_slope", "calibration_intercept", "mean_predicted")
IN_GROUPS = ("auroc", "calibration_slope", "mean_predicted")
FEWEST = 10  # deaths, and survivors, below which a group's ranking says nothing


def main() -> None:
    """Validates what is there, and says what is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="the folder that holds eicu-demo and mimic3-demo-ihm")
    data = parser.parse_args().data
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    found = external(data, *read_networks(MODELS))
    if not found:
        raise SystemExit(f"validate: neither eicu-demo nor mimic3-demo-ihm in {data}; name the folder: VITRINE_DATA=/path make validate")
    metrics["external"] = metrics.get("external", {}) | found
    METRICS.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    card.main()
    for name, one in found.items():
        print(f"{name}: {one['n']} stays, {one['died']} deaths, AUROC {one['auroc']['value']:.3f}, slope {one['calibration_slope']['value']:.2f}")


def read_networks(folder: Path):
    """`(run, scaling)`: the score of the mean probability of the networks of a folder, and what their inputs are scaled by."""
    sessions = [onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"]) for name in NETWORKS]
    meaning = json.loads(sessions[0].get_modelmeta().custom_metadata_map[METADATA_KEY])
    scaling = np.tile([0.0, 1.0], (len(CHANNELS), 1))
    for entry in meaning["channels"]:
        if entry["encoding"]["kind"] == "continuous":
            scaling[INDEX[entry["name"]]] = entry["encoding"]["mean"], entry["encoding"]["std"]
    return (lambda x: evaluate.mean_score([evaluate.onnx_scores(session, x) for session in sessions])), scaling


def external(data: Path, run, scaling: np.ndarray) -> dict:
    """The figures of each data set that is there, by its folder's name."""
    out = {}
    if (data / "eicu-demo/listfile.csv").is_file():
        out["eicu-demo"] = _figures(*eicu(data / "eicu-demo"), run, scaling)
    if (data / "mimic3-demo-ihm/train/listfile.csv").is_file():
        out["mimic3-demo"] = _figures(*mimic3(data / "mimic3-demo-ihm/train"), run, scaling)
    return out


def eicu(folder: Path):
    """`(codes, died, groups)` of the eICU demo; the groups by age and sex."""
    rows = _list(folder)
    with tarfile.open(folder / "stays.tar.xz") as tar:
        texts = {Path(member.name).name: tar.extractfile(member).read().decode() for member in tar if member.isfile()}
    codes = np.stack([read_episode_text(io.StringIO(texts[row["stay"]])) for row in rows])
    age = np.array([float(row["age"] or "nan") for row in rows])
    groups = [("sex", sex.lower(), np.array([row["sex"] == sex for row in rows])) for sex in ("Female", "Male")]
    for low, high in AGES:
        groups.append(("age", f"{low} to {high - 1}" if high < 200 else f"{low} and over", (age >= low) & (age < high)))
    return codes, _died(rows), groups


def mimic3(folder: Path):
    """The same of the MIMIC-III demo, whose list names neither age nor sex."""
    rows = _list(folder)
    return np.stack([read_episode(folder / row["stay"]) for row in rows]), _died(rows), []


def _figures(codes, died, groups, run, scaling) -> dict:
    score = run(encode(codes, scaling))
    measured = ~np.isnan(codes)
    out = evaluate.summary(died, score, MEASURES)
    out["never_measured"] = [channel.name for index, channel in enumerate(CHANNELS) if not measured[:, :, index].any()]
    out["observed_share"] = {
        channel.name: {"hours": float(measured[:, :, index].mean()), "stays": float(measured[:, :, index].any(axis=1).mean())}
        for index, channel in enumerate(CHANNELS)
    }
    out["subgroups"] = [
        {"by": by, "group": name} | evaluate.summary(died[chosen], score[chosen], IN_GROUPS)
        for by, name, chosen in groups
        if min(died[chosen].sum(), (1 - died[chosen]).sum()) >= FEWEST
    ]
    return out


def _list(folder: Path) -> list[dict]:
    with open(folder / "listfile.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _died(rows) -> np.ndarray:
    return np.array([float(row["y_true"]) for row in rows])


if __name__ == "__main__":
    main()
