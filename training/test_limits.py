"""Limits and precision of stays whose values are written down here."""

import unittest

import numpy as np

import limits
from channels import CHANNELS, INDEX, MANIFEST, STEPS


def stays(name: str, values: list[list[float]]) -> np.ndarray:
    """Codes [N, 48, 17] in which one channel was measured hour by hour."""
    codes = np.full((len(values), STEPS, len(CHANNELS)), np.nan, np.float32)
    for stay, row in enumerate(values):
        codes[stay, : len(row), INDEX[name]] = row
    return codes


class Limits(unittest.TestCase):
    def test_values_and_changes_within_a_stay(self):
        found = limits.limits(stays("Heart Rate", [[80, 90, np.nan, 70], [100]]))
        self.assertEqual(list(found), ["Heart Rate"])
        low, high = found["Heart Rate"]["value"]
        self.assertTrue(70 <= low < 71 and 99 < high <= 100, (low, high))
        # 10 an hour up, 20 in two hours down; nothing from one stay to the next.
        low, high = found["Heart Rate"]["change"]
        self.assertTrue(-10 <= low < -9 and 9 < high <= 10, (low, high))

    def test_precision_is_that_of_most_values(self):
        for name, values, precision in [
            ("Heart Rate", [80, 91, 77], 1),
            ("Temperature", [36.5, 37.0, 37.22], 0.1),
            ("pH", [7.41, 7.38, 7.4], 0.01),
            ("Mean blood pressure", [70, 75.67, 80], 1),
        ]:
            self.assertEqual(limits.precisions(stays(name, [values])), {name: precision})

    def test_the_built_in_manifest_has_a_precision_for_every_continuous_channel(self):
        for channel in MANIFEST["channels"]:
            is_continuous = channel["encoding"]["kind"] == "continuous"
            self.assertEqual("precision" in channel, is_continuous, channel["name"])


if __name__ == "__main__":
    unittest.main()
