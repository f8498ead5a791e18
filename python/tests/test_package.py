"""The package beside the engine's own stored values, onnxruntime, and a file that no engine should read."""

import base64
import contextlib
import csv
import hashlib
import html
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib
from pathlib import Path

import numpy as np
import onnxruntime

import vitrine
from common import MODEL, ROOT, STAYS, WWW, blocks, folder_for, found, run_blocks
from vitrine import errors, page
from vitrine.protobuf import with_weights

NO_RECORD = "shopping,list\neggs,6\n"
STORED = json.loads((WWW / "self-test.json").read_text())


class NothingIsTakenForAnother(unittest.TestCase):
    """What looks right and is of another stay, network or request is refused."""

    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)
        cls.one, cls.other = (cls.model.read(path) for path in STAYS[:2])

    def refuses(self, words, call, kind=vitrine.Error):
        with self.assertRaisesRegex(kind, words):
            call()

    def test_an_audit_is_of_the_input_that_was_explained(self):
        explained = self.model.explain(self.one)
        self.refuses("of another input", lambda: self.model.audit(self.other, explained, details=False))
        self.refuses("options of its own", lambda: self.model.audit(self.one, explained, method="gradient"))

    def test_a_stay_is_in_the_units_of_the_network_that_read_it(self):
        manifest = json.loads(json.dumps(self.model.manifest))
        scaled = next(channel for channel in manifest["channels"] if channel["encoding"]["kind"] == "continuous")
        scaled["encoding"]["std"] *= 3
        with_another = vitrine.Model(MODEL, manifest)
        self.refuses("read it again", lambda: with_another.predict(self.one))
        self.refuses("baseline.*read it again", lambda: with_another.explain(self.one.input, baseline=self.one))

    def test_one_of_a_batch_says_which(self):
        batch = self.model.explain(np.stack([self.one.input, self.other.input]))
        self.assertIn("stay 1", repr(batch[1]))
        self.assertIn("stay 1", repr(batch[-1]))
        self.refuses("no one picture", batch.to_svg, TypeError)
        self.refuses("slice", lambda: batch[0:1], TypeError)

    def test_times_are_no_numbers(self):
        times = np.zeros((48, 76), "datetime64[s]")
        self.refuses("has times", lambda: self.model.predict(times))

    def test_a_calibration_counts_every_stay(self):
        def made(probabilities, labels, **options):
            return lambda: self.model.manifest.calibrated(probabilities, labels, "made", **options)

        self.refuses("bins", made([0.1, 0.3, 0.9], [0, 0, 1], bins=[0.2, 0.5]))
        self.refuses("bins", made([0.1, 0.3, 0.9], [0, 0, 1], bins=[0.5, 0.2, 1]))
        self.refuses("probabilities", made([0.1, float("nan")], [0, 1]))
        self.refuses("probabilities", made([-3.0, 2.0], [0, 1]))
        self.refuses("labels", made([0.1, 0.2], [0.9, 1]))

    def test_a_table_goes_on_only_with_the_same_options(self):
        from vitrine.batches import explain_files

        out = folder_for(self) / "table.csv"
        explain_files(STAYS[:1], self.model, out)
        before = out.read_bytes()
        self.refuses("rows are not what", lambda: explain_files(STAYS[:2], self.model, out, method="gradient"))
        self.assertEqual(out.read_bytes(), before)
        self.assertEqual(explain_files(STAYS[:2], self.model, out), (1, 0))

    def test_a_record_that_changed_is_not_passed_over(self):
        from vitrine.batches import explain_files

        folder = folder_for(self)
        out, record = folder / "table.csv", folder / 'one, "two".csv'
        record.write_bytes(STAYS[0].read_bytes())
        explain_files([record], self.model, out)
        # Copied anew, and the same.
        record.write_bytes(STAYS[0].read_bytes())
        self.assertEqual(explain_files([record, STAYS[1]], self.model, out), (1, 0))
        before = out.read_bytes()
        # Whatever its time says: it may have changed while the table grew.
        record.write_bytes(STAYS[2].read_bytes())
        os.utime(record, (1, 1))
        self.refuses("changed after its row was written", lambda: explain_files([record, STAYS[1]], self.model, out))
        record.unlink()
        self.refuses("changed after its row was written", lambda: explain_files([record, STAYS[1]], self.model, out))
        self.assertEqual(out.read_bytes(), before)

    def test_a_table_that_ends_inside_of_a_letter_goes_on(self):
        from vitrine.batches import explain_files

        out = folder_for(self) / "table.csv"
        explain_files(STAYS[:1], self.model, out)
        out.write_bytes(out.read_bytes() + "é".encode()[:1])
        self.assertEqual(explain_files(STAYS[:2], self.model, out), (1, 0))
        out.read_bytes().decode()

    def test_a_file_that_cannot_be_opened_has_its_row(self):
        from vitrine.batches import explain_files

        folder = folder_for(self)
        out, missing = folder / "table.csv", folder / "missing.csv"
        self.assertEqual(explain_files([missing, *STAYS[:1]], self.model, out), (1, 1))
        self.assertIn("missing.csv,", out.read_text())
        rows = list(csv.reader(out.read_text().splitlines()))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})

    def test_counts_are_above_zero(self):
        from vitrine import __main__ as command

        for option in ("--top", "--batch", "--threads"):
            with self.subTest(option), contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit):
                command.main(["explain", "x.csv", "--model", "m.onnx", "--out", "o.csv", option, "0"])
            self.assertIn("whole number above 0", said.getvalue())

    def test_a_module_is_left_as_it_was(self):
        torch = found("torch")
        from vitrine import export

        module = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.BatchNorm1d(3))
        module.train()
        module[1].eval()
        with export._evaluating(module):
            self.assertFalse(module[0].training)
        self.assertEqual([module.training, module[0].training, module[1].training], [True, True, False])


class SameAsThePage(unittest.TestCase):
    """www/self-test.json has what the host and the browser give for the demo network and stays."""

    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(WWW / STORED["model"]["file"])

    def test_relevance_has_the_bytes_of_the_browser(self):
        self.assertEqual(self.model.sha256, STORED["model"]["sha256"])
        self.assertGreaterEqual(len(STORED["stays"]), 3)
        for stored in STORED["stays"]:
            with self.subTest(stored["record"]["file"]):
                stay = self.model.read(WWW / stored["record"]["file"])
                self.assertEqual(stay.sha256, stored["record"]["sha256"])
                for method in ("lrp", "gradient"):
                    relevance = self.model.explain(stay, method=method).relevance
                    digest = hashlib.sha256(relevance.astype("<f4").tobytes()).hexdigest()
                    self.assertEqual(digest, stored[method])
                self.assertAlmostEqual(float(self.model.predict(stay)[0]), stored["probability"], delta=2e-7)

    def test_a_batch_is_each_of_its_stays(self):
        stays = [self.model.read(path) for path in STAYS]
        batch = self.model.explain(np.stack([stay.input for stay in stays]))
        self.assertEqual(batch.relevance.shape, (len(stays), 48, 76))
        self.assertEqual(batch.score.shape, (len(stays),))
        for one, stay in zip(batch, stays):
            alone = self.model.explain(stay)
            self.assertEqual(one.relevance.tobytes(), alone.relevance.tobytes())
            self.assertEqual((one.score, one.residual, one.ledger), (alone.score, alone.residual, alone.ledger))

    def test_outputs_are_those_of_onnxruntime(self):
        session = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
        x = np.random.default_rng(4).normal(size=(5, 48, 76)).astype(np.float32)
        own = [session.run(None, {session.get_inputs()[0].name: one[None]})[0].ravel() for one in x]
        np.testing.assert_allclose(self.model.predict(x), own, atol=2e-6)
        np.testing.assert_allclose(self.model.predict(x[0]), own[0], atol=2e-6)


class Explaining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)
        cls.stay = cls.model.read(STAYS[0])

    def test_every_unit_of_the_score_is_accounted_for(self):
        # The shares are added up here, from the single numbers, and not taken from the ledger's own sum.
        for options in ({}, {"explain": "score", "epsilon": 0.001}, {"method": "deep-shap"}):
            explanation = self.model.explain(self.stay, **options)
            ledger = explanation.ledger
            self.assertAlmostEqual(sum(ledger.values()) + explanation.residual, explanation.score, places=9)
            total = explanation.relevance.astype(float).sum()
            self.assertAlmostEqual(total, ledger["cells"] + ledger["masks"], places=4)
            value, mask = explanation.cells()
            self.assertEqual(value.shape, (17, 48))
            self.assertAlmostEqual(float(value.astype(float).sum() + mask.astype(float).sum()), total, places=4)

    def test_gradients_are_finite_differences(self):
        x = np.array(self.stay.input)
        slope = self.model.explain(x, method="gradient", explain="score").relevance
        rng = np.random.default_rng(0)
        direction = rng.normal(size=x.shape).astype(np.float32) * 1e-2
        ends = [self.model.explain(x + sign * direction, method="gradient", explain="score").logit for sign in (1, -1)]
        self.assertAlmostEqual((ends[0] - ends[1]) / 2, float((slope * direction).sum()), delta=2e-4)

    def test_integrated_gradients_sum_to_the_difference_from_the_baseline(self):
        model, x = small()
        baseline = x * 0.5
        explanation = model.explain(x, method="integrated-gradients", explain="score", baseline=baseline)
        other = model.explain(baseline, method="gradient", explain="score")
        total = float(explanation.relevance.astype(float).sum())
        self.assertGreater(abs(total), 1e-3)
        self.assertAlmostEqual(total, explanation.logit - other.logit, delta=1e-4)

    def test_a_map_of_ones_own_is_judged(self):
        model, x = small()
        own = model.explain(x, method="deep-shap")
        good = model.audit(x, own)
        again = model.audit(x, own.relevance)
        noise = model.audit(x, np.random.default_rng(1).normal(size=(12, 5)))
        self.assertGreater(good["probability"], noise["probability"])
        self.assertEqual(noise["verdict"], "does not hold")
        word = model.audit(x, own, details=False)
        self.assertEqual((word["isFinal"], good["isFinal"]), (False, True))
        self.assertEqual(word["probability"], good["probability"])
        self.assertNotIn("curves", word)
        deciding = [[one["value"] for one in audit["answers"] if one["decides"]] for audit in (good, again)]
        self.assertEqual(len(deciding[0]), 2)
        np.testing.assert_allclose(deciding[0], deciding[1], atol=1e-3)
        with self.assertRaisesRegex(errors.ArgumentError, "shape"):
            model.audit(x, np.zeros((12, 4)))

    def test_a_picture_stands_by_itself(self):
        explanation = self.model.explain(self.stay)
        svg = explanation.to_svg()
        self.assertIn("Heart rate", svg)
        self.assertIn(self.model.sha256, svg)
        self.assertIn(self.stay.sha256, svg)
        self.assertNotRegex(svg, r"(?i)<script|<foreignObject|\bhref=")
        self.assertRegex(explanation._repr_html_(), r'^<img alt="[^"]+" src="data:image/svg\+xml;base64,')

    def test_a_frame_has_a_row_a_cell(self):
        found("pandas")
        explanation = self.model.explain([self.stay, self.model.read(STAYS[1])])
        frame = explanation.to_pandas()
        self.assertEqual(len(frame), 2 * 17 * 48)
        value, mask = explanation.cells()
        row = frame[(frame.stay == STAYS[1].name) & (frame.channel == "pH") & (frame.hour == 5)].iloc[0]
        place = [channel["name"] for channel in self.model.manifest["channels"]].index("pH")
        self.assertEqual((row.relevance, row.mask_relevance), (value[1, place, 5], mask[1, place, 5]))


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = vitrine.Model(MODEL)

    def test_errors_are_value_errors_with_the_engines_words(self):
        with self.assertRaises(ValueError) as caught:
            vitrine.Model(b"no model")
        self.assertEqual(caught.exception.kind, "model")
        x = np.zeros((48, 76), np.float32)
        cases = [
            (lambda: self.model.predict(np.zeros((48, 75))), errors.ArgumentError, r"\[48, 75\].*\[48, 76\]"),
            (lambda: self.model.predict(np.full((48, 76), np.nan)), errors.ArgumentError, "column 0 at step 0"),
            (lambda: self.model.explain(x, method="shap"), errors.ArgumentError, '"shap" is not one .* deep-shap'),
            (lambda: self.model.explain(x, target=3), errors.ArgumentError, "target"),
            (lambda: self.model.explain(x, epsilon=-1), errors.ArgumentError, "epsilon"),
            (lambda: self.model.read(NO_RECORD), errors.RecordError, "^record: "),
            (lambda: vitrine.Model(MODEL, {"format": "other"}), errors.ManifestError, "format"),
            (lambda: vitrine.Model(3), errors.ArgumentError, "int"),
        ]
        for run, kind, words in cases:
            with self.subTest(words), self.assertRaisesRegex(kind, words):
                run()

    def test_options_are_those_of_explain_wherever_they_are_given(self):
        x = np.zeros((48, 76), np.float32)
        x[3, 4] = 1
        with self.assertRaisesRegex(errors.ArgumentError, "biasFactor"):
            self.model.explain(x, bias_factor=2)
        with self.assertRaisesRegex(errors.ArgumentError, "biasFactor"):
            self.model.audit(x, np.ones((48, 76)), bias_factor=2)
        with self.assertRaisesRegex(errors.ArgumentError, "unknown field bias"):
            self.model.audit(x, np.ones((48, 76)), bias=1)

    def test_the_stay_of_a_batch_is_named(self):
        x = np.zeros((3, 48, 76), np.float32)
        x[1, 4, 7] = np.inf
        with self.assertRaisesRegex(errors.ArgumentError, "stay 1: .*column 7 at step 4"):
            self.model.explain(x)

    def test_a_choice_comes_with_its_choices(self):
        rows = ["patient,time,code,value,unit"]
        rows += [f"{who},2020-01-01T0{hour}:00:00,8867-4,{80 + hour},/min" for who in ("A", "B") for hour in range(3)]
        with self.assertRaises(errors.RecordError) as caught:
            self.model.read("\n".join([*rows, ""]))
        self.assertEqual(caught.exception.question["option"], "patient")
        self.assertEqual([choice["value"] for choice in caught.exception.question["choices"]], ["A", "B"])

    def test_no_damaged_file_ends_the_process(self):
        # Whatever becomes of a file with some bytes changed: an answer or an Error, and nothing else.
        data = MODEL.read_bytes()
        rng = np.random.default_rng(7)
        n_refused = 0
        for _ in range(40):
            changed = bytearray(data)
            for place in rng.integers(0, 4000, 6):
                changed[place] = rng.integers(0, 256)
            try:
                vitrine.Model(bytes(changed))
            except vitrine.Error:
                n_refused += 1
        self.assertGreater(n_refused, 5)

    def test_others_run_while_the_engine_works(self):
        x = np.random.default_rng(1).normal(size=(48, 76)).astype(np.float32)
        started = threading.Event()
        work = threading.Thread(target=lambda: (started.set(), self.model.explain(x, method="occlusion")))
        work.start()
        started.wait()
        pauses, last = [], time.monotonic()
        while work.is_alive():
            time.sleep(0.001)
            pauses.append(time.monotonic() - last)
            last = time.monotonic()
        # Held for the whole of it, there would be one pause; the machine may be busy with other things.
        self.assertGreater(len(pauses), 5)


class Page(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.model = vitrine.Model(WWW / "models/in-hospital-mortality-2.onnx")

    def test_the_file_holds_network_manifest_and_stays(self):
        labels = {STAYS[0].name: 1}
        path = vitrine.save(self.model, [STAYS[0], self.model.read(STAYS[1])], self.folder / "a.html", labels=labels)
        files = unpacked(path.read_text(encoding="utf-8"))
        inside = vitrine.Model(files["models/in-hospital-mortality-2.onnx"])
        self.assertEqual(inside.manifest_source, "inside")
        self.assertEqual(inside.manifest, self.model.manifest)
        x = np.zeros((48, 76), np.float32)
        self.assertEqual(inside.predict(x), self.model.predict(x))
        listed = json.loads(files["stays/index.json"])
        self.assertEqual([one["file"] for one in listed], [STAYS[0].name, STAYS[1].name])
        self.assertEqual([one.get("trueLabel") for one in listed], [1, None])
        self.assertEqual(files[f"stays/{STAYS[0].name}"], STAYS[0].read_bytes())
        self.assertIn(b"wasm", files["../pkg/vitrine_bg.wasm"][:4] + b"wasm")

    def test_a_record_is_read_in_the_page_as_it_was_read_here(self):
        text = "patient,hours,hr\na,0.5,90\na,1.5,95\nb,0.5,120\nb,1.5,130\n"
        mapping = {"variables": {"hr": "Heart Rate"}}
        read = [self.model.read(text, name="two.csv", patient=who, mapping=mapping) for who in "ab"]
        files = unpacked(vitrine.save(self.model, read, self.folder / "a.html").read_text(encoding="utf-8"))
        listed = json.loads(files["stays/index.json"])
        self.assertEqual([one["options"] for one in listed], [{"patient": who, "mapping": mapping} for who in "ab"])
        self.assertEqual([one["name"] for one in listed], ["two.csv", "2-two.csv"])
        self.assertEqual(len({one["file"] for one in listed}), 2)
        for one, stay in zip(listed, read):
            again = self.model.read(files[f"stays/{one['file']}"], **one["options"])
            np.testing.assert_array_equal(again.input, stay.input)

    def test_the_policy_is_that_of_the_one_file(self):
        made_page = vitrine.save(self.model, [STAYS[0]], self.folder / "a.html").read_text(encoding="utf-8")
        made = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')
        empty = (page.DATA / "page.html").read_text(encoding="utf-8")
        self.assertEqual(made.search(made_page)[1], made.search(empty)[1])
        self.assertIn("connect-src 'none'", made.search(made_page)[1])
        scripts = re.findall(r"<script>(.*?)</script>", made_page, re.DOTALL)
        for script in scripts:
            digest = hashlib.sha256(script.encode()).digest()
            self.assertIn(base64.b64encode(digest).decode(), made.search(made_page)[1])
        self.assertEqual(len(scripts), 2)

    def test_a_name_that_is_taken_or_hostile_is_another(self):
        evil = '"><script>alert(1)</script>.onnx'
        files = {"stays/a.csv": b"old"}
        self.assertEqual(page._put(files, "stays", "a.csv", b"new"), "2-a.csv")
        self.assertEqual(page._put(files, "stays", "../../a.csv", b"x"), "_.._a.csv")
        self.assertNotRegex(page._put(files, "models", evil, b"x"), '[<>"/]')

    def test_seven_bits_a_character_come_back(self):
        rng = np.random.default_rng(2)
        for size in (0, 1, 2, 6, 7, 8, 13, 1000):
            data = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
            for given in (data, b"\0" * size, b"<\r\0" * size):
                text = page._septets(given)
                self.assertNotRegex(text, "[\0\r<]")
                self.assertEqual(decoded(text), given)

    def test_what_is_no_record_is_refused(self):
        out = self.folder / "a.html"
        for stays, words in [
            ([np.zeros((48, 76))], "ndarray is no record"),
            ([], "there is none"),
            ([NO_RECORD], "^record: "),
        ]:
            with self.subTest(words), self.assertRaisesRegex(vitrine.Error, words):
                vitrine.save(self.model, stays, out)
        with self.assertRaisesRegex(vitrine.Error, "no stay is called 'b'"):
            vitrine.save(self.model, [STAYS[0]], out, labels={"b": 1})
        self.assertFalse(out.exists())

    def test_a_notebook_cell_has_a_sandbox_and_a_picture(self):
        shown = vitrine.show(self.model, STAYS[0])._repr_html_()
        self.assertRegex(shown, r'^<img alt="[^"]+" src="data:image/svg\+xml;base64,[\w+/=]+"><iframe ')
        self.assertIn('sandbox="allow-scripts allow-downloads"', shown)
        frame = re.search(r'srcdoc="([^"]*)"', shown)[1]
        files = unpacked(html.unescape(frame))
        self.assertIn("models/in-hospital-mortality-2.onnx", files)

    def test_make_single_gives_the_same_page_without_the_engine(self):
        command = [sys.executable, ROOT / "python/vitrine/page.py", "--data", page.DATA, "--out", self.folder / "b.html"]
        given = [WWW / "models/in-hospital-mortality-2.onnx", STAYS[0]]
        path = {**os.environ, "PYTHONPATH": ""}
        done = subprocess.run([*command, *given], env=path, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        files = unpacked((self.folder / "b.html").read_text(encoding="utf-8"))
        self.assertEqual(files["models/in-hospital-mortality-2.onnx"], given[0].read_bytes())

    def test_weights_in_a_second_file_go_into_the_page(self):
        network = ROOT / "tests/fixtures/families/lstm-dynamo.onnx"
        model = vitrine.Model(network)
        x = np.random.default_rng(4).normal(size=(1, model.steps, model.columns)).astype("f4")

        def says(onnx):
            session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
            return session.run(None, {session.get_inputs()[0].name: x})[0].tobytes()

        saved = unpacked(vitrine.save(model, [x[0]], self.folder / "a.html").read_text(encoding="utf-8"))
        self.assertEqual(says(saved["models/lstm-dynamo.onnx"]), says(network))
        self.assertIn("models/lstm-dynamo.onnx", unpacked(page._page_of(model, [x[0]], {})))
        command = [sys.executable, ROOT / "python/vitrine/page.py", "--data", page.DATA, "--out", self.folder / "b.html"]
        alone = self.folder / network.name
        alone.write_bytes(network.read_bytes())
        for given, code, words in [(network, 0, ""), (alone, 1, 'second file, "lstm-dynamo.onnx.data", which is not beside')]:
            done = subprocess.run([*command, given, STAYS[0]], capture_output=True, text=True)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)
        made = unpacked((self.folder / "b.html").read_text(encoding="utf-8"))
        self.assertEqual(says(made["models/lstm-dynamo.onnx"]), says(network))

    def test_a_second_file_is_read_within_its_folder_and_its_length(self):
        network = ROOT / "tests/fixtures/families/lstm-dynamo.onnx"
        onnx, weights = network.read_bytes(), Path(f"{network}.data").read_bytes()
        with self.assertRaisesRegex(errors.ModelError, "belongs to another model, or is cut short"):
            with_weights(onnx, lambda _: weights[:-1])
        with self.assertRaisesRegex(errors.ModelError, "cut off"):
            with_weights(onnx[:-1], lambda _: weights)
        for name in ("../families/lstm-dynamo.onnx.data", str(network)):
            with self.subTest(name), self.assertRaisesRegex(vitrine.Error, "which is not beside"):
                page._beside(self.folder / "network.onnx", name)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_(self, *arguments):
        command = [sys.executable, "-m", "vitrine", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_folder_becomes_a_table_and_is_gone_on_with(self):
        (self.folder / "in").mkdir()
        for path in STAYS[:3]:
            (self.folder / "in" / path.name).write_bytes(path.read_bytes())
        (self.folder / "in/broken.csv").write_text(NO_RECORD)
        out = self.folder / "out.csv"
        arguments = ("explain", self.folder / "in", "--model", MODEL, "--out", out)
        done = self.run_(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 stays explained, 1 could not be read", done.stderr)
        first = out.read_text()
        lines = first.splitlines()
        self.assertEqual(len(lines), 5)
        # As if stopped in the middle of the last row.
        out.write_text(first[: first.rstrip().rfind("\n") + 9])
        done = self.run_(*arguments)
        self.assertIn("3 were there already", done.stderr)
        self.assertEqual(sorted(out.read_text().splitlines()), sorted(lines))
        row = next(line for line in lines if line.startswith(STAYS[0].name)).split(",")
        explanation = vitrine.Model(MODEL).explain(vitrine.Model(MODEL).read(STAYS[0]))
        self.assertEqual([float(cell) for cell in row[2:5]], [explanation.probability, explanation.score, explanation.residual])
        value, mask = explanation.cells()
        np.testing.assert_allclose([float(cell) for cell in row[8:-1]], (value + mask).sum(axis=1), atol=1e-4)
        self.assertIn("record: ", next(line for line in lines if line.startswith("broken")))
        done = self.run_(*arguments, "--cells")
        self.assertEqual(done.returncode, 1)
        self.assertIn("its header is not what", done.stderr)

    def test_a_page_is_made_on_the_command_line(self):
        out = self.folder / "explain.html"
        done = self.run_("page", MODEL, STAYS[0], "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("stays/index.json", unpacked(out.read_text(encoding="utf-8")))
        folder = self.folder / "stays"
        folder.mkdir()
        (folder / "a.csv").write_text(Path(STAYS[0]).read_text())
        (folder / "index.json").write_text('[{"file": "a.csv"}]')
        done = self.run_("page", MODEL, folder, "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = json.loads(unpacked(out.read_text(encoding="utf-8"))["stays/index.json"])
        self.assertEqual([one["file"] for one in listed], ["a.csv"])
        done = self.run_("page", MODEL, self.folder / "none.csv")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)


class Surface(unittest.TestCase):
    def test_what_is_promised_is_there(self):
        self.assertEqual(vitrine.__version__, re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1])
        for name in vitrine.__all__:
            self.assertTrue(getattr(vitrine, name).__doc__, name)
        self.assertTrue(Path(vitrine.__file__).with_name("py.typed").exists())

    def test_names_are_those_of_javascript(self):
        declared = (ROOT / "pkg/vitrine.d.ts").read_text()
        ledger = re.search(r"export interface Ledger \{([^}]*)\}", declared)[1]
        names = re.findall(r"(\w+): number", ledger)
        explanation = vitrine.Model(MODEL).explain(np.zeros((48, 76), np.float32))
        self.assertEqual(sorted(explanation.ledger), sorted(names))
        methods = re.search(r"method\?: ([^;]*);", declared)[1]
        from vitrine.model import Method

        self.assertEqual(sorted(Method.__args__), sorted(re.findall(r'"([\w-]+)"', methods)))


def small():
    """A network of 12 steps and 5 columns, and an input of it."""
    model = vitrine.Model(ROOT / "tests/fixtures/families/lstm-torchscript.onnx")
    return model, np.random.default_rng(3).normal(size=(12, 5)).astype(np.float32)


class Documents(unittest.TestCase):
    """The blocks of the documents, as they stand there."""

    def folder(self):
        folder = folder_for(self)
        (folder / "model.onnx").write_bytes(MODEL.read_bytes())
        (folder / "stay.csv").write_bytes(STAYS[0].read_bytes())
        return folder

    def test_one_stay(self):
        run_blocks(ROOT, blocks("docs/python.md"))

    def test_the_readmes(self):
        folder = self.folder()
        run_blocks(folder, [block for block in blocks("README.md") if "vitrine." in block])
        self.assertGreater((folder / "explain.html").stat().st_size, 1 << 20)
        run_blocks(folder, blocks("python/README.md"))

    def test_a_model_card(self):
        folder = self.folder()
        run_blocks(folder, blocks("docs/python.md", "python card"))
        self.assertTrue((folder / "relevance.svg").read_text(encoding="utf-8").startswith("<svg"))

    def test_beside_a_run(self):
        folder = self.folder()
        # A store of files needs no database, and newer versions want to be told that it is meant. MLflow reports to its
        # makers unless told not to, and tests speak with nobody.
        os.environ |= {
            "MLFLOW_TRACKING_URI": (folder / "runs").as_uri(),
            "MLFLOW_ALLOW_FILE_STORE": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        run_blocks(folder, blocks("docs/python.md", "python mlflow"))
        (kept,) = (folder / "runs").rglob("artifacts/explain.html")
        self.assertEqual(kept.read_bytes(), (folder / "explain.html").read_bytes())


def decoded(text):
    """Septets as bytes, as tools/single/loader.js reads them."""
    length, _, rest = text.partition(",")
    out, bits, count = bytearray(), 0, 0
    for character in rest:
        code = ord(character)
        for septet in [*([[0x00, 0x0D, 0x3C][(code >> 7) - 1]] if code >= 0x80 else []), code & 0x7F]:
            bits, count = (bits << 7 | septet) & 0x3FFF, count + 7
            if count >= 8:
                count -= 8
                out.append(bits >> count & 0xFF)
    return bytes(out[: int(length)])


def unpacked(text):
    """The files of a page, as tools/single/loader.js unpacks them."""
    data = zlib.decompress(decoded(re.search(r'id="vitrine-files">(.*?)</script>', text, re.DOTALL)[1]), -15)
    at = 4 + int.from_bytes(data[:4], "little")
    files = {}
    for name, size in json.loads(data[4:at]):
        files[name] = data[at : at + size]
        at += size
    return files


if __name__ == "__main__":
    unittest.main()
