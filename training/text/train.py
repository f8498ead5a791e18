"""Trains the sentiment network, exports it with its vocabulary, and measures it.

    python training/text/train.py            # writes www/models/sentiment.onnx, its card, and training/text/metrics.json

Needs tests/reference/requirements-fixtures.txt (PyTorch, onnx, onnxruntime); three minutes on one core. Downloads one
package through pip, once, into ~/.cache/vitrine.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "python"))

import corpus  # noqa: E402
import grammar  # noqa: E402
from card import write_card  # noqa: E402
from vitrine import manifest as meaning  # noqa: E402
from evaluate import Explainer, negation, padding_share, words_found  # noqa: E402
from fit import evaluate, fit, tensors, vocabulary  # noqa: E402
from network import N_STEPS, PADDING, UNKNOWN, encode  # noqa: E402

MODEL, METRICS = ROOT / "www/models/sentiment.onnx", Path(__file__).with_name("metrics.json")
NAME = "sentiment of a sentence, bidirectional LSTM"
DESCRIPTION = (
    "Trained on the rated sentences that the package vaderSentiment 3.3.2 ships (MIT): film and product reviews, "
    "editorials, tweets; C. J. Hutto and E. Gilbert, ICWSM 2014. A demonstration, no judge of texts."
)


def manifest(words):
    token = {"kind": "continuous", "mean": 0.0, "std": 1.0, "normal": float(PADDING)}
    return {
        "format": "vitrine-manifest/1",
        "name": NAME,
        "description": DESCRIPTION,
        "steps": N_STEPS,
        "step_hours": 1.0,
        "columns": 1,
        "outcomes": [{"name": "favourable", "threshold": 0.5}],
        "channels": [{"name": "word", "label": "Word", "columns": [0], "encoding": token}],
        "text": {"vocabulary": words, "unknown": UNKNOWN, "padding": PADDING, "pad": "left", "lowercase": True},
    }


def export(model, words, x):
    example = x[:1]
    names = {"input_names": ["tokens"], "output_names": ["favourable"]}
    torch.onnx.export(model, (example,), str(MODEL), dynamo=False, opset_version=17, **names)
    meaning.write(MODEL, manifest(words))
    onnx.checker.check_model(str(MODEL), full_check=True)
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    ours = np.concatenate([session.run(None, {"tokens": row[None].numpy()})[0] for row in x[:200]])
    with torch.no_grad():
        return float(np.abs(ours - model(x[:200]).numpy()).max())


def main():
    torch.set_num_threads(1)  # one thread: the same sums in the same order, and faster for layers this small
    cache = Path(os.environ.get("VITRINE_CACHE", Path.home() / ".cache/vitrine"))
    train, valid, test = corpus.split(corpus.sentences(cache))
    words, lexicon = vocabulary(train), corpus.lexicon(cache)
    model = fit(train + grammar.sentences(), valid, words)
    index = {word: n for n, word in enumerate(words)}
    x, y, _ = tensors(test, index)
    difference = export(model, words, x)
    loss, accuracy = evaluate(model, x, y)
    by_source = {}
    for source in corpus.SOURCES:
        rows = [row for row in test if row[0] == source]
        by_source[source] = {"sentences": len(rows), "accuracy": evaluate(model, *tensors(rows, index)[:2])[1]}
    explainer = Explainer(model.state_dict(), words)
    metrics = {
        "sentences": {
            "training": len(train),
            "validation": len(valid),
            "test": len(test),
            "grammar": grammar.N_SENTENCES,
        },
        "favourable share of the test part": float(y.mean()),
        "parameters": sum(p.numel() for p in model.parameters()),
        "vocabulary": len(words),
        "known share of the test part's words": float((x[x != PADDING] != UNKNOWN).float().mean()),
        "test": {"accuracy": accuracy, "cross-entropy": loss, "by source": by_source},
        "words": words_found(explainer, test, lexicon),
        "negation": negation(explainer),
        "padding's share of relevance": padding_share(explainer, test),
        "onnxruntime against PyTorch": difference,
        "file": {"bytes": MODEL.stat().st_size, "sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest()},
    }
    METRICS.write_text(json.dumps(metrics, indent=1) + "\n")
    write_card(metrics)
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
