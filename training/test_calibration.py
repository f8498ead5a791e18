"""Calibration on made-up stays whose truth is known."""

import json
import unittest

import numpy as np

from calibration import BYTES_MAX, calibrate, conformal_sets, coverage_on_halves, covered, observed_by_predicted


def drawn(n, seed=14):
    """Outcomes drawn from known probabilities, in two groups of which one is predicted too low."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(1, 5, n)
    measured = rng.random(n) < 0.3
    return rng.random(n) < truth, np.where(measured, truth / 2, truth), {"Respiratory rate": measured}


class Bins(unittest.TestCase):
    def test_counts_by_hand(self):
        died = [0, 0, 1, 0, 1, 1]
        bins = observed_by_predicted(np.array(died) > 0, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), 3)
        # Pairs (0, 0), (1, 0), (1, 1): shares 0, 1/2, 1 rise already.
        self.assertEqual(bins, [{"to": 0.2, "stays": 2, "events": 0}, {"to": 0.4, "stays": 2, "events": 1}, {"to": 1.0, "stays": 2, "events": 2}])

    def test_neighbours_that_fall_are_pooled(self):
        bins = observed_by_predicted(np.array([1, 1, 0, 0, 1, 1]) > 0, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), 3)
        self.assertEqual(bins, [{"to": 0.4, "stays": 4, "events": 2}, {"to": 1.0, "stays": 2, "events": 2}])

    def test_all_stays_are_counted_and_the_shares_are_the_truth(self):
        died, probability, _ = drawn(20_000)
        truth = np.where(_["Respiratory rate"], 2 * probability, probability)
        bins = observed_by_predicted(died, truth, 12)
        self.assertEqual((sum(b["stays"] for b in bins), sum(b["events"] for b in bins)), (20_000, int(died.sum())))
        low = 0.0
        for one in bins:
            inside = (truth > low) & (truth <= one["to"])
            self.assertAlmostEqual(one["events"] / one["stays"], truth[inside].mean(), delta=0.04)
            low = one["to"]

    def test_ties_share_a_bin(self):
        bins = observed_by_predicted(np.array([0, 1, 0, 1]) > 0, np.array([0.2, 0.2, 0.2, 0.7]), 4)
        self.assertEqual([one["to"] for one in bins], sorted({one["to"] for one in bins}))


class Sets(unittest.TestCase):
    def test_bounds_by_hand(self):
        # Nine that died at 0.1 .. 0.9: floor(0.2 * 10) = 2, so the set holds death from the second lowest on.
        probability = np.append(np.arange(1, 10) / 10, [0.05, 0.15, 0.25, 0.35])
        died = np.arange(13) < 9
        (group,) = conformal_sets(died, probability, {}, 0.8)
        self.assertEqual((group["event_from"], group["stays"]), (0.2, [4, 9]))
        # Four that lived: floor(0.2 * 5) = 1, the highest.
        self.assertEqual(group["none_to"], 0.35)

    def test_too_few_stays_leave_both_open(self):
        (group,) = conformal_sets(np.array([True, False]), np.array([0.7, 0.2]), {}, 0.9)
        self.assertEqual((group["event_from"], group["none_to"]), (0.0, 1.0))

    def test_every_group_is_covered_whatever_the_network(self):
        """Also where the predictions of one group are too low by half."""
        rows = coverage_on_halves(*drawn(8_000), n_splits=40)
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertTrue(0.89 <= row["coverage"] <= 0.92, row)

    def test_coverage_falls_where_the_group_is_not_known(self):
        """The test can fail: sets that ignore what was measured cover one group too little."""
        died, probability, measured = drawn(8_000)
        groups = conformal_sets(died, probability, {}, 0.9)
        hit = covered(groups, died, probability, {})
        self.assertLess(hit[died & measured["Respiratory rate"]].mean(), 0.85)


class Calibration(unittest.TestCase):
    def test_size_and_shape(self):
        died, probability, measured = drawn(5_000)
        made = calibrate(died, probability, measured, data="made up", networks=5)
        self.assertLess(len(json.dumps(made).encode()), BYTES_MAX)
        self.assertEqual(made["bins"][-1]["to"], 1.0)
        self.assertEqual([group["measured"]["Respiratory rate"] for group in made["sets"]["groups"]], [True, False])
        self.assertEqual(sum(sum(group["stays"]) for group in made["sets"]["groups"]), 5_000)

    def test_wrong_arguments(self):
        for arguments, word in [
            (([1, 0], [0.5], {}), "one probability"),
            (([1, 0], [0.5, 1.5], {}), "0 to 1"),
            (([1, 0], [0.5, 0.5], {"pH": [True]}), "one answer"),
            (([1], [0.5], {name: [True] for name in "abcde"}), "four channels"),
        ]:
            with self.assertRaisesRegex(ValueError, word):
                calibrate(*arguments, data="made up")


if __name__ == "__main__":
    unittest.main()
