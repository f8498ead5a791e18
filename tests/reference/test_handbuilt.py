"""The committed files of every other folder give the committed outputs, in this very onnxruntime."""

import json
import unittest

import numpy as np

from make_handbuilt import EXPECTED, FOLDER, INDEX, N_SETS, outputs_of, paths


class Files(unittest.TestCase):
    def test_every_file_is_listed(self):
        listed = [entry["path"] for entry in json.loads(INDEX.read_text())["files"]]
        self.assertEqual(listed, [f"../{folder}/{path.name}" for folder, path in paths()])

    def test_onnxruntime_gives_the_committed_outputs(self):
        numbers = np.frombuffer(EXPECTED.read_bytes(), "<f4")
        n_compared = 0
        for entry in json.loads(INDEX.read_text())["files"]:
            if "expected" not in entry:
                continue
            size = N_SETS * entry["n_outputs"]
            committed = numbers[entry["offset"] :][:size].reshape(N_SETS, -1)
            outputs = outputs_of(FOLDER / entry["path"], entry["inputs"], entry["batch"])
            difference = np.abs(outputs - committed) / np.maximum(1, np.abs(committed))
            self.assertLess(difference.max(), 1e-6, entry["name"])
            n_compared += size
        self.assertEqual(n_compared, numbers.size)


if __name__ == "__main__":
    unittest.main()
