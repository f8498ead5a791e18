"""The reader of PhysioNet 2012 on a made-up record, and the split."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import augment
import physionet2012
from channels import CHANNELS, EYE, INDEX, MOTOR, TOTAL, VERBAL
from split import split

RECORD = """Time,Parameter,Value
00:00,RecordID,1
00:00,Age,54
00:00,Gender,0
00:00,Height,-1
00:00,ICUType,4
00:00,Weight,80
00:07,GCS,15
00:30,SysABP,120
00:30,NISysABP,131
01:10,NISysABP,128
01:30,MechVent,1
02:10,GCS,7
02:20,Weight,80
03:00,MechVent,1
04:10,Weight,82.5
05:10,Temp,-1
05:20,,0
05:30,FiO2,0.5
06:40,Albumin,2.1
20:00,GCS,9
47:59,HR,77
"""


class Reader(unittest.TestCase):
    def setUp(self):
        self.stay = physionet2012._stay(physionet2012._rows(RECORD), np.random.default_rng(1))
        self.codes = self.stay["codes"]

    def seen(self, name):
        return np.flatnonzero(~np.isnan(self.codes[:, INDEX[name]])).tolist()

    def test_descriptors(self):
        self.assertEqual((self.stay["age"], self.stay["sex"], self.stay["icu"], self.stay["ventilated"]), (54, 0, 4, 1))

    def test_an_invasive_pressure_wins_over_a_cuff_of_the_same_time(self):
        systolic = self.codes[:, INDEX["Systolic blood pressure"]]
        self.assertEqual((systolic[0], systolic[1]), (120, 128))

    def test_minus_one_is_missing(self):
        self.assertEqual(self.seen("Height"), [])
        self.assertEqual(self.seen("Temperature"), [])

    def test_an_unchanged_weight_is_no_new_measurement(self):
        self.assertEqual(self.seen("Weight"), [0, 4])

    def test_times_fall_into_their_hour(self):
        self.assertEqual(self.seen("Heart Rate"), [47])
        self.assertEqual(self.seen("Fraction inspired oxygen"), [5])

    def test_parts_are_seen_when_the_total_is_and_add_up(self):
        for hour, total in ((0, 15), (2, 7), (19, 9)):
            parts = [max(1, CHANNELS[c].ordinals[int(self.codes[hour, c])]) for c in (EYE, MOTOR, VERBAL)]
            self.assertEqual(CHANNELS[TOTAL].ordinals[int(self.codes[hour, TOTAL])], total)
            self.assertEqual(sum(parts), total)
        self.assertEqual(self.seen(CHANNELS[EYE].name), [0, 2, 19])

    def test_a_ventilated_patient_has_a_tube_and_an_unventilated_one_has_not(self):
        verbal = [CHANNELS[VERBAL].categories[int(self.codes[hour, VERBAL])] for hour in (2, 19)]
        self.assertIn(verbal[0], ("1.0 ET/Trach", "No Response-ETT"))
        self.assertNotIn(verbal[1], ("1.0 ET/Trach", "No Response-ETT"))

    def test_capillary_refill_is_never_seen(self):
        self.assertEqual(self.seen("Capillary refill rate"), [])

    def test_missing_archives_are_explained(self):
        with self.assertRaises(SystemExit) as raised:
            physionet2012.read(Path("/nowhere"), 1)
        self.assertIn("physionet.org", str(raised.exception))


class Split(unittest.TestCase):
    def test_parts_are_apart_complete_and_stratified(self):
        died = (np.arange(1000) % 7 == 0).astype(float)
        parts = split(died, 3)
        self.assertEqual(sorted(np.concatenate(list(parts.values()))), list(range(1000)))
        self.assertEqual({name: len(rows) for name, rows in parts.items()}, {"train": 700, "valid": 100, "test": 200})
        for rows in parts.values():
            self.assertAlmostEqual(died[rows].mean(), died.mean(), delta=0.005)

    def test_the_same_seed_splits_the_same(self):
        died = (np.arange(50) % 5 == 0).astype(float)
        for name, rows in split(died, 3).items():
            np.testing.assert_array_equal(rows, split(died, 3)[name])


class Augmentation(unittest.TestCase):
    def test_it_alters_charting_not_what_was_measured(self):
        codes = np.full((200, 48, 17), np.nan)
        codes[:, ::2, :] = 1.0
        before = codes.copy()
        after = augment.augment(codes, np.random.default_rng(1))
        np.testing.assert_array_equal(codes, before)
        for index in range(17):
            if index in augment.CHARTED_HOURLY:
                continue
            kept = ~np.isnan(after[:, :, index])
            self.assertTrue((after[:, :, index][kept] == 1.0).all())
            self.assertFalse((kept & np.isnan(codes[:, :, index])).any())
            # The parts are there with the whole scale and alone, 20 and 10 %; the total with the whole and alone, 85 %.
            low, high = (0.2, 0.4) if index in (EYE, MOTOR, VERBAL) else (0.7, 0.99)
            self.assertTrue(low < kept.sum() / (~np.isnan(codes[:, :, index])).sum() < high, index)

    def test_the_coma_scale_is_mostly_its_total_alone(self):
        """As in the challenge's own records, which is what the page reads of them."""
        after = augment.augment(np.ones((4000, 48, 17)), np.random.default_rng(3))
        seen = (~np.isnan(after)).any(axis=1)
        total, parts = seen[:, TOTAL], seen[:, EYE]
        for name, share in (("total", total & ~parts), ("all", total & parts), ("parts", ~total & parts), ("none", ~total & ~parts)):
            self.assertAlmostEqual(share.mean(), augment.COMA[name], delta=0.03, msg=name)

    def test_the_three_parts_stay_together(self):
        after = augment.augment(np.ones((100, 48, 17)), np.random.default_rng(2))
        seen = ~np.isnan(after[:, :, [EYE, MOTOR, VERBAL]])
        self.assertTrue((seen == seen[:, :, :1]).all())


if __name__ == "__main__":
    unittest.main()
