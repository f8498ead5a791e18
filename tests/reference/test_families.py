"""The committed files of tests/fixtures/families give the committed outputs, in this very onnxruntime."""

import json
import unittest

import numpy as np
import onnx

from families.inputs import N_SETS, input_set
from families.record import FOLDER, INDEX, Case, is_float32, outputs_of

FAMILIES = [
    "lstm", "gru", "rnn", "stacked bidirectional LSTM", "stacked bidirectional GRU", "channel-wise, depth 1",
    "channel-wise, depth 2", "channel-wise multitask", "attention pooling", "dense, batch normalisation",
    "dense, layer normalisation", "convolution in front", "embedding, text", "residual",
    "pooled outputs, softmax classes", "static input", "per-step outputs", "masking", "float16", "float64",
    "product of two layers", "recurrence unrolled by hand", "to be refused", "baselines", "choices", "folded sizes",
    "functions", "hand-written loops", "places of the run", "products over an axis", "resampling", "transformers",
    "running sums", "places of the file", "group normalisation", "bfloat16", "layer-normalised recurrence, 2,000 nodes",
    "lists", "spectra", "state spaces", "infinity in place of what is hidden",
]  # fmt: skip


def files():
    return json.loads(INDEX.read_text())["files"]


class Inputs(unittest.TestCase):
    def test_the_generator_is_the_documented_one(self):
        tokens = {"name": "t", "shape": [1, 3], "type": "int64", "vocabulary": 30}
        inputs = [{"name": "x", "shape": [1, 2, 2], "type": "float32"}, tokens]
        state, numbers = 12345 + 3, []
        for _ in range(4 + 7):
            state = (1664525 * state + 1013904223) & 0xFFFFFFFF
            numbers.append(state >> 8)
        feed = input_set(3, inputs, "trailing")
        expected = np.array(numbers[4:8], "f8").reshape(1, 2, 2) / 2**23 - 1
        expected[:, -3:] = 0  # 3 mod 5 steps, more than there are
        self.assertTrue((feed["x"] == expected).all())
        self.assertEqual(feed["t"].tolist(), [[(n * 30) >> 24 for n in numbers[8:]]])

    def test_input_sets_differ(self):
        entry = [{"name": "x", "shape": [1, 48, 76], "type": "float32"}]
        means = {float(input_set(k, entry)["x"].mean()) for k in range(N_SETS)}
        self.assertEqual(len(means), N_SETS)


def is_in_eight_bits(path):
    """Whether a network multiplies whole numbers: onnxruntime's sums of them saturate on processors without VNNI, so that
    what comes out is the processor's. Such files are refused."""
    nodes = onnx.load(path, load_external_data=False).graph.node
    return any(node.op_type in {"MatMulInteger", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul"} for node in nodes)


class Files(unittest.TestCase):
    def test_every_family_and_every_exporter_is_there(self):
        entries = files()
        self.assertEqual(sorted({entry["family"] for entry in entries}), sorted(FAMILIES))
        for word in ("dynamo=False", "dynamo=True", "tf_keras", "keras 3", "by hand"):
            self.assertGreaterEqual(sum(word in entry["exporter"] for entry in entries), 5, word)
        opsets = {entry["opset"] for entry in entries}
        self.assertTrue({9, 11, 13, 14, 16, 17, 18, 20, 22} <= opsets, opsets)

    def test_every_file_is_in_the_index_and_tells_nothing_of_the_machine(self):
        listed = {entry["path"] for entry in files() if "/" not in entry["path"]}
        self.assertEqual(listed, {path.name for path in FOLDER.glob("*.onnx")})
        for path in FOLDER.iterdir():
            self.assertNotIn(b"site-packages", path.read_bytes(), path.name)

    def test_onnxruntime_gives_the_committed_outputs(self):
        worst = {}
        for entry in files():
            case = Case(entry["name"], "", "", entry["inputs"], entry["path"], entry.get("padding", ""))
            outputs, _ = outputs_of(case)
            # Labels are left out by whoever explains.
            numbers = [output for output in outputs if output.dtype.kind == "f"]
            rows = np.concatenate([output.reshape(N_SETS, -1) for output in numbers], axis=1)
            expected = np.fromfile(FOLDER / entry["expected"], "<f4").reshape(N_SETS, entry["n_outputs"])
            if not is_in_eight_bits(FOLDER / entry["path"]):
                worst[entry["name"]] = float(np.abs(rows - expected).max())
            self.assertGreater(float(expected.std(axis=0).max()), 1e-3, entry["name"])
        self.assertLess(max(worst.values()), 2e-7, worst)

    def test_kinds_and_counts_are_the_files_own(self):
        for entry in files():
            model = onnx.load(FOLDER / entry["path"], load_external_data=False)
            self.assertEqual(
                [i.name for i in model.graph.input][: len(entry["inputs"])], [i["name"] for i in entry["inputs"]]
            )
            self.assertEqual(entry["n_outputs"], sum(int(np.prod(o["shape"])) for o in entry["outputs"]), entry["name"])
            case = Case(entry["name"], "", "", entry["inputs"], entry["path"])
            self.assertEqual(is_float32(case), "float32_form" not in entry, entry["name"])


if __name__ == "__main__":
    unittest.main()
