"""Writes tests/fixtures/demos: what the float64 reference and onnxruntime make of the text and the image demo.

    python tests/reference/fixtures_demos.py      # after training/text/train.py or training/digits/train.py

The sentiment network is read from its ONNX file into lrp_reference.py; a word's relevance is the sum over its embedding.
Needs requirements.txt.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from lrp_reference import Branch, Layer, Network, Rule, cells_from_onnx, gradient, lrp, run

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "training" / "text"))

from corpus import words_of  # noqa: E402

FOLDER = ROOT / "tests/fixtures/demos"
SENTENCES = [
    "A wonderful, moving film with a brilliant cast!",
    "The plot is not good, and the acting is terrible.",
    "I don\u2019t like this phone; it isn't worth the price.",
    "Never boring.",
    "the film is very good",
    "the film is not good",
    "Zxq qwrt plok vbnm",
    "It took two days to arrive, the box was open, the manual was missing, the battery was dead, and still, after I "
    "had charged it for a whole night, it turned out to be the best camera that I have ever had in my hands!",
]


def network(model):
    """(embedding [n_tokens, width], Network over embedded words) of an exported classifier."""
    held = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in model.graph.initializer}
    (lstm,) = (node for node in model.graph.node if node.op_type == "LSTM")
    (gemm,) = (node for node in model.graph.node if node.op_type == "Gemm")
    (gather,) = (node for node in model.graph.node if node.op_type == "Gather" and node.input[0] in held)
    w, r, b = (held[name] for name in lstm.input[1:4])
    values = {a.name: onnx.helper.get_attribute_value(a) for a in lstm.attribute}
    attributes = {name: v.decode() if isinstance(v, bytes) else v for name, v in values.items()}
    cells = cells_from_onnx(w, r, b, attributes=attributes)
    table = held[gather.input[0]]
    branch = Branch(list(range(table.shape[1])), [Layer(cells, "last-state")])
    dense, bias = (held[name] for name in gemm.input[1:3])
    return table, Network([branch], [], dense.reshape(-1), float(bias[0]))


def sentences():
    path = ROOT / "www/models/sentiment.onnx"
    model = onnx.load(path)
    meaning = json.loads(next(e.value for e in model.metadata_props if e.key == "vitrine.manifest"))
    text, n_steps = meaning["text"], meaning["steps"]
    index = {word: token for token, word in enumerate(text["vocabulary"])}
    table, reference = network(model)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    records = []
    for sentence in SENTENCES:
        tokens = [index.get(word, text["unknown"]) for word in words_of(sentence)][-n_steps:]
        tokens = [text["padding"]] * (n_steps - len(tokens)) + tokens
        trace = run(reference, table[tokens])
        (p,) = session.run(None, {"tokens": np.array([tokens])})
        assert abs(float(p.ravel()[0]) - trace.probability) < 1e-6, sentence
        records.append(
            {
                "sentence": sentence,
                "words": len(words_of(sentence)),
                "tokens": tokens,
                "probability": float(p.ravel()[0]),
                "paper": lrp(trace).relevance.sum(axis=1).tolist(),
                "score": lrp(trace, "score", Rule(bias_factor=1.0)).relevance.sum(axis=1).tolist(),
                "gradient_x_input": (gradient(trace, "score").relevance * trace.x).sum(axis=1).tolist(),
            }
        )
    return records


def digits():
    """onnxruntime's probabilities of the page's twenty images."""
    session = onnxruntime.InferenceSession(str(ROOT / "www/models/digits.onnx"), providers=["CPUExecutionProvider"])
    images = json.loads((ROOT / "www/images/digits.json").read_text())
    ink = [np.array(image["ink"], np.float32).reshape(1, 1, 8, 8) / 16 for image in images]
    return [session.run(None, {"image": image})[0].ravel().astype(float).tolist() for image in ink]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "sentiment.json").write_text(json.dumps(sentences(), indent=0) + "\n")
    (FOLDER / "digits.json").write_text(json.dumps(digits()) + "\n")


if __name__ == "__main__":
    main()
