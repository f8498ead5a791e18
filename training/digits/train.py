"""Trains the digit network on the images that scikit-learn ships, exports and measures it.

    python training/digits/train.py    # www/models/digits.onnx, DIGITS.md, www/images/digits.json, metrics.json

Needs tests/reference/requirements-fixtures.txt; half a minute on one core. The images are `sklearn.datasets.load_digits`:
1,797 of the test images of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, UCI, CC BY 4.0).
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "python"))

from card import write_card  # noqa: E402
from vitrine import manifest as meaning  # noqa: E402
from network import N_CLASSES, SIZE, Digits  # noqa: E402

MODEL, IMAGES = ROOT / "www/models/digits.onnx", ROOT / "www/images/digits.json"
METRICS = Path(__file__).with_name("metrics.json")
EPOCHS, BATCH, RATE, SEED = 80, 32, 4e-3, 8
SHOWN = 2  # images of each digit that the page shows, from the test part
DESCRIPTION = (
    "Trained on the 8 x 8 digits that scikit-learn ships: Optical Recognition of Handwritten Digits, E. Alpaydin and "
    "C. Kaynak, UCI, CC BY 4.0. A demonstration."
)


def data():
    """(training images, labels, test images, labels); images [n, 1, height, width], ink 0 to 1."""
    images, labels = load_digits(return_X_y=True)
    images = (images.reshape(-1, 1, SIZE, SIZE) / 16).astype(np.float32)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=0.25, random_state=SEED, stratify=labels)
    return [torch.tensor(part) for part in (x, y, x_test, y_test)]


def fit(x, y):
    torch.manual_seed(SEED)
    model = Digits()
    optimiser = torch.optim.Adam(model.parameters(), RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for _ in range(EPOCHS):
        model.train()
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            loss = F.cross_entropy(model.scores(x[batch]), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return model.eval()


def manifest():
    """A picture's steps run along its width, and its columns are the rows of pixels."""
    ink = {"kind": "continuous", "mean": 0.0, "std": 1.0, "normal": 0.0}
    rows = [
        {
            "name": f"row {row + 1}",
            "label": f"Row {row + 1}",
            "columns": [row],
            "plausible": [-0.01, 1.01],
            "encoding": ink,
        }
        for row in range(SIZE)
    ]
    return {
        "format": "vitrine-manifest/1",
        "name": "handwritten digits, convolutional network",
        "description": DESCRIPTION,
        "steps": SIZE,
        "step_hours": 1.0,
        "columns": SIZE,
        "outcomes": [{"name": "digit", "classes": [str(digit) for digit in range(N_CLASSES)]}],
        "channels": rows,
    }


def export(model, x):
    names = {"input_names": ["image"], "output_names": ["digit"]}
    torch.onnx.export(model, (x[:1],), str(MODEL), dynamo=False, opset_version=17, **names)
    meaning.write(MODEL, manifest())
    onnx.checker.check_model(str(MODEL), full_check=True)
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    ours = np.concatenate([session.run(None, {"image": row[None].numpy()})[0] for row in x[:200]])
    with torch.no_grad():
        return float(np.abs(ours - model(x[:200]).numpy()).max())


def write_images(x, y):
    """The first images of each digit of the test part, ink 0 to 16 as scikit-learn has it, row by row."""
    images = []
    for digit in range(N_CLASSES):
        for index in np.flatnonzero(y.numpy() == digit)[:SHOWN]:
            ink = np.rint(x[index].numpy() * 16).astype(int)
            images.append({"label": digit, "ink": ink.ravel().tolist()})
    IMAGES.parent.mkdir(exist_ok=True)
    lines = ",\n".join(" " + json.dumps(image, separators=(",", ":")) for image in images)
    IMAGES.write_text(f"[\n{lines}\n]\n")


def main():
    torch.set_num_threads(1)
    x, y, x_test, y_test = data()
    model = fit(x, y)
    difference = export(model, x_test)
    with torch.no_grad():
        p = model(x_test)
    confusion = np.zeros((N_CLASSES, N_CLASSES), int)
    np.add.at(confusion, (y_test.numpy(), p.argmax(dim=1).numpy()), 1)
    metrics = {
        "images": {"training": len(x), "test": len(x_test)},
        "parameters": sum(w.numel() for w in model.parameters()),
        "accuracy": float((p.argmax(dim=1) == y_test).float().mean()),
        "cross-entropy": float(F.nll_loss(torch.log(p), y_test)),
        "confusion": confusion.tolist(),
        "onnxruntime against PyTorch": difference,
        "file": {"bytes": MODEL.stat().st_size, "sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest()},
    }
    METRICS.write_text(json.dumps(metrics) + "\n")
    write_card(metrics)
    write_images(x_test, y_test)
    print({key: value for key, value in metrics.items() if key != "confusion"})


if __name__ == "__main__":
    main()
