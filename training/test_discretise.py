"""The discretiser against hand-written expectations, hour by hour. Run: python -m unittest discover -s training -p 'test_*.py'"""

import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import discretise
from channels import CHANNELS, COLUMNS, EYE, INDEX, MANIFEST, NAMES, TOTAL

HEART = INDEX["Heart Rate"]
SCALING = np.array([[channel.mean, channel.std] for channel in CHANNELS])
UNSCALED = np.tile([0.0, 1.0], (17, 1))


class Bins(unittest.TestCase):
    def check(self, hours, step):
        self.assertEqual(discretise.bin_of(hours), step, f"{hours} h")

    def test_bins_are_open_below_and_closed_above(self):
        for hours, step in ((1e-3, 0), (1.0, 0), (1.00001, 1), (2.0, 1), (47.0, 46), (47.5, 47), (48.0, 47)):
            self.check(hours, step)

    def test_admission_belongs_to_the_first_bin(self):
        self.check(0.0, 0)
        self.check(-0.5, 0)  # the benchmark truncates towards zero, so the hour before admission lands there too

    def test_outside_is_refused(self):
        for hours in (48.0001, 49.0, 1e9, -1.0, -3.0, float("nan"), float("inf")):
            self.check(hours, None)

    def test_a_hair_above_an_hour_is_that_hour(self):
        self.check(3.0 + 0.9e-6, 2)
        self.check(3.0 + 1.1e-6, 3)


class Codes(unittest.TestCase):
    def test_the_last_of_a_bin_wins(self):
        codes = discretise.bin_events([(0.2, HEART, 80.0), (0.9, HEART, 90.0), (0.5, HEART, 85.0)])
        self.assertEqual(codes[0, HEART], 85.0)
        self.assertTrue(np.isnan(codes[1, HEART]))

    def test_values_are_carried_and_normal_before_the_first(self):
        filled = discretise.fill(discretise.bin_events([(5.5, HEART, 120.0), (9.5, HEART, 60.0)]))[:, HEART]
        np.testing.assert_array_equal(filled, [86.0] * 5 + [120.0] * 4 + [60.0] * 39)

    def test_fill_works_on_many_stays_as_on_one(self):
        one = discretise.bin_events([(5.5, HEART, 120.0)])
        two = discretise.bin_events([(30.5, HEART, 50.0), (1.5, TOTAL, 2)])
        np.testing.assert_array_equal(discretise.fill(np.stack([one, two])), np.stack([discretise.fill(one), discretise.fill(two)]))


class Columns(unittest.TestCase):
    def test_an_empty_stay_is_the_normal_stay(self):
        x = discretise.encode(np.full((48, 17), np.nan), SCALING)
        self.assertEqual(x.shape, (48, COLUMNS))
        ones = {0, 7, 21, 28, 43}  # the normal category of the five one-hot channels, by the benchmark's column list
        for column in range(76):
            if column in (2, 3, *range(49, 59)):
                continue
            self.assertTrue((x[:, column] == (column in ones)).all(), column)
        self.assertAlmostEqual(float(x[0, 50]), (86.0 - 86.25870678236019) / 19.406306128762413, places=6)
        self.assertAlmostEqual(float(x[0, 58]), (7.4 - 7.22785884607995) / 1.9006229271683612, places=6)

    def test_masks_mark_observed_hours_alone(self):
        x = discretise.encode(discretise.bin_events([(5.5, HEART, 120.0)]), UNSCALED)
        self.assertEqual(np.flatnonzero(x[:, 67]).tolist(), [5])
        self.assertEqual(x[:, 59:].sum(), 1)
        self.assertEqual(x[20, 50], 120.0)

    def test_one_category_holds_at_any_hour(self):
        x = discretise.encode(discretise.bin_events([(2.5, EYE, 0), (7.5, EYE, 4)]), UNSCALED)
        np.testing.assert_array_equal(x[:, 4:12].sum(axis=1), 1)
        self.assertEqual(x[3, 4], 1)
        self.assertEqual(x[8, 8], 1)

    def test_scaling_ignores_outliers_and_unmeasured_hours(self):
        codes = np.full((3, 48, 17), np.nan)
        codes[0, :, HEART], codes[1, :, HEART] = 80.0, 100.0
        codes[0, 0, INDEX["pH"]], codes[1, 0, INDEX["pH"]] = 735.0, 7.0
        scaling = discretise.robust_scaling(codes)
        np.testing.assert_allclose(scaling[HEART], [90.0, 10.0])
        np.testing.assert_allclose(scaling[INDEX["pH"]], [7.5, 0.5])
        np.testing.assert_array_equal(scaling[INDEX["Height"]], [0.0, 1.0])


class Categories(unittest.TestCase):
    def test_exact_and_numeric_spellings(self):
        eleven, fifteen = 0, 4
        self.assertEqual(discretise.category_of(TOTAL, "15"), fifteen)
        self.assertEqual(discretise.category_of(TOTAL, "15.0"), fifteen)
        self.assertEqual(discretise.category_of(TOTAL, "11"), eleven)
        self.assertEqual(discretise.category_of(0, "1"), 1)

    def test_unknown_is_missing(self):
        for text in ("16", "none at all", "2", ""):
            self.assertIsNone(discretise.category_of(TOTAL, text), text)

    def test_none_is_a_real_eye_category(self):
        self.assertEqual(CHANNELS[EYE].categories[discretise.category_of(EYE, "None")], "None")


class Episode(unittest.TestCase):
    def test_a_file_is_read_as_its_rows_say(self):
        text = "Hours," + ",".join(NAMES) + "\n"
        for hours, cells in ((0.5, {"Heart Rate": "91", "pH": "7.31"}), (0.7, {"Heart Rate": "x"}), (2.5, {"Glascow coma scale total": "3"}), (50, {"pH": "6.9"})):
            text += f"{hours}," + ",".join(cells.get(name, "") for name in NAMES) + "\n"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_text(text, encoding="utf-8")
            codes = discretise.read_episode(path)
        self.assertEqual(codes[0, HEART], 91.0)
        self.assertEqual(codes[0, INDEX["pH"]], 7.31)
        self.assertEqual(CHANNELS[TOTAL].categories[int(codes[2, TOTAL])], "3")
        self.assertEqual(int((~np.isnan(codes)).sum()), 3)


class Manifest(unittest.TestCase):
    def test_columns_are_each_used_once(self):
        used = sorted(column for channel in CHANNELS for column in (*channel.columns, channel.mask))
        self.assertEqual(used, list(range(76)))

    def test_channels_stand_in_ascii_order_of_their_names(self):
        self.assertEqual(list(NAMES), sorted(NAMES))
        self.assertEqual([channel.mask for channel in CHANNELS], list(range(59, 76)))

    def test_groups_are_drawn_in_clinical_order(self):
        groups = [entry["group"] for entry in MANIFEST["channels"]]
        order = ["neurological", "haemodynamic", "respiratory", "metabolic", "static"]
        self.assertEqual(groups, sorted(groups, key=order.index))

    def test_every_category_has_its_ordinal(self):
        for channel in CHANNELS:
            self.assertEqual(len(channel.categories), len(channel.ordinals), channel.name)
        self.assertEqual([float(text) for text in CHANNELS[TOTAL].categories], list(CHANNELS[TOTAL].ordinals))


if __name__ == "__main__":
    unittest.main()
