"""The drawn parts of the Glasgow coma scale."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import gcs
from channels import CHANNELS, EYE, MOTOR, VERBAL


def points_of(channel, category):
    text = CHANNELS[channel].categories[category]
    return max(1, int(CHANNELS[channel].ordinals[category])), text  # "None", ordinal 0, is the one eye point


class Triples(unittest.TestCase):
    def test_they_add_up_to_the_total_within_their_ranges(self):
        rng, last = np.random.default_rng(1), None
        for _ in range(40):
            for total in range(3, 16):
                for ventilated in (False, True):
                    last = gcs.draw_triple(total, last, ventilated, rng)
                    eye, motor, verbal = last
                    self.assertEqual(eye + motor + verbal, total)
                    self.assertTrue(1 <= eye <= 4 and 1 <= motor <= 6 and 1 <= verbal <= 5)

    def test_a_ventilated_patient_does_not_speak_where_the_total_allows_it(self):
        rng = np.random.default_rng(2)
        for total in range(3, 12):
            self.assertEqual(gcs.draw_triple(total, None, True, rng)[2], 1)
        self.assertGreater(gcs.draw_triple(14, None, True, rng)[2], 1)

    def test_the_extremes_leave_no_choice(self):
        rng = np.random.default_rng(3)
        self.assertEqual(gcs.draw_triple(3, None, False, rng), (1, 1, 1))
        self.assertEqual(gcs.draw_triple(15, (1, 1, 1), False, rng), (4, 6, 5))

    def test_parts_worsen_together(self):
        rng = np.random.default_rng(4)
        drawn = np.array([gcs.draw_triple(9, None, False, rng) for _ in range(400)])
        possible = gcs.TRIPLES[gcs.TRIPLES.sum(axis=1) == 9]
        spread = [((triples - 1) / [3, 5, 4]).var(axis=1).mean() for triples in (drawn, possible)]
        self.assertLess(spread[0], 0.85 * spread[1])


class Parts(unittest.TestCase):
    TOTALS = [(1.0, 15, False), (3.0, 15, False), (5.0, 7, True), (9.0, 7, True), (12.0, 10, False)]

    def rows(self, seed):
        rows = {}
        for hours, channel, category in gcs.parts(self.TOTALS, np.random.default_rng(seed)):
            rows.setdefault(hours, {})[channel] = points_of(channel, category)
        return rows

    def test_each_total_has_all_three_parts_adding_up(self):
        for seed in range(50):
            rows = self.rows(seed)
            for hours, total, _ in self.TOTALS:
                self.assertEqual(sum(points for points, _ in rows[hours].values()), total)

    def test_an_unchanged_total_keeps_its_parts(self):
        for seed in range(50):
            rows = self.rows(seed)
            self.assertEqual(rows[1.0], rows[3.0])
            self.assertEqual(rows[5.0], rows[9.0])

    def test_the_tube_is_named(self):
        for seed in range(20):
            rows = self.rows(seed)
            self.assertIn(rows[5.0][VERBAL][1], gcs.INTUBATED)
            self.assertNotIn(rows[12.0][VERBAL][1], gcs.INTUBATED)

    def test_a_stay_keeps_one_spelling_and_both_occur(self):
        styles = set()
        for seed in range(50):
            texts = [row[channel][1] for row in self.rows(seed).values() for channel in (EYE, MOTOR)]
            numbered = {text[0].isdigit() for text in texts}
            self.assertEqual(len(numbered), 1)
            styles |= numbered
        self.assertEqual(styles, {True, False})

    def test_the_same_seed_draws_the_same(self):
        self.assertEqual(self.rows(7), self.rows(7))

    def test_every_spelling_is_a_category_with_its_points(self):
        for channel, (numbered, plain) in gcs.SPELLINGS.items():
            for texts in (numbered, plain):
                for points, text in enumerate(texts, 1):
                    category = CHANNELS[channel].categories.index(text)
                    self.assertEqual(points_of(channel, category)[0], points)
        used = {text for channel in gcs.SPELLINGS for texts in gcs.SPELLINGS[channel] for text in texts} | set(gcs.INTUBATED)
        self.assertEqual(used, {text for channel in (EYE, MOTOR, VERBAL) for text in CHANNELS[channel].categories})


if __name__ == "__main__":
    unittest.main()
