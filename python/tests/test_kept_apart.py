"""What may not be mixed up: weights, columns, units, stays, and runs into one table."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
import unittest

import numpy as np

import vitrine
from common import MODEL, ROOT, STAYS, folder_for, found
from vitrine.batches import explain_files, explain_to_parquet, file_batches
from vitrine.manifest import from_transformer

FAMILIES = ROOT / "tests/fixtures/families"
SIZE = 48 * 76


def setUpModule():
    global pa, csv, pq
    found("pyarrow")
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq


def explained(batches, **options):
    return pa.Table.from_batches(list(vitrine.explain_batches(batches, MODEL, **options)))


class Networks(unittest.TestCase):
    def test_other_weights_are_another_network(self):
        folder = folder_for(self)
        path = folder / "lstm-dynamo.onnx"
        for end in ("", ".data"):
            shutil.copy(FAMILIES / f"lstm-dynamo.onnx{end}", folder)
        first = vitrine.Model(path)
        weights = path.with_name(path.name + ".data")
        numbers = np.frombuffer(weights.read_bytes(), "<f4") * np.float32(0.5)
        weights.write_bytes(numbers.tobytes())
        second = vitrine.Model(path)
        x = np.ones((first.steps, first.columns), "f4")
        self.assertNotEqual(first.predict(x)[0], second.predict(x)[0])
        self.assertNotEqual(first.sha256, second.sha256)
        both = path.read_bytes() + weights.read_bytes()
        self.assertEqual(second.sha256, vitrine._engine.sha256(both), "as of both files one after the other")
        with self.assertRaisesRegex(vitrine.Error, "another network"):
            second.audit(x, first.explain(x))

    def test_a_file_that_a_network_does_not_name_is_none_of_it(self):
        path = folder_for(self) / MODEL.name
        shutil.copy(MODEL, path)
        path.with_name(path.name + ".data").write_bytes(b"notes")
        self.assertEqual(vitrine.Model(path).sha256, vitrine.Model(MODEL).sha256)

    def test_what_belongs_to_no_method_is_not_said_of_it(self):
        model = vitrine.Model(MODEL)
        x = model.read(STAYS[0])
        baseline = np.zeros((48, 76), "f4")
        self.assertNotIn("baseline", model.explain(x, baseline=baseline).method)
        self.assertIn("baseline", model.explain(x, method="deep-shap", baseline=baseline).method)

    def test_two_stays_of_one_name_are_no_frame(self):
        found("pandas")
        model = vitrine.Model(MODEL)
        one, other = (model.read(path, name="bed 7") for path in STAYS[:2])
        with self.assertRaisesRegex(vitrine.Error, "two stays are called 'bed 7'"):
            model.explain([one, other]).to_pandas()

    def test_an_own_map_is_of_the_output_asked_for(self):
        model = vitrine.Model(FAMILIES / "multitask-torchscript.onnx")
        x = np.random.default_rng(1).normal(size=(model.steps, model.columns)).astype("f4")
        for target in (0, 1):
            own = model.explain(x, target=target)
            held = model._foreign([x.tobytes()], [own.relevance.tobytes()], {"target": target})
            self.assertIn(f'"logit":{own.logit}'[:18], held[0].facts)


class Tables(unittest.TestCase):
    def hours(self, path, **more):
        table = csv.read_csv(path)
        for name, value in {"stay": path.name, **more}.items():
            table = table.append_column(name, pa.array([value] * len(table)))
        return table

    def test_each_batch_has_columns_of_its_own(self):
        whole = [self.hours(path) for path in STAYS[:2]]
        known = explained([batch for table in whole for batch in table.to_batches()])
        bare = whole[0].select(["stay", "Hours"])
        for order in ([bare, whole[1]], [whole[1], bare]):
            made = explained([batch for table in order for batch in table.combine_chunks().to_batches()])
            found_ = dict(zip(made["stay"].to_pylist(), made["probability"].to_pylist()))
            self.assertEqual(found_[STAYS[1].name], known["probability"][1].as_py())
        with self.assertRaisesRegex(vitrine.Error, "no column Hours"):
            explained([*whole[0].to_batches(), *whole[1].drop_columns(["Hours"]).to_batches()])

    def test_a_stay_goes_on_in_another_type(self):
        names = {"stay": ["a"], "Hours": [0.5], "Heart Rate": [80.0]}
        batches = [pa.record_batch(names), pa.record_batch({**names, "Hours": [3.5], "Heart Rate": ["90"]})]
        with self.assertRaisesRegex(vitrine.Error, "the columns of a change their type"):
            explained(batches)

    def test_a_mapping_is_obeyed_or_refused(self):
        rows = {"stay": ["a"] * 3, "Hours": [0.5, 1.5, 2.5], "Puls": [150.0, 160, 170], "Glucose": [20.0, 21, 22]}
        mapping = {"variables": {"Puls": "Heart Rate"}, "units": {"Glucose": "mmol/L"}}
        text = "Hours,Puls,Glucose\n0.5,150,20\n1.5,160,21\n2.5,170,22\n"
        read = vitrine.Model(MODEL).read(text, mapping=mapping)
        made = explained([pa.record_batch(rows)], mapping=mapping)
        self.assertEqual(made["error"].to_pylist(), [None])
        self.assertEqual(made["probability"][0].as_py(), vitrine.Model(MODEL).explain(read).probability)
        with self.assertRaisesRegex(vitrine.Error, "unitz"):
            explained([pa.record_batch(rows)], mapping={"unitz": 1})

    def test_further_columns_of_measurements_mean_what_they_mean_to_a_record(self):
        rows = {"subject_id": [1] * 3, "time": [0.5, 1.5, 2.5], "code": ["Temperature"] * 3}
        model = vitrine.Model(MODEL)
        mapping = {"columns": {"time": "time", "variable": "code", "value": "numeric_value"}, "timeUnit": "hours"}
        further = [
            ([99.0, 100, 101], "unit", ["degF"] * 3),
            ([41.0, 41, 37], "status", ["entered-in-error"] * 2 + ["final"]),
        ]
        for values, name, cells in further:
            made = explained([pa.record_batch({**rows, "numeric_value": values, name: cells})])
            lines = zip(rows["time"], rows["code"], values, cells)
            text = f"time,code,numeric_value,{name}\n" + "".join(",".join(map(str, line)) + "\n" for line in lines)
            read = model.read(text, format="long", mapping=mapping)
            self.assertEqual(made["probability"][0].as_py(), model.explain(read).probability, name)
        made = explained([pa.record_batch({**rows, "numeric_value": [37.0, 38, 39], "hadm_id": [5, 5, 6]})])
        self.assertIn("encounter", made["error"][0].as_py())

    def test_numbers_in_lists_are_not_turned(self):
        x = vitrine.Model(MODEL).read(STAYS[0]).input

        def batch(array):
            return pa.record_batch({"stay": ["a"], "input": pa.array([array.tolist()])})

        known = explained([batch(x.ravel())])["probability"]
        self.assertEqual(explained([batch(x)])["probability"], known)
        self.assertEqual(explained([batch(x[None])])["probability"], known)
        for wrong in (x.T, x.reshape(2, 24, 76), x.reshape(96, 38)):
            with self.assertRaisesRegex(vitrine.Error, r"in row 0; the model reads \[steps\]\[columns\]"):
                explained([batch(wrong)])
        codes = np.full(SIZE, 2**24 + 1)
        with self.assertRaisesRegex(vitrine.Error, "single precision rounds"):
            explained([batch(codes)])

    def test_what_is_asked_for_in_vain_is_refused_at_once(self):
        batch = pa.record_batch({"stay": ["a"], "input": pa.array([[0.0] * SIZE])})
        for options, words in [({"target": 7}, "target: is 7"), ({"rows": "cells", "audit": True}, "audit: fills")]:
            with self.assertRaisesRegex(vitrine.Error, words):
                explained([batch], **options)
        twice = pa.RecordBatch.from_arrays([*batch.columns, batch.column(0)], names=["stay", "input", "stay"])
        with self.assertRaisesRegex(vitrine.Error, "column stay twice"):
            explained([twice])
        self.assertEqual(explained(pa.Table.from_batches([batch]))["stay"].to_pylist(), ["a"])

    def test_names_may_be_views(self):
        names = pa.array(["a", "b"]).cast(pa.string_view())
        batch = pa.record_batch({"stay": names, "input": pa.array([[0.0] * SIZE] * 2)})
        made = explained([batch], rows="top", top=2)
        self.assertEqual(made["stay"].to_pylist(), ["a", "a", "b", "b"])


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = folder_for(self)
        self.model = vitrine.Model(MODEL)

    def test_a_table_is_of_the_stays_that_are_given(self):
        out = self.folder / "o.csv"
        self.assertEqual(explain_files(STAYS[:2], self.model, out), (2, 0))
        before = out.read_bytes()
        with self.assertRaisesRegex(vitrine.Error, f"has a row of {min(path.name for path in STAYS[:2])}"):
            explain_files(STAYS[2:3], self.model, out)
        self.assertEqual(out.read_bytes(), before)
        self.assertEqual(explain_files(STAYS[:3], self.model, out), (1, 0))
        with self.assertRaisesRegex(vitrine.Error, "target: is 9"):
            explain_files(STAYS[:3], self.model, out, target=9)

    def test_a_folder_is_of_the_stays_that_are_given(self):
        out = self.folder / "o.parquet"
        self.assertEqual(explain_to_parquet(file_batches(STAYS[:3], 1), self.model, out, size=1), (3, 0))
        with self.assertRaisesRegex(vitrine.Error, "part-000001.parquet: is of stays that are not among these"):
            explain_to_parquet(file_batches(STAYS[:1], 1), self.model, out, size=1)

    def test_half_a_part_is_read_by_nobody(self):
        out = self.folder / "o.parquet"

        def stop(n):
            raise KeyboardInterrupt

        numbers = pa.array([[0.0] * SIZE] * 3)
        batch = pa.record_batch({"stay": ["a", "b", "c"], "input": numbers})
        with self.assertRaises(KeyboardInterrupt):
            explain_to_parquet([batch], self.model, out, say=stop)
        self.assertEqual(list(out.iterdir()), [])
        # As a process leaves it that was killed.
        (out / ".part-000000.parquet.new").write_bytes(b"half")
        explain_to_parquet([batch], self.model, out)
        self.assertEqual(pq.read_table(out)["stay"].to_pylist(), ["a", "b", "c"])

    @unittest.skipUnless(os.name == "posix", "no such locks")
    def test_two_runs_do_not_write_one_table(self):
        for out in (self.folder / "o.csv", self.folder / "o.parquet"):
            if out.suffix == ".parquet":
                out.mkdir()
            hold = (
                "import sys, pathlib; from vitrine.batches import _alone\n"
                "with _alone(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
            )
            with subprocess.Popen(
                [sys.executable, "-c", hold, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as other:
                self.assertEqual(other.stdout.readline(), "held\n")
                with self.assertRaisesRegex(vitrine.Error, "another run writes it"):
                    self.write(out)
                other.send_signal(signal.SIGKILL)
            self.assertEqual(self.write(out), (2, 0), "whoever was killed holds nothing")

    def write(self, out):
        if out.suffix == ".csv":
            return explain_files(STAYS[:2], self.model, out)
        return explain_to_parquet(file_batches(STAYS[:2], 8), self.model, out)

    def command(self, *arguments):
        command = [sys.executable, "-m", "vitrine", "explain", *map(str, arguments), "--model", str(MODEL)]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_folder_is_read_whole(self):
        records = self.folder / "records"
        (records / "ward").mkdir(parents=True)
        shutil.copy(STAYS[0], records)
        shutil.copy(STAYS[1], records / "ward")
        (records / f"{STAYS[2].name}.gz").write_bytes(gzip.compress(STAYS[2].read_bytes()))
        out = records / "o.csv"
        for words in ("3 stays explained", "0 stays explained, 0 could not be read, 3 were there already"):
            run = self.command(records, "--out", out)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(words, run.stderr)
        pq.write_table(csv.read_csv(STAYS[3]), records / "table.parquet")
        run = self.command(records, "--out", self.folder / "o.parquet")
        self.assertEqual(run.returncode, 1)
        self.assertIn("one kind at a time", run.stderr)

    def test_what_was_written_is_no_stay(self):
        given = self.folder / "in"
        given.mkdir()
        numbers = pa.array([[0.0] * SIZE] * 2)
        pq.write_table(pa.table({"stay": ["a", "b"], "input": numbers}), given / "x.parquet")
        for words in ("2 stays in", "0 stays in .* 2 were there already"):
            run = self.command(given, "--out", given / "out.parquet")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertRegex(run.stderr, words)


class Scaler:
    """What is read off scikit-learn's objects, by hand."""

    with_mean = with_std = True

    def __init__(self, means, scales):
        self.mean_, self.scale_, self.n_features_in_ = means, scales, len(means)


Scaler.__name__ = "StandardScaler"


class Transformer:
    n_features_in_ = 3
    transformer_weights = None

    def __init__(self, columns, names=("glucose", "hr", "ph")):
        self.transformers_ = [("scaled", Scaler([5.0, 80.0], [1.0, 10.0]), columns)]
        if names:
            self.feature_names_in_ = list(names)


class Manifests(unittest.TestCase):
    def names(self, transformer):
        return [channel["name"] for channel in from_transformer(transformer, 4, ["death"])["channels"]]

    def test_columns_by_name_place_slice_and_truth(self):
        for columns in (["hr", "ph"], [1, 2], np.array([1, 2]), slice(1, 3), slice(1, None), [False, True, True], np.array([False, True, True])):
            self.assertEqual(self.names(Transformer(columns)), ["hr", "ph"], columns)
        self.assertEqual(self.names(Transformer(np.array([2, 0]), names=None)), ["2", "0"])
        with self.assertRaisesRegex(vitrine.Error, "takes a slice of names"):
            self.names(Transformer(slice("hr", "ph")))

    def test_weights_of_transformers_are_refused(self):
        weighted = Transformer([1, 2])
        weighted.transformer_weights = {"scaled": 2.0}
        with self.assertRaisesRegex(vitrine.Error, "transformer_weights"):
            self.names(weighted)


if __name__ == "__main__":
    unittest.main()
