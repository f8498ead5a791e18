"""The synthetic stays: the same bytes each time, the committed ones, and signs that belong together."""

import json
import math
import random
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import simulate
from channels import CHANNELS, INDEX, NAMES
from discretise import category_of, read_episode

CLEAN = [scenario for scenario in simulate.SCENARIOS if not scenario.dirty]


class Files(unittest.TestCase):
    def test_the_same_seed_writes_the_same_bytes(self):
        for scenario in simulate.SCENARIOS:
            self.assertEqual(simulate.text(scenario), simulate.text(scenario))

    def test_the_committed_files_are_these(self):
        for scenario in simulate.SCENARIOS:
            committed = (simulate.STAYS / f"{scenario.file}_timeseries.csv").read_text(encoding="utf-8")
            self.assertEqual(committed, simulate.text(scenario), f"{scenario.file}: run python training/simulate.py")
        self.assertEqual((simulate.STAYS / "index.json").read_text(encoding="utf-8"), simulate.index())

    def test_every_committed_record_is_listed_and_marked_synthetic(self):
        listed = json.loads(simulate.index())
        self.assertEqual({stay["file"] for stay in listed}, {path.name for path in simulate.STAYS.glob("*.csv")})
        for stay in listed:
            self.assertIs(stay["synthetic"], True)
            self.assertIn("(synthetic)", stay["name"])
            self.assertIn(stay["trueLabel"], (0, 1))

    def test_header_and_hours(self):
        for scenario in simulate.SCENARIOS:
            lines = simulate.text(scenario).splitlines()
            self.assertEqual(lines[0], "Hours," + ",".join(NAMES))
            hours = [float(line.split(",")[0]) for line in lines[1:]]
            self.assertEqual(hours, sorted(hours))
            self.assertTrue(all(line.count(",") == 17 for line in lines))


class Physiology(unittest.TestCase):
    def rows(self, scenario):
        return simulate.chart(scenario, random.Random(f"vitrine {scenario.file}"))

    def test_clean_charts_are_plausible_and_spelled_as_the_benchmark_spells(self):
        for scenario in CLEAN:
            for row in self.rows(scenario):
                for name, text in row.items():
                    if name == "Hours":
                        self.assertTrue(0 <= text <= 48)
                        continue
                    channel = CHANNELS[INDEX[name]]
                    if channel.categories:
                        self.assertIn(text, channel.categories)
                    else:
                        low, high = channel.plausible
                        self.assertTrue(low <= float(text) <= high, f"{scenario.file} {name} {text}")

    def test_pressures_stand_in_order(self):
        for scenario in CLEAN:
            for row in self.rows(scenario):
                names = ("Diastolic blood pressure", "Mean blood pressure", "Systolic blood pressure")
                if all(name in row for name in names):
                    low, mean, high = (float(row[name]) for name in names)
                    self.assertTrue(low < high)
                    self.assertLess(abs(mean - (low + (high - low) / 3)), 7)

    def test_acid_and_base_follow_henderson_and_hasselbalch(self):
        scenario = next(scenario for scenario in CLEAN if scenario.file == "diabetic-ketoacidosis")
        signs = simulate.simulate(scenario, random.Random(1))
        acid = np.interp(simulate.TIMES, *zip(*scenario.drivers["acid"]))
        np.testing.assert_allclose(signs["ph"], 6.1 + np.log10((24 - acid) / (0.03 * signs["paco2"])), rtol=1e-9)
        self.assertLess(signs["ph"][0], 7.2)
        self.assertGreater(signs["ph"][-1], 7.33)
        self.assertGreater(signs["rr"][0], signs["rr"][-1] + 10)

    def test_the_stories_run_as_told(self):
        signs = {scenario.file: simulate.simulate(scenario, random.Random(f"vitrine {scenario.file}")) for scenario in CLEAN}
        septic, brain = signs["septic-shock"], signs["brain-injury"]
        self.assertLess(septic["mbp"][-12:].mean(), septic["mbp"][:12].mean() - 20)
        cushing, before = (brain["sbp"][22 * 12 : 25 * 12].mean(), brain["hr"][22 * 12 : 25 * 12].mean()), (brain["sbp"][:120].mean(), brain["hr"][:120].mean())
        self.assertGreater(cushing[0], before[0] + 30)  # pressure up while the heart slows: the Cushing response
        self.assertLess(cushing[1], before[1] - 8)
        self.assertLess(signs["post-operative"]["t"][0], 35.8)
        self.assertTrue(all(math.isfinite(value) for course in signs.values() for sign in course.values() for value in sign))

    def test_the_dirty_record_is_dirty_and_still_readable(self):
        scenario = next(scenario for scenario in simulate.SCENARIOS if scenario.dirty)
        text = simulate.text(scenario)
        for slip in ("11647", "15.0", "49.2000"):
            self.assertIn(slip, text)
        hours = [line.split(",")[0] for line in text.splitlines()[1:]]
        self.assertGreater(len(hours), len(set(hours)))
        codes = read_episode(simulate.STAYS / "sparse-dirty_timeseries.csv")
        self.assertEqual(codes.shape, (48, 17))
        self.assertTrue(np.isnan(codes[:, INDEX["Height"]]).all())
        self.assertTrue(np.isnan(codes[:, INDEX["Fraction inspired oxygen"]]).all())
        self.assertIsNotNone(category_of(INDEX["Glascow coma scale total"], "15.0"))


if __name__ == "__main__":
    unittest.main()
