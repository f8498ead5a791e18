"""Networks of any number of steps against onnxruntime, and what processes hand each other."""

import copy
import pickle
import unittest
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import onnxruntime

import vitrine
from common import MODEL, ROOT, STAYS, folder_for, found
from vitrine import batches as tool
from vitrine import page

OPEN = ROOT / "tests/fixtures/families/lstm-torchscript-open.onnx"
LENGTHS = (1, 9, 48, 130)


def record(hours):
    """A record whose last observation is in its last hour."""
    return f"Hours,c0,c1,c2,c3,c4\n0.5,1,-1,0.5,2,0\n{hours - 0.5},0.3,1,,,-2\n"


def explained_elsewhere(model, stay):
    """What another process makes of a model and a stay."""
    return model.predict(stay), model.explain(stay, method="deep-shap")


class AnyLength(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(OPEN)
        session = onnxruntime.InferenceSession(OPEN, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        cls.truth = staticmethod(lambda x: float(np.ravel(session.run(None, {name: np.asarray(x, "f4")[None]})[0])[0]))
        rng = np.random.default_rng(5)
        cls.stays = [rng.normal(size=(length, 5)).astype("f4") for length in LENGTHS]

    def test_each_length_is_what_onnxruntime_says(self):
        self.assertTrue(self.model.open_steps)
        for x in self.stays:
            with self.subTest(len(x)):
                self.assertAlmostEqual(float(self.model.predict(x)[0]), self.truth(x), delta=2e-6)
                explanation = self.model.explain(x)
                self.assertEqual(explanation.relevance.shape, x.shape)
                self.assertLess(abs(explanation.residual), 1e-9)
                pair = self.model.explain(np.stack([x, -x]), method="gradient")
                self.assertEqual(pair.relevance.shape, (2, *x.shape))

    def test_a_record_is_read_at_its_own_length(self):
        for hours in LENGTHS[1:]:
            stay = self.model.read(record(hours))
            self.assertEqual(stay.input.shape, (hours, 5))
            self.assertAlmostEqual(float(self.model.predict(stay)[0]), self.truth(stay.input), delta=2e-6)
        both = [self.model.read(record(hours)) for hours in (9, 48)]
        with self.assertRaisesRegex(vitrine.Error, "from 9 to 48 steps"):
            self.model.predict(both)

    def test_an_audit_is_of_the_length_of_the_stay(self):
        x = self.stays[1]
        audit = self.model.audit(x, self.model.explain(x, method="deep-shap"))
        self.assertIn(audit["verdict"], ("holds", "shaky", "does not hold"))
        with self.assertRaisesRegex(vitrine.Error, r"relevance has the shape \[48, 5\]"):
            self.model.audit(x, np.zeros((48, 5)))

    def test_tables_have_each_stay_at_its_length(self):
        pa = found("pyarrow")
        truths = [self.truth(x) for x in self.stays]
        nested = pa.array([x.tolist() for x in self.stays], pa.list_(pa.list_(pa.float32(), 5)))
        flat = pa.array([x.ravel().tolist() for x in self.stays], pa.list_(pa.float32()))
        for column in (nested, flat):
            (made,) = vitrine.explain_batches([pa.record_batch({"input": column})], self.model)
            np.testing.assert_allclose(made.column("probability").to_numpy(), truths, atol=2e-6)
            (cells,) = vitrine.explain_batches([pa.record_batch({"input": column})], self.model, rows="cells")
            counts = np.unique(cells.column("stay").to_numpy(zero_copy_only=False), return_counts=True)[1]
            self.assertEqual(counts.tolist(), [5 * length for length in LENGTHS])
            of_last = cells.slice(sum(counts[:-1])).column("hour").to_numpy()
            self.assertEqual(of_last.tolist(), 5 * list(range(LENGTHS[-1])))
        sliced = pa.record_batch({"input": flat}).slice(1, 2)
        (made,) = vitrine.explain_batches([sliced], self.model)
        np.testing.assert_allclose(made.column("probability").to_numpy(), truths[1:3], atol=2e-6)
        with self.assertRaisesRegex(vitrine.Error, "7 numbers in row 0; the model reads any number of steps x 5 columns"):
            list(vitrine.explain_batches([pa.record_batch({"input": pa.array([[0.0] * 7])})], self.model))
        records = pa.record_batch({"record": [record(hours) for hours in (9, 130)]})
        (made,) = vitrine.explain_batches([records], self.model)
        truths = [self.truth(self.model.read(record(hours)).input) for hours in (9, 130)]
        np.testing.assert_allclose(made.column("probability").to_numpy(), truths, atol=2e-6)

    def test_files_have_each_stay_at_its_length(self):
        folder = folder_for(self)
        files = [folder / f"{hours}.csv" for hours in (9, 130)]
        for file, hours in zip(files, (9, 130)):
            file.write_text(record(hours))
        tool.explain_files(files, self.model, folder / "out.csv", threads=1)
        rows = [line.split(",") for line in (folder / "out.csv").read_text().splitlines()[1:]]
        found_there = {row[0]: float(row[2]) for row in rows}
        for hours in (9, 130):
            truth = self.truth(self.model.read(record(hours)).input)
            self.assertAlmostEqual(found_there[f"{hours}.csv"], truth, delta=2e-6)
        with self.assertRaisesRegex(vitrine.Error, "a length of its own"):
            tool.explain_files(files, self.model, folder / "cells.csv", cells=True)

    def test_the_page_gets_the_network_as_open_as_it_was(self):
        shown = page._page_of(self.model, [self.stays[1]], {})
        at = shown.index(page._SLOT) + len(page._SLOT)
        self.assertGreater(at, len(page._SLOT))
        text = page._text_of(self.model, self.stays[1])
        self.assertEqual(self.model.read(text).input.tobytes(), self.stays[1].tobytes())

    def test_other_networks_read_their_own_length_alone(self):
        model = vitrine.Model(MODEL)
        self.assertFalse(model.open_steps)
        with self.assertRaisesRegex(vitrine.Error, "48 steps, and no others"):
            model.at_length(9)


class Axes(unittest.TestCase):
    def test_what_is_assumed_of_them_is_said(self):
        grid = ROOT / "tests/fixtures/cases/inputs/grid-by-layout.onnx"
        with self.assertWarnsRegex(UserWarning, r'taken for \["batch", "steps", "columns"\].*"layout"'):
            model = vitrine.Model(grid)
        self.assertEqual(model.assumed_layout, ("batch", "steps", "columns"))
        told = {**model.manifest, "layout": ["batch", "columns", "steps"]}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = vitrine.Model(grid, told)
            self.assertEqual((model.assumed_layout, vitrine.Model(MODEL).assumed_layout), ((), ()))


class HandedOn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)

    def test_another_process_gives_the_same_bytes(self):
        stay = self.model.read(STAYS[0])
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            outputs, explanation = pool.submit(explained_elsewhere, self.model, stay).result()
        here = self.model.explain(stay, method="deep-shap")
        self.assertEqual(outputs.tobytes(), self.model.predict(stay).tobytes())
        self.assertEqual(explanation.relevance.tobytes(), here.relevance.tobytes())
        self.assertEqual((explanation.score, explanation.to_svg()), (here.score, here.to_svg()))

    def test_what_is_pickled_or_copied_is_the_same(self):
        fitted = vitrine.Model(OPEN).at_length(9)
        for model in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted), copy.copy(fitted)):
            self.assertEqual((model.name, model.steps, model.sha256), (fitted.name, 9, fitted.sha256))
        stay = self.model.read(STAYS[0], name="a name")
        again = pickle.loads(pickle.dumps(stay))
        self.assertEqual((again.name, again.input.tobytes(), again.report), ("a name", stay.input.tobytes(), stay.report))
        batch = self.model.explain(np.stack([stay.input, stay.input]), target="probability")
        self.assertEqual(pickle.loads(pickle.dumps(batch)).relevance.tobytes(), batch.relevance.tobytes())


class WhatIsNoArray(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)

    def test_numbers_that_would_change_are_refused(self):
        x = np.zeros((48, 76))
        for given, words in [
            (x.astype(complex), "complex"),
            (np.ma.masked_array(x, mask=x == 0), "masked"),
            (x + 1e300, "single precision"),
            (np.full((48, 76), (1 << 24) + 1), "16777216"),
            (x + np.inf, "step 0"),
        ]:
            with self.subTest(words), self.assertRaisesRegex(vitrine.Error, words):
                self.model.predict(given)
        with self.assertRaisesRegex(vitrine.Error, "baseline is no array"):
            self.model.explain(x, method="deep-shap", baseline="normal")
        with self.assertRaisesRegex(vitrine.Error, "no one output is called 'death'; there are probability"):
            self.model.explain(x, target="death")

    def test_frames_are_records(self):
        pandas, polars, pa = found("pandas"), found("polars"), found("pyarrow")
        import pyarrow.csv

        want = self.model.read(STAYS[0]).input.tobytes()
        table = pyarrow.csv.read_csv(STAYS[0])
        # "None" is a score of the coma scale, which pandas would take for nothing.
        of_pandas = pandas.read_csv(STAYS[0], keep_default_na=False, na_values=[""])
        for frame in (table, of_pandas, of_pandas.set_index("Hours"), polars.read_csv(STAYS[0])):
            self.assertEqual(self.model.read(frame).input.tobytes(), want)
        twice = pa.Table.from_arrays([table.column(0)] * 2, names=["Hours", "Hours"])
        with self.assertRaisesRegex(vitrine.Error, '"Hours" stands in this frame twice'):
            self.model.read(twice)
        with self.assertRaisesRegex(vitrine.Error, "a list is no record"):
            self.model.read([1, 2])


if __name__ == "__main__":
    unittest.main()
