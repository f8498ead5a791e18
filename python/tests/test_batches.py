"""Many stays: Arrow in and out, the command line, what is gone on with, and the page's bytes for a thousand of them."""

import copy
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import numpy as np

import vitrine
from common import MODEL, ROOT, STAYS, blocks, folder_for, found, run_blocks, run_commands
from vitrine import batches as tool
from vitrine import errors

SIZE = 48 * 76


def setUpModule():
    global pa, pc, csv, pq
    found("pyarrow")
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as csv
    import pyarrow.parquet as pq


def batch_of(stays):
    """A record batch of stays' numbers."""
    column = pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate([stay.input.ravel() for stay in stays])), SIZE)
    return pa.record_batch({"stay": [stay.name for stay in stays], "input": column})


def made_up(count, seed=0):
    """Stays of made-up numbers, as a record batch."""
    numbers = np.random.default_rng(seed).normal(size=count * SIZE).astype("<f4")
    column = pa.FixedSizeListArray.from_arrays(pa.array(numbers), SIZE)
    return pa.record_batch({"stay": [f"stay {number}" for number in range(count)], "input": column})


def whole(batches):
    return pa.Table.from_batches(list(batches))


class Arrow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)
        cls.stays = [cls.model.read(path) for path in STAYS]

    def test_a_row_a_stay(self):
        made = whole(vitrine.explain_batches([batch_of(self.stays[:3]), batch_of(self.stays[3:5])], self.model))
        self.assertEqual(made.schema, vitrine.schema("stays"))
        self.assertEqual(made["stay"].to_pylist(), [stay.name for stay in self.stays[:5]])
        alone = [self.model.explain(stay) for stay in self.stays[:5]]
        for name in ("probability", "score", "residual"):
            self.assertEqual(made[name].to_pylist(), [getattr(one, name) for one in alone])
        self.assertEqual(set(made["model_sha256"].to_pylist()), {self.model.sha256})
        self.assertEqual(made["verdict"].null_count, 5)
        (gradient,) = vitrine.explain_batches([batch_of(self.stays[:1])], self.model, method="gradient")
        self.assertEqual(gradient.column("residual").null_count, 1)

    def test_a_row_a_cell_and_the_strongest(self):
        explanation = self.model.explain(self.stays[0])
        value, mask = explanation.cells()
        (cells,) = vitrine.explain_batches([batch_of(self.stays[:1])], self.model, rows="cells")
        self.assertEqual(cells.schema, vitrine.schema("cells"))
        self.assertEqual(cells.column("relevance").to_pylist(), value.ravel().tolist())
        self.assertEqual(cells.column("mask_relevance").to_pylist(), mask.ravel().tolist())
        channels = [channel["name"] for channel in self.model.manifest["channels"]]
        self.assertEqual(cells.column("channel").to_pylist(), np.repeat(channels, 48).tolist())
        self.assertEqual(cells.column("hour").to_pylist(), 17 * list(range(48)))
        self.assertEqual(cells.column("value").null_count, 17 * 48)
        (top,) = vitrine.explain_batches([batch_of(self.stays[:1])], self.model, rows="top", top=5)
        both = np.abs(top.column("relevance").to_numpy() + top.column("mask_relevance").to_numpy())
        self.assertEqual(len(both), 5)
        np.testing.assert_allclose(both, np.sort(np.abs(value + mask).ravel())[::-1][:5], rtol=1e-5)

    def test_records_are_read_and_have_clinical_values(self):
        files = pa.record_batch({"stay": [path.name for path in STAYS], "record": [path.read_bytes() for path in STAYS]})
        made = whole(vitrine.explain_batches([files], self.model, rows="cells"))
        numbers = whole(vitrine.explain_batches([batch_of(self.stays)], self.model, rows="cells"))
        self.assertEqual(made.drop_columns("value"), numbers.drop_columns("value"))
        clinical = [cell["value"] for stay in self.stays for cell in stay.cells()]
        self.assertEqual(made["value"].to_pylist(), clinical)

    def test_hours_of_the_benchmark_make_stays_across_batches(self):
        tables = []
        for path in STAYS[:4]:
            # As a reader of CSV gives them: numbers where there are only numbers, else text.
            table = csv.read_csv(path)
            tables.append(table.append_column("stay", pa.array([path.name] * len(table))))
        hours = pa.concat_tables(tables, promote_options="permissive")
        known = whole(vitrine.explain_batches([batch_of(self.stays[:4])], self.model))
        for rows in (7, 1000):
            made = whole(vitrine.explain_batches(hours.to_batches(max_chunksize=rows), self.model))
            self.assertEqual(made["error"].null_count, 4, made["error"])
            self.assertEqual(made, known)

    def test_long_rows_make_stays_across_batches(self):
        rows = [(who, hour + 0.5, "8867-4", 60.0 + who + hour) for who in (1, 2, 3) for hour in range(5)]
        names = ["subject_id", "time", "code", "numeric_value"]
        table = pa.table(dict(zip(names, map(list, zip(*rows)))))
        one = whole(vitrine.explain_batches(table.to_batches(), self.model))
        split = whole(vitrine.explain_batches(table.to_batches(max_chunksize=4), self.model))
        self.assertEqual(one, split)
        self.assertEqual(one["stay"].to_pylist(), [1, 2, 3])
        self.assertEqual(one["error"].null_count, 3, one["error"])
        text = "time,code,numeric_value\n" + "".join(f"{hour},{code},{value}\n" for who, hour, code, value in rows if who == 2)
        mapping = {"columns": {"time": "time", "variable": "code", "value": "numeric_value"}, "timeUnit": "hours"}
        read = self.model.read(text, format="long", mapping=mapping)
        self.assertEqual(one["probability"][1].as_py(), self.model.explain(read).probability)
        with self.assertRaisesRegex(vitrine.Error, "do not stand together"):
            list(vitrine.explain_batches([*table.to_batches(), *table.to_batches()], self.model))

    def test_times_may_be_times(self):
        minutes = np.arange("2020-01-01T00:30", "2020-01-01T05:30", 60, dtype="datetime64[m]").astype("datetime64[us]")
        names = {"subject_id": [7] * 5, "time": minutes, "code": ["8867-4"] * 5, "numeric_value": [90.0, 95, 99, None, 110]}
        made = whole(vitrine.explain_batches([pa.record_batch(names)], self.model))
        self.assertEqual(made["error"].to_pylist(), [None])
        text = "time,code,numeric_value\n" + "".join(
            f"{when},8867-4,{value or ''}\n" for when, value in zip(minutes, names["numeric_value"])
        )
        read = self.model.read(text, mapping={"columns": {"time": "time", "variable": "code", "value": "numeric_value"}})
        self.assertEqual(read.report["rowsRead"], 4)
        self.assertEqual(made["probability"][0].as_py(), self.model.explain(read).probability)

    def test_what_cannot_be_explained_is_said_in_its_row(self):
        batch = batch_of(self.stays[:2])
        numbers = np.array(batch.column(1).flatten().to_numpy())
        numbers[5] = np.nan
        column = pa.FixedSizeListArray.from_arrays(pa.array(numbers), SIZE)
        (made,) = vitrine.explain_batches([pa.record_batch({"input": column})], self.model)
        self.assertIn("column 5 at step 0", made.column("error")[0].as_py())
        self.assertIsNone(made.column("probability")[0].as_py())
        self.assertIsNone(made.column("error")[1].as_py())
        self.assertEqual(made.column("stay").to_pylist(), ["0", "1"])
        records = pa.record_batch({"stay": ["a", "b"], "record": ["shopping,list\neggs,6\n", None]})
        (made,) = vitrine.explain_batches([records], self.model)
        self.assertTrue(all(error.startswith("record: ") for error in made.column("error").to_pylist()))
        (cells,) = vitrine.explain_batches([pa.record_batch({"input": column})], self.model, rows="top", top=3)
        self.assertEqual(cells.column("stay").to_pylist(), ["1"] * 3)

    def test_a_damaged_table_among_records_has_its_reason(self):
        whole = STAYS[0].read_bytes()
        records = pa.record_batch({"stay": ["a", "b", "c"], "record": [whole, b"PAR1 and no more", whole]})
        for rows in ("stays", "top"):
            (made,) = vitrine.explain_batches([records], self.model, rows=rows, top=2)
            self.assertEqual(sorted(set(made.column("stay").to_pylist())), ["a", "b", "c"] if rows == "stays" else ["a", "c"])
        (made,) = vitrine.explain_batches([records], self.model)
        first, damaged, last = made.column("error").to_pylist()
        self.assertEqual((first, last), (None, None))
        self.assertIn("this Parquet file cannot be read", damaged)
        self.assertEqual(made.column("probability")[0], made.column("probability")[2])

    def test_a_name_is_of_one_stay_in_all_batches(self):
        batches = [pa.record_batch({"stay": ["a"], "record": ["x"]})] * 2
        with self.assertRaisesRegex(vitrine.Error, "stay has a twice"):
            list(vitrine.explain_batches(batches, self.model))

    def test_options_may_be_of_numpy(self):
        given = {"method": "smooth-grad", "steps": np.int64(3), "noise": np.float32(0.5), "seed": np.uint8(2)}
        plain = {"method": "smooth-grad", "steps": 3, "noise": 0.5, "seed": 2}
        x = np.zeros((48, 76), np.float32)
        one, other = (self.model.explain(x, **options).relevance for options in (given, plain))
        np.testing.assert_array_equal(one, other)
        with self.assertRaisesRegex(vitrine.Error, "is a object; give a number"):
            self.model.explain(x, epsilon=object())

    def test_other_batches_are_refused(self):
        unequal = pa.array([[0.0] * (SIZE - 1), [0.0] * (SIZE + 1)], pa.list_(pa.float32()))
        for batch, words in [
            (pa.record_batch({"x": [1]}), "steps x columns"),
            (pa.record_batch({"input": unequal}), f"{SIZE - 1} numbers in row 0; the model reads 48 steps x 76 columns"),
            (pa.record_batch({"input": pa.array([[None, [0.0]]], pa.list_(pa.list_(pa.float32())))}), "empty list within a row"),
            (pa.record_batch({"input": pa.array([[0.0] * 7])}), "48 steps x 76 columns"),
            (pa.record_batch({"stay": pa.array([None], pa.string()), "record": ["a"]}), "name every stay"),
            (pa.record_batch({"stay": ["a", "b", "a"], "record": ["x"] * 3}), "stay has a twice"),
        ]:
            with self.subTest(words), self.assertRaisesRegex(vitrine.Error, words):
                list(vitrine.explain_batches([batch], self.model))
        with self.assertRaisesRegex(vitrine.Error, "rows"):
            list(vitrine.explain_batches([made_up(1)], self.model, rows="all"))
        with self.assertRaisesRegex(vitrine.Error, "is not one"):
            list(vitrine.explain_batches([made_up(1)], self.model, method="shap"))

    def test_an_empty_row_is_told_in_its_place(self):
        numbers = [self.stays[0].input.ravel().tolist(), None, self.stays[1].input.ravel().tolist()]
        nested = [row and np.reshape(row, (48, 76)).tolist() for row in numbers]
        fixed = pa.list_(pa.float32(), SIZE)
        for column in (
            pa.array(numbers, fixed),
            pa.array(numbers, pa.list_(pa.float32())),
            pa.array(nested, pa.list_(pa.list_(pa.float32()))),
            pa.array(nested, pa.list_(pa.list_(pa.float32(), 76))),
            pa.array([None, *numbers], fixed)[1:],
        ):
            made = whole(vitrine.explain_batches([pa.record_batch({"input": column})], self.model))
            with self.subTest(column.type):
                self.assertEqual(made["error"].to_pylist(), [None, "argument: input: the row is empty", None])
                expected = [float(self.model.predict(stay)[0]) for stay in self.stays[:2]]
                np.testing.assert_allclose([made["probability"][at].as_py() for at in (0, 2)], expected, rtol=1e-6)
        cells = whole(vitrine.explain_batches([pa.record_batch({"input": column})], self.model, rows="cells"))
        self.assertEqual(set(cells["stay"].to_pylist()), {"0", "2"})

    def test_what_a_prediction_leaves_open_and_whether_its_explanation_holds(self):
        manifest = copy.deepcopy(dict(self.model.manifest))
        calibration = manifest["outcomes"][0]["calibration"]
        calibration["networks"] = 1
        sets = calibration["sets"]
        model = vitrine.Model(MODEL, manifest)
        made = whole(vitrine.explain_batches([batch_of(self.stays)], model, audit=True))
        for row, stay in zip(made.to_pylist(), self.stays):
            channels = [channel["name"] for channel in manifest["channels"]]
            observed = dict(zip(channels, stay.report["observed"]))
            is_of = lambda group: all((observed[name] > 0) == was for name, was in group["measured"].items())
            (group,) = filter(is_of, sets["groups"])
            holds = [row["probability"] <= group["none_to"], row["probability"] >= group["event_from"]]
            self.assertEqual(row["set"], [label for label in (0, 1) if holds[label]])
        audit = model.audit(self.stays[0])
        self.assertEqual((made["verdict"][0].as_py(), made["verdict_probability"][0].as_py()), (audit["verdict"], audit["probability"]))
        # The demo's own calibration is of five networks together.
        self.assertEqual(whole(vitrine.explain_batches([batch_of(self.stays)], self.model))["set"].null_count, len(STAYS))

    def test_a_model_is_read_once_a_process(self):
        folder = folder_for(self)
        path = folder / "model.onnx"
        shutil.copy(MODEL, path)
        for _ in range(2):
            self.assertEqual(whole(vitrine.explain_batches([made_up(2)], path)).num_rows, 2)
        before = tool._loaded.cache_info()
        list(vitrine.explain_batches([made_up(2)], path))
        self.assertEqual(tool._loaded.cache_info().misses, before.misses)
        shutil.copy(MODEL.with_name("in-hospital-mortality-2.onnx"), path)
        os.utime(path, ns=(1, 1))
        (other,) = vitrine.explain_batches([made_up(1)], path)
        self.assertNotEqual(other.column("model_sha256")[0].as_py(), self.model.sha256)


class SameAsThePage(unittest.TestCase):
    def test_a_thousand_stays_have_the_bytes_of_webassembly(self):
        node = shutil.which("node")
        if not node:
            self.skipTest("node is not on PATH")
        pkg = Path(ROOT, os.environ.get("VITRINE_PKG", "pkg"))
        folder = folder_for(self)
        given = made_up(1000, seed=5)
        (folder / "inputs").write_bytes(given.column(1).flatten().to_numpy().astype("<f4").tobytes())
        script = f"""
            import {{ readFileSync }} from "node:fs";
            import {{ createHash }} from "node:crypto";
            import init, {{ Model }} from {json.dumps((pkg / "vitrine.js").as_uri())};
            await init({{ module_or_path: readFileSync({json.dumps(str(pkg / "vitrine_bg.wasm"))}) }});
            const model = new Model(readFileSync({json.dumps(str(MODEL))}));
            const bytes = readFileSync({json.dumps(str(folder / "inputs"))});
            const inputs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
            const hash = createHash("sha256");
            let last;
            for (let at = 0; at < inputs.length; at += {SIZE}) {{
              const explanation = model.explain(inputs.slice(at, at + {SIZE}));
              hash.update(new Uint8Array(explanation.relevance.buffer));
              last = explanation.probability;
            }}
            console.log(hash.digest("hex"), last);
        """
        done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        digest, last = done.stdout.split()
        model = vitrine.Model(MODEL)
        x = given.column(1).flatten().to_numpy().reshape(1000, 48, 76)
        explanation = model.explain(x)
        self.assertEqual(hashlib.sha256(explanation.relevance.tobytes()).hexdigest(), digest)
        # Outputs pass through tract's last sigmoid, which is the host's own.
        self.assertAlmostEqual(float(last), explanation[999].probability, delta=2e-7)
        # And what comes out a cell a row is the same relevance, added up by channel in double precision.
        (cells, *_) = vitrine.explain_batches([given.slice(0, 1)], model, rows="cells")
        value, _ = explanation[0].cells()
        self.assertEqual(cells.column("relevance").to_numpy().tobytes(), value.tobytes())


class Parquet(unittest.TestCase):
    def setUp(self):
        self.folder = folder_for(self)
        self.given, self.out = self.folder / "in.parquet", self.folder / "out.parquet"

    def run_(self, *arguments):
        command = [sys.executable, "-m", "vitrine", "explain", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    def asked(self, *more):
        return (self.given, "--model", MODEL, "--out", self.out, *more)

    def test_a_stay_that_came_later_is_not_passed_over(self):
        pq.write_table(whole([made_up(2)]), self.given)
        self.assertEqual(self.run_(*self.asked()).returncode, 0)
        pq.write_table(whole([made_up(3)]), self.given)
        run = self.run_(*self.asked())
        self.assertEqual(run.returncode, 1)
        self.assertIn("was made of other stays, or before one of them changed; name another folder", run.stderr)

    def test_a_stay_that_changed_is_not_passed_over(self):
        pq.write_table(whole([made_up(2)]), self.given)
        self.assertEqual(self.run_(*self.asked()).returncode, 0)
        pq.write_table(whole([made_up(2, seed=1)]), self.given)
        run = self.run_(*self.asked())
        self.assertEqual(run.returncode, 1)
        self.assertIn("before one of them changed", run.stderr)

    def test_a_file_that_cannot_be_opened_has_its_reason(self):
        from vitrine.batches import explain_to_parquet, file_batches

        missing = self.folder / "missing.csv"
        batches = file_batches([STAYS[0], missing], 8)
        self.assertEqual(explain_to_parquet(batches, vitrine.Model(MODEL), self.out), (2, 0))
        made = pq.read_table(self.out)
        self.assertEqual(made["error"][0].as_py(), None)
        self.assertIn("missing.csv", made["error"][1].as_py())

    def test_it_is_gone_on_with(self):
        pq.write_table(whole([made_up(8)]), self.given)
        run = self.run_(*self.asked("--batch", 3))
        self.assertEqual(run.returncode, 0, run.stderr)
        parts = sorted(self.out.iterdir())
        self.assertEqual(len(parts), 3)
        made = pq.read_table(self.out)
        self.assertEqual(made["stay"].to_pylist(), [f"stay {number}" for number in range(8)])
        (direct,) = vitrine.explain_batches([made_up(8)], MODEL)
        self.assertEqual(made["probability"].to_pylist(), direct.column("probability").to_pylist())
        parts[1].unlink()
        parts[1].with_name(f".{parts[1].name}.new").write_bytes(b"half a file")
        kept = parts[0].stat().st_mtime_ns
        run = self.run_(*self.asked("--batch", 3))
        self.assertRegex(run.stderr, "3 stays in .* 5 were there already")
        self.assertEqual(pq.read_table(self.out), made)
        self.assertEqual(parts[0].stat().st_mtime_ns, kept)
        for other in (("--batch", 3, "--cells"), ("--batch", 4), ("--batch", 3, "--method", "gradient")):
            run = self.run_(*self.asked(*other))
            self.assertEqual(run.returncode, 1)
            self.assertIn("was made with another request; name another folder", run.stderr)
        manifest = self.folder / "other.json"
        other = {**vitrine.Model(MODEL).manifest, "name": "another name"}
        manifest.write_text(json.dumps(other), encoding="utf-8")
        run = self.run_(*self.asked("--batch", 3, "--manifest", manifest))
        self.assertEqual(run.returncode, 1)
        self.assertIn("was made with another manifest; name another folder", run.stderr)

    def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(self):
        pq.write_table(whole([made_up(400)]), self.given)
        command = [sys.executable, "-m", "vitrine", "explain", *map(str, self.asked("--cells", "--batch", 20))]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while running.poll() is None and not (self.out / "part-000003.parquet").exists():
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        there = len(list(self.out.glob("*.parquet")))
        self.assertLess(there, 20, "it was done before it was killed")
        run = self.run_(*self.asked("--cells", "--batch", 20))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(f"{20 * there} were there already", run.stderr)
        self.assertEqual(list(self.out.glob("*.new")), [])
        made = pq.read_table(self.out)
        stays = made["stay"].to_numpy().reshape(400, 17 * 48)
        self.assertEqual(stays[:, 0].tolist(), [f"stay {number}" for number in range(400)])
        self.assertTrue((stays == stays[:, :1]).all())

    def test_a_stay_of_many_rows_is_in_one_file(self):
        rows = [(who, hour + 0.5, "8867-4", 60.0 + who + hour) for who in range(7) for hour in range(5)]
        table = pa.table(dict(zip(["subject_id", "time", "code", "numeric_value"], map(list, zip(*rows)))))
        pq.write_table(table, self.given, row_group_size=3)
        run = self.run_(*self.asked("--batch", 2))
        self.assertEqual(run.returncode, 0, run.stderr)
        made = pq.read_table(self.out)
        self.assertEqual(made["stay"].to_pylist(), list(range(7)))
        self.assertEqual(len(list(self.out.iterdir())), 4)
        self.assertEqual(made.sort_by("stay"), whole(vitrine.explain_batches(table.to_batches(), MODEL)).replace_schema_metadata(made.schema.metadata))

    def test_records_become_parquet(self):
        run = self.run_(STAYS[0].parent, "--model", MODEL, "--out", self.out, "--top", 4, "--batch", 3)
        self.assertEqual(run.returncode, 0, run.stderr)
        made = pq.read_table(self.out)
        self.assertEqual(made.num_rows, 4 * len(STAYS))
        self.assertEqual(made["value"].null_count, 0)
        self.assertEqual(made.schema.metadata[b"vitrine.model"].decode(), vitrine.Model(MODEL).sha256)

    def test_what_cannot_be_is_said(self):
        pq.write_table(whole([made_up(2)]), self.given)
        for arguments, words in [
            ((self.given, STAYS[0], "--model", MODEL, "--out", self.out), "one kind at a time"),
            ((STAYS[0], "--model", MODEL, "--out", self.folder / "out.csv", "--top", 3), "ends in .parquet"),
            ((STAYS[0], "--model", MODEL, "--out", self.folder / "out.xls"), "ends in .csv or .parquet"),
        ]:
            run = self.run_(*arguments)
            self.assertEqual(run.returncode, 1)
            self.assertIn(words, run.stderr)


class RecordsInParquet(unittest.TestCase):
    """A table in Parquet is read as the same table in CSV."""

    def setUp(self):
        self.folder = folder_for(self)
        self.model = vitrine.Model(MODEL)

    def test_the_benchmarks_hours(self):
        for single in (False, True):
            table = csv.read_csv(STAYS[0])
            if single:
                kinds = [pa.float32() if pa.types.is_float64(field.type) else field.type for field in table.schema]
                table = table.cast(pa.schema(list(zip(table.schema.names, kinds))))
            path = self.folder / f"stay-{single}.parquet"
            pq.write_table(table, path, compression="zstd")
            read, known = self.model.read(path), self.model.read(STAYS[0])
            self.assertEqual(read.input.tobytes(), known.input.tobytes())
            self.assertEqual(read.report["observed"], known.report["observed"])
            self.assertEqual(read.name, path.name)
            self.assertEqual(self.model.read(path.read_bytes()).input.tobytes(), known.input.tobytes())

    def test_a_row_a_measurement(self):
        table = pa.table({
            "charttime": pa.array(np.arange("2020-01-01T00:00", "2020-01-01T06:00", 60, dtype="datetime64[m]").astype("datetime64[us]")).cast(pa.timestamp("us", "UTC")),
            "code": pa.array(["8867-4"] * 6).dictionary_encode(),
            "value": pa.array([90, 91, 92, None, 94, 95], pa.int64()),
        })
        path = self.folder / "stay.parquet"
        pq.write_table(table, path)
        text = self.folder / "stay.csv"
        csv.write_csv(table.set_column(1, "code", table["code"].cast(pa.string())), text)
        mapping = {"columns": {"time": "charttime", "variable": "code", "value": "value"}}
        read, known = (self.model.read(one, mapping=mapping) for one in (path, text))
        self.assertEqual(read.report["rowsRead"], 5)
        self.assertEqual(read.input.tobytes(), known.input.tobytes())

    def test_what_is_no_table_is_refused(self):
        table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["Hours", "Hours"])
        path = self.folder / "twice.parquet"
        pq.write_table(table, path)
        with self.assertRaisesRegex(errors.RecordError, '"Hours" stands in this Parquet file twice'):
            self.model.read(path)
        with self.assertRaisesRegex(vitrine.Error, "^record: this Parquet file cannot be read"):
            self.model.read(path.read_bytes()[:-20])

    def test_it_stands_in_a_page_and_in_a_folder(self):
        path = self.folder / "stay.parquet"
        pq.write_table(csv.read_csv(STAYS[0]), path)
        page = vitrine.save(self.model, [path], self.folder / "a.html")
        self.assertGreater(page.stat().st_size, 1 << 20)
        out = self.folder / "out.csv"
        done = subprocess.run([sys.executable, "-m", "vitrine", "explain", path, STAYS[1], "--model", MODEL, "--out", out], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 stays explained, 0 could not be read", done.stderr)


class Documents(unittest.TestCase):
    def folder(self):
        folder = folder_for(self)
        shutil.copy(MODEL, folder / "model.onnx")
        pq.write_table(whole([made_up(6)]), folder / "stays.parquet")
        return folder

    def test_the_block_of_arrow(self):
        run_blocks(self.folder(), blocks("docs/python.md", "python arrow"))

    def test_the_schema_is_the_one_that_stands_there(self):
        text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
        for rows in ("stays", "cells"):
            part = text[text.index(f'| `rows="{rows}"`') :]
            lines = part[: part.index("\n\n")].splitlines()[2:]
            told = [[cell.strip() for cell in line.split("|")[1:4]] for line in lines]
            names = [name.strip("`") for cells in told for name in cells[0].split(", ")]
            self.assertEqual(names, vitrine.schema(rows).names)
            kinds = {name.strip("`"): cells[1] for cells in told for name in cells[0].split(", ")}
            for field in vitrine.schema(rows):
                kind = {"double": "float64", "float": "float32", "list<item: int8>": "list<int8>"}.get(str(field.type), str(field.type))
                self.assertIn(kind, kinds[field.name])
                self.assertEqual(field.nullable, "may be null" in kinds[field.name], field.name)

    def test_the_commands(self):
        folder = self.folder()
        (folder / "records").mkdir()
        for path in STAYS[:2]:
            shutil.copy(path, folder / "records")
        shutil.copy(STAYS[0], folder / "stay.csv")
        for block in blocks("docs/python.md", "sh"):
            run_commands(folder, block)
        self.assertEqual(len((folder / "table.csv").read_text().splitlines()), 3)
        self.assertEqual(pq.read_table(folder / "out.parquet").num_rows, 6 * 17 * 48)
        self.assertGreater((folder / "explain.html").stat().st_size, 1 << 20)


if __name__ == "__main__":
    unittest.main()
