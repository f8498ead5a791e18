"""The measures against slow twins written straight from their definitions, and the card against its metrics."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import card
import measures


def slow_auroc(died, score):
    pairs = [(a, b) for a in score[died == 1] for b in score[died == 0]]
    return np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs])


def slow_auprc(died, score):
    total, recall = 0.0, 0.0
    for threshold in sorted(set(score), reverse=True):
        alarm = score >= threshold
        now = (alarm & (died == 1)).sum() / (died == 1).sum()
        total += (now - recall) * (died[alarm] == 1).mean()
        recall = now
    return total


class Measures(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(5)
        self.score = np.round(rng.normal(-1, 1.5, 120), 1)  # rounded, so that there are ties
        self.died = (rng.random(120) < measures.sigmoid(self.score)).astype(float)

    def test_discrimination_equals_the_definitions(self):
        self.assertAlmostEqual(measures.auroc(self.died, self.score), slow_auroc(self.died, self.score), places=12)
        self.assertAlmostEqual(measures.auprc(self.died, self.score), slow_auprc(self.died, self.score), places=12)

    def test_losses_equal_the_definitions(self):
        p = 1 / (1 + np.exp(-self.score))
        self.assertAlmostEqual(measures.brier(self.died, self.score), np.mean((p - self.died) ** 2), places=12)
        expected = -np.mean(self.died * np.log(p) + (1 - self.died) * np.log(1 - p))
        self.assertAlmostEqual(measures.log_loss(self.died, self.score), expected, places=12)

    def test_recalibration_finds_a_known_distortion(self):
        rng = np.random.default_rng(6)
        score = rng.normal(-1, 1.5, 40000)
        died = (rng.random(40000) < measures.sigmoid(score)).astype(float)
        slope, intercept = measures.recalibration(died, 2 * score + 1)
        self.assertAlmostEqual(slope, 0.5, delta=0.02)
        self.assertAlmostEqual(intercept, -0.5, delta=0.05)

    def test_reliability_bins_hold_every_stay_once(self):
        bins = measures.reliability(self.died, self.score)
        self.assertEqual(sum(b["n"] for b in bins), 120)
        self.assertAlmostEqual(sum(b["n"] * b["observed"] for b in bins), self.died.sum())
        self.assertTrue(all(b["low"] <= b["observed"] <= b["high"] for b in bins))

    def test_the_interval_covers_the_value_and_repeats(self):
        low, high = measures.interval(measures.auroc, self.died, self.score, seed=1, n_samples=200)
        self.assertTrue(low < measures.auroc(self.died, self.score) < high)
        self.assertEqual([low, high], measures.interval(measures.auroc, self.died, self.score, seed=1, n_samples=200))


class Card(unittest.TestCase):
    def test_the_committed_card_is_what_the_metrics_render(self):
        self.assertEqual(card.CARD.read_text(encoding="utf-8"), card.render(), "run python training/card.py")


if __name__ == "__main__":
    unittest.main()
