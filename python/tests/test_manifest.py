"""vitrine.manifest: what it refuses, what it makes of real preprocessing, and that the JSON schema agrees."""

import copy
import json
import pickle
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema
import numpy as np
import onnx
import pandas
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

import vitrine
from common import ROOT, blocks, commands, folder_for, run_blocks, run_commands
from vitrine import manifest as tool

CASES = json.loads((ROOT / "tests/fixtures/manifest/cases.json").read_text())
SCHEMA = json.loads((ROOT / "docs/manifest.schema.json").read_text())
MODEL = ROOT / "tests/fixtures/families/lstm-torchscript.onnx"  # 12 steps, 5 columns, one output


def changed(case):
    """The base manifest with the case's one value changed."""
    manifest = copy.deepcopy(CASES["bases"][case["base"]])
    *keys, last = [int(key) if key.isdigit() else key for key in re.findall(r"\w+", case["path"])]
    place = manifest
    for key in keys:
        place = place[key]
    place[last] = case["value"]
    return manifest


def frame():
    rng = np.random.default_rng(3)
    numbers = {"Heart Rate": rng.normal(90, 15, 200), "pH": rng.normal(7.4, 0.1, 200)}
    return pandas.DataFrame({**numbers, "Verbal": rng.choice(["none", "words", "oriented"], 200, p=[0.2, 0.2, 0.6])})


class Validation(unittest.TestCase):
    def test_the_field_is_named_as_the_engine_names_it(self):
        for case in CASES["cases"]:
            with self.subTest(case["path"], value=case["value"]):
                if case["field"] is None:
                    tool.validate(changed(case))
                    continue
                with self.assertRaises(tool.ManifestError) as caught:
                    tool.validate(changed(case))
                self.assertEqual(caught.exception.field, case["field"], str(caught.exception))

    def test_the_schema_agrees_where_a_schema_can(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        validator = jsonschema.Draft202012Validator(SCHEMA)
        for case in CASES["cases"]:
            refuses = case["field"] is not None and case["schema"]
            self.assertEqual(not validator.is_valid(changed(case)), refuses, case)

    def test_the_committed_manifests_are_sound(self):
        validator = jsonschema.Draft202012Validator(SCHEMA)
        manifests = [json.loads((ROOT / "src/stay/manifest_mimic3.json").read_text())]
        manifests += [m for m in map(tool.read, sorted((ROOT / "www/models").glob("*.onnx"))) if m]
        self.assertGreaterEqual(len(manifests), 2)
        codes = json.loads((ROOT / "src/stay/codes_builtin.json").read_text())
        manifests.append({**manifests[0], "codes": codes})
        for manifest in manifests:
            validator.validate(tool.validate(manifest))

    def test_unknown_fields_are_named(self):
        for path in ("", "outcomes[0]", "channels[0]", "channels[1].encoding"):
            manifest = copy.deepcopy(CASES["bases"]["stay"])
            place = manifest
            for key in re.findall(r"\w+", path):
                place = place[int(key) if key.isdigit() else key]
            place["colour"] = "red"
            with self.assertRaises(tool.ManifestError) as caught:
                tool.validate(manifest)
            self.assertEqual(caught.exception.field, f"{path}.colour".lstrip("."))


class Preprocessing(unittest.TestCase):
    def test_a_standard_scaler(self):
        values = frame()[["Heart Rate", "pH"]]
        scaler = StandardScaler().fit(values)
        manifest = tool.from_scaler(
            scaler,
            48,
            ["death"],
            units={"Heart Rate": "/min"},
            normals={"pH": 7.4},
            masks=True,
            groups={"pH": "metabolic"},
        )
        self.assertEqual([c["columns"] for c in manifest["channels"]], [[0], [1]])
        self.assertEqual([c["mask"] for c in manifest["channels"]], [2, 3])
        self.assertEqual(manifest["columns"], 4)
        heart, ph = manifest["channels"]
        self.assertEqual((heart["unit"], ph["encoding"]["normal"], ph["group"]), ("/min", 7.4, "metabolic"))
        for channel, column in zip(manifest["channels"], scaler.transform(values).T):
            by_manifest = (values[channel["name"]] - channel["encoding"]["mean"]) / channel["encoding"]["std"]
            np.testing.assert_allclose(by_manifest, column, rtol=1e-12)

    def test_masks_and_times_behind_the_values(self):
        values = frame()[["Heart Rate", "pH"]]
        scaler = StandardScaler().fit(values)
        manifest = tool.from_scaler(scaler, 48, ["death"], masks=True, deltas={"counts": "age", "std": 24})
        self.assertEqual([c["delta"] for c in manifest["channels"]], [{"counts": "age", "std": 24, "column": k} for k in (4, 5)])
        self.assertEqual(manifest["columns"], 6)
        with self.assertRaisesRegex(tool.ManifestError, "give masks=True"):
            tool.from_scaler(scaler, 48, ["death"], deltas={})
        for field, value in [("counts", "days"), ("std", 0), ("most", -1), ("mean", "0")]:
            wrong = copy.deepcopy(manifest)
            wrong["channels"][0]["delta"][field] = value
            with self.assertRaises(tool.ManifestError) as caught:
                tool.validate(wrong)
            self.assertEqual(caught.exception.field, f"channels[0].delta.{field}")

    def test_a_column_transformer(self):
        values = frame()
        transformer = ColumnTransformer(
            [("n", StandardScaler(), ["pH", "Heart Rate"]), ("c", OneHotEncoder(sparse_output=False), ["Verbal"])]
        ).fit(values)
        manifest = tool.from_transformer(transformer, 24, ["death"], step_hours=2.0)
        self.assertEqual([c["name"] for c in manifest["channels"]], ["pH", "Heart Rate", "Verbal"])
        matrix = transformer.transform(values)
        self.assertEqual(manifest["columns"], matrix.shape[1])
        verbal = manifest["channels"][2]
        for row, word in zip(matrix, values["Verbal"]):
            expected = [float(category == word) for category in verbal["encoding"]["categories"]]
            self.assertEqual(list(row[verbal["columns"]]), expected)
        bad = ColumnTransformer([("n", MinMaxScaler(), ["pH"])]).fit(values)
        with self.assertRaisesRegex(tool.ManifestError, "field n: is a MinMaxScaler"):
            tool.from_transformer(bad, 24, ["death"])
        dropped = ColumnTransformer([("c", OneHotEncoder(drop="first"), ["Verbal"])]).fit(values)
        with self.assertRaisesRegex(tool.ManifestError, "leaves categories out"):
            tool.from_transformer(dropped, 24, ["death"])

    def test_a_frame(self):
        values = frame()
        order = ["none", "words", "oriented"]
        values["Verbal"] = pandas.Categorical(values["Verbal"], order)
        manifest = tool.from_frame(values, 48, ["death"], units={"pH": "pH"}, plausible={"pH": (6.5, 8.0)})
        verbal = manifest["channels"][2]["encoding"]
        self.assertEqual((verbal["categories"], verbal["ordinals"], verbal["normal"]), (order, [0, 1, 2], "oriented"))
        ph = manifest["channels"][1]
        self.assertAlmostEqual(ph["encoding"]["std"], StandardScaler().fit(values[["pH"]]).scale_[0], places=12)
        self.assertEqual(ph["plausible"], [6.5, 8.0])
        with self.assertRaisesRegex(tool.ManifestError, 'field units: names "Ph"'):
            tool.from_frame(values, 48, ["death"], units={"Ph": "pH"})
        with self.assertRaisesRegex(tool.ManifestError, "field unit: is no option"):
            tool.from_frame(values, 48, ["death"], unit={"pH": "pH"})
        # Numbers that came as text are no categories, unless that is said.
        codes = values["pH"].round().astype(int).astype(str)
        with self.assertRaisesRegex(tool.ManifestError, "field pH: holds numbers as text.*pandas.to_numeric"):
            tool.from_frame(values.assign(pH=codes), 48, ["death"])
        coded = tool.from_frame(values.assign(pH=codes.astype("category")), 48, ["death"])
        self.assertEqual(coded["channels"][1]["encoding"]["kind"], "one-hot")


class Runs:
    """Says aloud that it was unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


class Normaliser(unittest.TestCase):
    def file(self, value, protocol=2):
        path = Path(self.folder.name) / "ihm.normalizer"
        path.write_bytes(pickle.dumps(value, protocol=protocol))
        return path

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        rng = np.random.default_rng(5)
        self.good = {"means": rng.normal(50, 20, 76), "stds": rng.uniform(0.5, 20, 76)}

    def test_the_numbers_are_those_of_the_pickle(self):
        for value in (self.good, dict(reversed(self.good.items()))):
            means, deviations = tool.read_normaliser(self.file(value))
            self.assertEqual(means, self.good["means"].tolist())
            self.assertEqual(deviations, self.good["stds"].tolist())

    def test_bytes_as_python_2_wrote_them_are_read(self):
        """Python 2 wrote an array's bytes as a byte string, and numpy's module under its old name."""

        def text(word):
            return b"U" + bytes([len(word)]) + word.encode()

        def array(values):
            raw = np.asarray(values, "<f8").tobytes()
            shape = b"K\x4c\x85"
            kind = (
                b"cnumpy\ndtype\n"
                + text("f8")
                + b"K\x00K\x01\x87R(K\x03"
                + text("<")
                + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
            )
            start = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text("b") + b"\x87R"
            return start + b"(K\x01" + shape + kind + b"\x89T" + len(raw).to_bytes(4, "little") + raw + b"tb"

        data = (
            b"\x80\x02}(" + text("means") + array(self.good["means"]) + text("stds") + array(self.good["stds"]) + b"u."
        )
        self.assertEqual(pickle.loads(data, encoding="latin-1")["stds"].tolist(), self.good["stds"].tolist())
        path = Path(self.folder.name) / "python2.normalizer"
        path.write_bytes(data)
        self.assertEqual(tool.read_normaliser(path)[0], self.good["means"].tolist())

    def test_anything_else_is_refused_and_never_run(self):
        means = self.good["means"]
        for value, word in [
            ({"means": Runs(), "stds": means}, "exec"),
            ({**self.good, "more": Path("x")}, "pathlib"),
            ({"means": means}, "means and stds are wanted"),
            ({"means": means[:75], "stds": means}, "means and stds are wanted"),
            ({"means": means.astype("f4"), "stds": means}, "means and stds are wanted"),
            ({"means": np.full(76, np.nan), "stds": self.good["stds"]}, "not finite"),
            ({"means": means, "stds": np.zeros(76)}, "not above zero"),
        ]:
            with self.assertRaisesRegex(tool.ManifestError, word):
                tool.read_normaliser(self.file(value))
        path = Path(self.folder.name) / "text"
        path.write_bytes(b"not a pickle")
        with self.assertRaisesRegex(tool.ManifestError, "is no pickle"):
            tool.read_normaliser(path)

    def test_the_benchmarks_manifest_has_them(self):
        manifest = tool.benchmark(self.file(self.good))
        scaled = [c for c in manifest["channels"] if c["encoding"]["kind"] == "continuous"]
        self.assertEqual(len(scaled), 12)
        for channel in scaled:
            self.assertEqual(channel["encoding"]["mean"], self.good["means"][channel["columns"][0]])


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "model.onnx"
        self.path.write_bytes(MODEL.read_bytes())

    def manifest(self, columns=5, steps=12, outcomes=("death",)):
        values = pandas.DataFrame(
            np.random.default_rng(1).normal(size=(9, columns)), columns=list("abcdefgh"[:columns])
        )
        return tool.from_frame(values, steps, list(outcomes))

    def test_other_metadata_and_the_graph_are_kept(self):
        model = onnx.load(self.path)
        onnx.helper.set_model_props(model, {"author": "us", "vitrine.manifest": "{}"})
        onnx.save(model, self.path)
        tool.write(self.path, self.manifest())
        after = onnx.load(self.path)
        self.assertEqual(after.graph, model.graph)
        self.assertEqual({e.key for e in after.metadata_props}, {"author", "vitrine.manifest"})
        self.assertEqual(tool.read(self.path), self.manifest())

    def test_a_manifest_of_another_shape_is_refused_and_the_file_left_alone(self):
        before = self.path.read_bytes()
        for manifest, field in [
            (self.manifest(columns=4), "columns"),
            (self.manifest(steps=13), "steps"),
            (self.manifest(outcomes=("a", "b")), "outcomes"),
        ]:
            with self.assertRaises(tool.ManifestError) as caught:
                tool.write(self.path, manifest)
            self.assertEqual(caught.exception.field, field)
        self.assertEqual(self.path.read_bytes(), before)

    def test_the_commands(self):
        def run(*arguments):
            command = [sys.executable, "-m", "vitrine", "manifest", *map(str, arguments)]
            return subprocess.run(command, capture_output=True, text=True)

        meaning = Path(self.folder.name) / "manifest.json"
        meaning.write_text(json.dumps(self.manifest()))
        self.assertEqual(run("write", self.path, meaning).returncode, 0)
        self.assertIn("12 x 5, 5 channels", run("check", self.path).stdout)
        meaning.write_text(json.dumps({**self.manifest(), "steps": "12"}))
        failed = run("write", self.path, meaning)
        self.assertEqual(
            (failed.returncode, failed.stderr), (1, "error: field steps: has to be a whole number above 0\n")
        )


def recurrent(path, **inputs):
    """Writes an LSTM with one sigmoid, of these inputs: `n=[1]` is its length, `[1, columns]` joins its last state."""
    helper, kinds = onnx.helper, onnx.TensorProto
    sequence = [name for name, shape in inputs.items() if len(shape) == 3]
    fixed = [name for name, shape in inputs.items() if len(shape) == 2]
    width, more = (sum(inputs[name][-1] for name in names) for names in (sequence, fixed))
    rng = np.random.default_rng(6)
    shapes = {"W": (1, 12, width), "R": (1, 12, 3), "weight": (3 + more, 1)}
    weights = {name: rng.normal(0, 0.3, shape).astype("f4") for name, shape in shapes.items()}
    weights["axes"] = np.array([0])
    nodes = [
        helper.make_node("Concat", sequence, ["all"], axis=2),
        helper.make_node("Transpose", ["all"], ["steps"], perm=[1, 0, 2]),
        helper.make_node("LSTM", ["steps", "W", "R", "", "n" if "n" in inputs else ""], ["", "h"], hidden_size=3),
        helper.make_node("Squeeze", ["h", "axes"], ["state"]),
        helper.make_node("Concat", ["state", *fixed], ["last"], axis=1),
        helper.make_node("MatMul", ["last", "weight"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["risk"]),
    ]
    kind = {name: kinds.INT32 if name == "n" else kinds.FLOAT for name in inputs}
    graph = helper.make_graph(
        nodes,
        "recurrent",
        [helper.make_tensor_value_info(name, kind[name], shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("risk", kinds.FLOAT, [1, 1])],
        [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


class Documents(unittest.TestCase):
    """The blocks of docs/manifest.md as they stand there; one that is a part is laid into a sound manifest."""

    def setUp(self):
        self.folder = folder_for(self)
        self.path = self.folder / "model.onnx"

    def sound(self, manifest, **inputs):
        """Has engine, command and schema read a manifest for a network of these inputs; gives the model."""
        recurrent(self.path, **inputs)
        tool.validate(manifest)
        jsonschema.Draft202012Validator(SCHEMA).validate(manifest)
        model = vitrine.Model(self.path, manifest)
        self.assertEqual(model.manifest_source, "beside")
        return model

    def test_the_examples_in_json(self):
        example, inputs, delta, gap, calibration = blocks("docs/manifest.md", "json")
        model = self.sound(json.loads(example), x=[1, 2, 5])
        self.assertEqual([channel["name"] for channel in model.manifest["channels"]], ["Capillary refill rate", "pH"])

        scaler = StandardScaler().fit(np.random.default_rng(2).normal(size=(9, 17)))
        names = [f"v{k}" for k in range(17)]
        several = tool.from_scaler(scaler, 8, ["death"], names=names, masks=True, deltas={"counts": "gap"})
        several["channels"][2] = json.loads(delta)
        # Behind the sequence's columns: those of the two inputs that have no steps.
        plain = {"kind": "continuous", "mean": 0, "std": 1, "normal": 8}
        behind = [("age", 51), ("length", 52)]
        several["channels"] += [
            {"name": name, "label": name, "columns": [column], "static": True, "encoding": plain} for name, column in behind
        ]
        several |= {"columns": 53, **json.loads(f"{{{inputs}}}")}
        model = self.sound(several, x=[1, 8, 17], mask=[1, 8, 17], delta=[1, 8, 17], static=[1, 1], n=[1])
        self.assertEqual(model.manifest["channels"][2]["delta"]["std"], 24)

        built_in = json.loads((ROOT / "src/stay/manifest_mimic3.json").read_text())
        visits = {**built_in, "columns": 77, "channels": [*built_in["channels"], json.loads(gap)]}
        self.assertEqual(self.sound(visits, x=[1, 48, 77]).manifest["channels"][-1]["gap"]["counts"], "gap")

        built_in["outcomes"][0]["calibration"] = json.loads(calibration)
        held = self.sound(built_in, x=[1, 48, 76]).manifest["outcomes"][0]["calibration"]
        self.assertEqual(held["networks"], 5)

    def test_the_manifest_of_ones_own_preprocessing(self):
        values = frame()
        numbers = values[["Heart Rate", "pH"]]
        scales = [("numbers", StandardScaler(), list(numbers)), ("words", OneHotEncoder(), ["Verbal"])]
        given = {"scaler": StandardScaler().fit(numbers), "transformer": ColumnTransformer(scales).fit(values)}
        recurrent(self.path, x=[1, 48, 8])
        left = run_blocks(self.folder, blocks("docs/manifest.md"), frame=values, **given)
        self.assertEqual(tool.read(self.path), left["manifest"])
        self.assertEqual(vitrine.Model(self.path).manifest_source, "inside")

    def test_the_commands(self):
        recurrent(self.path, x=[1, 48, 76])
        built_in = json.loads((ROOT / "src/stay/manifest_mimic3.json").read_text())
        tool.write(self.path, built_in)
        (self.folder / "manifest.json").write_text(json.dumps(built_in))
        normaliser = {"means": np.full(76, 0.5), "stds": np.full(76, 2.0)}
        (self.folder / "ihm_ts1.0.normalizer").write_bytes(pickle.dumps(normaliser, protocol=2))
        check, write, benchmark = commands("docs/manifest.md")
        self.assertIn("48 x 76, 17 channels", run_commands(self.folder, check))
        run_commands(self.folder, write)
        self.assertEqual(tool.read(self.path), built_in)
        run_commands(self.folder, benchmark)
        encodings = [channel["encoding"] for channel in tool.read(self.path)["channels"]]
        self.assertEqual({encoding.get("mean") for encoding in encodings}, {None, 0.5})


if __name__ == "__main__":
    unittest.main()
