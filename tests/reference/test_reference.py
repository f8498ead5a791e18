"""The reference's own checks: conservation, finite differences, a per-unit twin of the linear rule.

    python -m unittest discover tests/reference      # needs requirements.txt
"""

import itertools
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

import fixtures_explain
import fixtures_gru
import fixtures_lstm
from lrp_reference import (
    Layer,
    Ledger,
    Rule,
    backward_layer,
    gradient,
    linear,
    lrp,
    run,
    run_layer,
)

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FORMS = ("arras2017", "arras2019")
GATE_RULES = ("all", "half", "prop", "abs")


def networks(seeds_each=2):
    for case in fixtures_explain.CASES:
        for seed in range(seeds_each):
            network = fixtures_explain.build(case, 9000 + case.first_seed + seed)
            x = np.random.default_rng(seed).standard_normal((case.n_hours, fixtures_explain.N_COLUMNS))
            yield f"{case.name}, seed {seed}", network, x


def linear_by_loops(w, x, b, relevance, rule):
    """The linear rule, one message at a time, straight from the page."""
    n_upper, n_lower = w.shape
    received = [0.0] * n_lower
    for j in range(n_upper):
        z = sum(w[j, i] * x[i] for i in range(n_lower)) + b[j]
        s = 1.0 if z >= 0.0 else -1.0
        for i in range(n_lower):
            if rule.form == "arras2017":
                numerator = w[j, i] * x[i] + (rule.bias_factor * b[j] + rule.epsilon * s) / n_lower
            else:
                numerator = w[j, i] * x[i] + rule.bias_factor * (b[j] + rule.epsilon * s) / n_lower
            received[i] += numerator / (z + rule.epsilon * s) * relevance[j]
    return np.array(received)


class LinearRule(unittest.TestCase):
    def test_equals_the_loops(self):
        for seed, form, delta in itertools.product(range(5), FORMS, (0.0, 0.3, 1.0)):
            rng = np.random.default_rng(seed)
            w, x, b, r = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4), rng.normal(size=4)
            rule = Rule(0.01, delta, form)
            (ours,) = linear([(w, x)], b, r, rule, Ledger())
            np.testing.assert_allclose(ours, linear_by_loops(w, x, b, r, rule), rtol=1e-12, atol=1e-12)

    def test_own_unit_is_a_diagonal_block_that_counts_once(self):
        rng = np.random.default_rng(3)
        w, x, b, r = rng.normal(size=(1, 3)), rng.normal(size=3), rng.normal(size=1), rng.normal(size=1)
        p, c = rng.normal(size=1), rng.normal(size=1)
        rule = Rule(0.01, 0.5)
        to_x, to_c = linear([(w, x)], b, r, rule, Ledger(), own=(p, c))
        loops = linear_by_loops(np.hstack([w, p[:, None]]), np.concatenate([x, c]), b, r, rule)
        np.testing.assert_allclose(np.concatenate([to_x, to_c]), loops, rtol=1e-12)

    def test_2017_spreads_epsilon_at_bias_factor_0_and_2019_keeps_it(self):
        w, x, b, r = np.array([[2.0, 0.0]]), np.array([1.0, 5.0]), np.zeros(1), np.ones(1)
        ledger = Ledger()
        (spread,) = linear([(w, x)], b, r, Rule(0.5), ledger)
        np.testing.assert_allclose(spread, [2.25 / 2.5, 0.25 / 2.5])
        self.assertEqual(ledger.epsilon, 0.0)
        (kept,) = linear([(w, x)], b, r, Rule(0.5, form="arras2019"), ledger)
        np.testing.assert_allclose(kept, [2.0 / 2.5, 0.0])
        self.assertAlmostEqual(ledger.epsilon, 0.5 / 2.5)


class Conservation(unittest.TestCase):
    def test_bias_factor_1_gives_all_to_inputs_and_initial_states(self):
        for (name, network, x), form, gates in itertools.product(networks(), FORMS, GATE_RULES):
            with self.subTest(name, form=form, gates=gates):
                e = lrp(run(network, x), "score", Rule(bias_factor=1.0, form=form, gates=gates))
                scale = max(abs(e.score), np.abs(e.relevance).sum())
                self.assertLess(abs(e.ledger.inputs + e.ledger.initial_states - e.score), 1e-9 * scale)
                self.assertEqual((e.ledger.biases, e.ledger.epsilon), (0.0, 0.0))

    def test_ledger_sums_to_the_score(self):
        for (name, network, x), (explain, rule) in itertools.product(networks(1), fixtures_explain.LRP_OPTIONS):
            with self.subTest(name, explain=explain, rule=rule):
                e = lrp(run(network, x), explain, rule)
                scale = max(abs(e.score), np.abs(e.relevance).sum(), abs(e.ledger.biases))
                self.assertLessEqual(abs(e.ledger.total() - e.score), 1e-9 * scale)

    def test_every_hour_of_a_bidirectional_layer(self):
        for seed, form, gates in itertools.product(range(5), FORMS, GATE_RULES):
            with self.subTest(seed=seed, form=form, gates=gates):
                rng = np.random.default_rng(seed)
                layer = bidirectional(seed)
                x = rng.normal(size=(6, 5))
                tapes, y = run_layer(layer, x)
                upper = rng.normal(size=y.shape)
                rule = Rule(bias_factor=1.0, form=form, gates=gates)
                r_x, ledger = layer_relevance(layer, tapes, upper, rule)
                total = r_x.sum() + ledger.initial_states
                self.assertLess(abs(total - upper.sum()), 1e-9 * np.abs(r_x).sum())
                separate = sum(layer_relevance(layer, tapes, only(upper, t), rule)[0] for t in range(6))
                np.testing.assert_allclose(r_x, separate, rtol=0, atol=1e-9 * np.abs(r_x).max())

    def test_relevance_stays_on_the_hours_a_direction_had_read(self):
        layer = bidirectional(1)
        forward, reverse = (Layer([cell]) for cell in layer.cells)
        x = np.random.default_rng(1).normal(size=(6, 5))
        for hour in range(6):
            for one, unread in ((forward, slice(hour + 1, 6)), (reverse, slice(0, hour))):
                tapes, y = run_layer(one, x)
                r_x, _ = layer_relevance(one, tapes, only(y, hour), Rule())
                self.assertTrue(np.all(r_x[unread] == 0.0))
                self.assertTrue(np.all(np.any(np.delete(r_x, np.r_[unread], axis=0) != 0.0, axis=1)))

    def test_relevance_is_linear_in_the_seed(self):
        layer = bidirectional(2)
        rng = np.random.default_rng(2)
        tapes, y = run_layer(layer, rng.normal(size=(6, 5)))
        a, b = rng.normal(size=y.shape), rng.normal(size=y.shape)
        of = lambda upper: layer_relevance(layer, tapes, upper, Rule(gates="prop"))[0]
        np.testing.assert_allclose(of(2.0 * a - 3.0 * b), 2.0 * of(a) - 3.0 * of(b), rtol=1e-9, atol=1e-9)

    def test_zero_input_gets_epsilon_and_bias_shares_only(self):
        for name, network, x in networks(1):
            trace = run(network, np.zeros_like(x))
            kept = lrp(trace, "score", Rule(form="arras2019"))
            self.assertTrue(np.all(kept.relevance == 0.0), name)
            spread = lrp(trace, "score", Rule())
            self.assertEqual(np.any(spread.relevance != 0.0), trace.logit != 0.0, name)

    def test_gate_weights_do_not_matter_to_lrp_all_while_the_values_hold(self):
        layer = bidirectional(3)
        tapes, y = run_layer(layer, np.random.default_rng(3).normal(size=(6, 5)))
        before, _ = layer_relevance(layer, tapes, y, Rule())
        for cell in layer.cells:
            for gate in "iof":
                cell.w[gate] = cell.w[gate] + 1.0
                cell.u[gate] = cell.u[gate] - 1.0
        after, _ = layer_relevance(layer, tapes, y, Rule())
        np.testing.assert_array_equal(before, after)


class Gradient(unittest.TestCase):
    def test_central_differences(self):
        for name, network, x in networks():
            trace, numeric = run(network, x), central_differences(network, x)
            for explain, value in (("score", "logit"), ("probability", "probability"), ("paper", "probability")):
                with self.subTest(name, explain=explain):
                    ours = gradient(trace, explain).relevance
                    atol = 1e-6 * max(1.0, np.abs(ours).max())
                    np.testing.assert_allclose(ours, numeric[value], rtol=0, atol=atol)


class CommittedFixtures(unittest.TestCase):
    """The generators still give what is committed; onnxruntime's agreement is checked on the way."""

    def test_lstm(self):
        self.check(fixtures_lstm, "lstm", "outputs")

    def test_gru_and_rnn(self):
        for family in ("gru", "rnn"):
            self.check(fixtures_gru, family, "outputs", family)

    def test_explain(self):
        self.check(fixtures_explain, "explain", "explanations")

    def check(self, generator, family, key, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            generator.write(Path(folder), *arguments)
            made = sorted(p.name for p in Path(folder).iterdir())
            self.assertEqual(made, sorted(p.name for p in (FIXTURES / family).iterdir()))
            for path in Path(folder).iterdir():
                committed = FIXTURES / family / path.name
                if path.suffix == ".onnx":
                    self.assertEqual(path.read_bytes(), committed.read_bytes(), path.name)
                else:
                    self.close(json.loads(path.read_text())[key], json.loads(committed.read_text())[key], path.name)

    def close(self, a, b, where):
        if isinstance(a, dict):
            self.assertEqual(a.keys(), b.keys(), where)
            for k in a:
                self.close(a[k], b[k], f"{where}/{k}")
        elif isinstance(a, list):
            self.assertEqual(len(a), len(b), where)
            for k, (x, y) in enumerate(zip(a, b)):
                self.close(x, y, f"{where}/{k}")
        elif isinstance(a, float):
            self.assertLess(abs(a - b), 1e-9 * max(1.0, abs(a)), where)
        else:
            self.assertEqual(a, b, where)


def central_differences(network, x, step=1e-6):
    """The slopes of logit and probability along each cell, from the same two runs of the network."""
    numeric = {"logit": np.zeros_like(x), "probability": np.zeros_like(x)}
    for cell in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[cell] += step
        down[cell] -= step
        above, below = run(network, up), run(network, down)
        for value, slopes in numeric.items():
            slopes[cell] = (getattr(above, value) - getattr(below, value)) / (2.0 * step)
    return numeric


def bidirectional(seed):
    case = fixtures_explain.Case("layer", 0, **fixtures_explain.NO_BRANCH, trunk=["both sequence"], initial=True)
    return fixtures_explain.build(case, seed).trunk[0]


def layer_relevance(layer, tapes, upper, rule):
    ledger = Ledger()
    r_x = backward_layer(
        layer, tapes, upper, lambda cell, steps, hours, last: cell.relevance(steps, hours, last, rule, ledger)
    )
    return r_x, ledger


def only(upper, hour):
    one = np.zeros_like(upper)
    one[hour] = upper[hour]
    return one


if __name__ == "__main__":
    unittest.main()
