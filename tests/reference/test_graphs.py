"""The graph reference's own checks: conservation, finite differences, the committed files are what the generator gives.

    python -m unittest discover tests/reference      # needs requirements.txt
"""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

import fixtures_graphs
from graph_reference import gradient, lrp

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "graphs"


class Graphs(unittest.TestCase):
    def test_ledger_sums_to_the_score_and_at_bias_factor_1_the_inputs_have_it(self):
        for make in fixtures_graphs.CASES:
            one = make()
            for target in one.targets:
                for rule in fixtures_graphs.OPTIONS:
                    with self.subTest(one.case.name, target=target, rule=rule):
                        parts, ledger = lrp(one.scores, target, rule, one.inputs)
                        size = abs(one.scores.y[target]) + sum(np.abs(part).sum() for part in parts)
                        self.assertLess(abs(ledger.total() - one.scores.y[target]), 1e-9 * size)
                        if rule.bias_factor == 1.0:
                            self.assertEqual((ledger.biases, ledger.epsilon), (0.0, 0.0))

    def test_gradient_is_the_difference_quotient(self):
        step = 1e-6
        for make in fixtures_graphs.CASES:
            one = make()
            if one.case.name == "words":  # the index of a word has none
                continue
            for target in one.targets:
                for top in ("scores", "top"):
                    ours = gradient(getattr(one, top), target, one.inputs)
                    for (name, x), part in zip(one.case.inputs, ours):
                        for k in range(0, x.size, 3):
                            at = lambda delta: self.moved(make, name, x.size, k, delta, top, target)
                            slope = (at(step) - at(-step)) / (2 * step)
                            self.assertAlmostEqual(slope, part[k], delta=2e-6 * max(1, np.abs(part).max()))

    def moved(self, make, name, size, k, delta, top, target):
        move = np.zeros(size)
        move[k] = delta
        fixtures_graphs.MOVED[name] = move
        try:
            return getattr(make(), top).y[target]
        finally:
            fixtures_graphs.MOVED.clear()

    def test_a_word_has_the_slope_along_its_vector(self):
        one = fixtures_graphs.words()
        vectors = one.top
        while vectors.inputs and vectors.inputs[0] is not one.inputs[0]:
            vectors = vectors.inputs[0]
        (upper,) = gradient(one.top, 0, [vectors])
        e = vectors.y.reshape(6, -1)
        along = (upper.reshape(e.shape) * e).sum(axis=1) / np.linalg.norm(e, axis=1)
        np.testing.assert_allclose(gradient(one.top, 0, one.inputs)[0], along)

    def test_committed_files(self):
        with tempfile.TemporaryDirectory() as folder:
            fixtures_graphs.write(Path(folder))
            made = sorted(path.name for path in Path(folder).iterdir())
            self.assertEqual(made, sorted(path.name for path in FIXTURES.iterdir()))
            for path in Path(folder).iterdir():
                committed = FIXTURES / path.name
                if path.suffix == ".onnx":
                    self.assertEqual(path.read_bytes(), committed.read_bytes(), path.name)
                else:
                    ours, theirs = (json.loads(p.read_text())["explanations"] for p in (path, committed))
                    for a, b in zip(ours, theirs, strict=True):
                        np.testing.assert_allclose(a["relevance"], b["relevance"], rtol=1e-9, atol=1e-9)


if __name__ == "__main__":
    unittest.main()
