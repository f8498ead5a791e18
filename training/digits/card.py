"""www/models/DIGITS.md from training/digits/metrics.json, so that no figure drifts."""

import json
from pathlib import Path

CARD = Path(__file__).resolve().parent.parent.parent / "www/models/DIGITS.md"


def render(m):
    wrong = [
        f"{count} x {true} read as {read}"
        for true, row in enumerate(m["confusion"])
        for read, count in enumerate(row)
        if true != read and count
    ]
    return f"""# Model card: handwritten digits, convolutional network (image demo of Vitrine)

Every figure is written by `training/digits/card.py` from `training/digits/metrics.json`.

> **Research and education only.**

- **File:** `digits.onnx`, {m["file"]["bytes"]:,} bytes, SHA-256 `{m["file"]["sha256"]}`, {m["parameters"]:,} parameters
- **What it is:** two 3 x 3 convolutions (12 and 24 maps) with ReLU, a maximum and a mean pooling, one dense layer, softmax over ten digits
- **Data:** the 1,797 images of 8 x 8 that scikit-learn ships (`load_digits`): the test part of *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0. {m["images"]["training"]:,} for training, {m["images"]["test"]:,} for the test, by digit. The page shows twenty of the test part (`www/images/digits.json`).
- **Made by:** `training/digits/train.py`, seeded, PyTorch's TorchScript exporter; onnxruntime differs from PyTorch by at most {m["onnxruntime against PyTorch"]:.0e}
- **How right it is:** {100 * m["accuracy"]:.1f} % of the test images (cross-entropy {m["cross-entropy"]:.3f}); wrong: {", ".join(wrong) if wrong else "none"}
"""


def write_card(metrics):
    CARD.write_text(render(metrics), encoding="utf-8")


if __name__ == "__main__":
    write_card(json.loads(Path(__file__).with_name("metrics.json").read_text(encoding="utf-8")))
