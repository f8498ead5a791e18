"""The independent reading of records, and of exported models: its borders by hand, and what is committed."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

import channel_wise
import fixtures_stays
from lrp_reference import gradient, lrp, run
from onnx_reader import read_network
from stays import read_stay

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
HEART, PH, TOTAL = 50, 58, 24  # columns; the total's first category
MASKS = 59


class Record(unittest.TestCase):
    def setUp(self):
        self.manifest = json.loads(fixtures_stays.MANIFEST.read_text(encoding="utf-8"))
        self.channels = {channel["name"]: channel for channel in self.manifest["channels"]}

    def read(self, *lines):
        names = list(self.channels)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "stay.csv"
            rows = [["Hours", *names]]
            for hours, values in lines:
                rows.append([hours, *(values.get(name, "") for name in names)])
            path.write_text("\n".join(",".join(row) for row in rows) + "\n")
            return read_stay(path, self.manifest)

    def heart(self, x):
        encoding = self.channels["Heart Rate"]["encoding"]
        return x[:, HEART] * encoding["std"] + encoding["mean"]

    def observed(self, x):
        return np.flatnonzero(x[:, MASKS + 8]).tolist()

    def bin_of(self, hours):
        return self.observed(self.read((hours, {"Heart Rate": "60"}))[0])

    def test_bins_are_open_below_and_closed_above(self):
        for hours, k in (("0", 0), ("-0.5", 0), ("1.0", 0), ("1.1", 1), ("2.0", 1), ("47.5", 47), ("48.0", 47)):
            self.assertEqual(self.bin_of(hours), [k], hours)

    def test_rows_outside_are_skipped_with_a_remark(self):
        for hours in ("-1.0", "-3", "48.1", "100"):
            x, remarks = self.read((hours, {"Heart Rate": "60"}))
            self.assertEqual((self.observed(x), len(remarks)), ([], 1), hours)

    def test_normal_value_then_the_last_one(self):
        x, _ = self.read(("2.5", {"Heart Rate": "120"}), ("2.7", {"Heart Rate": "60"}))
        np.testing.assert_allclose(self.heart(x), [86.0] * 2 + [60.0] * 46, rtol=1e-6)
        self.assertEqual(self.observed(x), [2])

    def test_numeric_spelling_of_a_category(self):
        x, remarks = self.read(("0.5", {"Glascow coma scale total": "11.0"}))
        self.assertEqual((x[0, TOTAL], remarks), (1.0, []))

    def test_unknown_category_is_remarked_and_not_observed(self):
        x, remarks = self.read(("0.5", {"Glascow coma scale total": "16"}))
        self.assertEqual((x[0, MASKS + 5], len(remarks)), (0.0, 1))

    def test_committed_records(self):
        with tempfile.TemporaryDirectory() as folder:
            fixtures_stays.write(Path(folder))
            for path in Path(folder).iterdir():
                self.assertEqual(path.read_bytes(), (FIXTURES / "stays" / path.name).read_bytes(), path.name)


class Exporters(unittest.TestCase):
    """Every exported file holds the seeded network, and the committed explanations are its."""

    def test_weights_come_back(self):
        expected = channel_wise.seeded_network()
        read = 0
        for path in sorted((FIXTURES / "exporters").glob("*.onnx")):
            if json.loads(path.with_suffix(".json").read_text())["nodes"].get("LSTM") is None:
                self.assertRaises(ValueError, read_network, path, 48, 76)
                continue
            with self.subTest(path.name):
                network, _ = read_network(path, 48, 76)
                self.assertEqual([b.columns for b in network.branches], [b.columns for b in expected.branches])
                self.assertEqual(network.b, expected.b)
                np.testing.assert_array_equal(network.w, expected.w)
                for ours, theirs in zip(cells(network), cells(expected), strict=True):
                    for part in ("w", "u", "b"):
                        for gate in "iofc":
                            np.testing.assert_array_equal(getattr(ours, part)[gate], getattr(theirs, part)[gate])
                read += 1
        self.assertGreaterEqual(read, 7)

    def test_explanations_are_current(self):
        folder = FIXTURES / "exporters"
        x = channel_wise.seeded_input()
        self.assertEqual(x.astype("<f4").tobytes(), (folder / "channel_wise.input.f32").read_bytes())
        trace = run(channel_wise.seeded_network(), x)
        for kind, e in (("lrp", lrp(trace)), ("gradient", gradient(trace))):
            committed = np.fromfile(folder / f"channel_wise.{kind}.f64", "<f8")
            np.testing.assert_allclose(e.relevance.ravel(), committed, rtol=0, atol=1e-9 * np.abs(committed).max())


def cells(network):
    layers = [layer for branch in network.branches for layer in branch.layers] + network.trunk
    return [cell for layer in layers for cell in layer.cells]


if __name__ == "__main__":
    unittest.main()
