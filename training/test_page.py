"""Training reads what the page reads: the same record gives the same tensor.

`records/*.txt` are made up; beside each stands the tensor that this folder's reader makes of it by the built-in manifest, little-endian
float32 [48 * 76], and `tests/records/houses.rs` holds the page's reader to the same bytes. `VITRINE_BLESS=1` writes them anew. Where the
challenge's own records are there, the engine in `pkg/` reads all 8,000 in Node and every tensor is compared.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

import numpy as np

import physionet2012
from channels import CHANNELS, MANIFEST, ROOT
from discretise import encode

RECORDS = ROOT / "training/records"
DATA = Path(os.environ.get("VITRINE_DATA", ROOT / "../shared/data")) / "physionet2012"
PKG = Path(os.environ.get("VITRINE_PKG", ROOT / "pkg"))
SCALING = np.array([(channel.mean, channel.std) for channel in CHANNELS])

READ = """
import fs from "node:fs";
const [pkg, model, manifest, list, out] = process.argv.slice(2);
const { initSync, Model, Stay } = await import(`${pkg}/vitrine.js`);
initSync({ module: fs.readFileSync(`${pkg}/vitrine_bg.wasm`) });
const network = new Model(fs.readFileSync(model), fs.readFileSync(manifest, "utf8"));
const refused = [], to = fs.openSync(out, "w");
for (const file of JSON.parse(fs.readFileSync(list, "utf8"))) {
  let input = new Float32Array(48 * 76);
  try {
    // Stays that are kept make the engine's memory grow, which takes longer than reading them.
    const stay = Stay.parse(fs.readFileSync(file, "utf8"), network, { format: "physionet2012" });
    input = stay.input;
    stay.free();
  } catch (error) { refused.push([file, String(error)]); }
  fs.writeSync(to, new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
}
console.log(JSON.stringify(refused));
"""


def tensor(text: str) -> np.ndarray:
    """The network's input of a record as training reads it, as far as the page can."""
    codes = physionet2012._codes(physionet2012._rows(text), np.random.default_rng(0), is_read=True)
    return encode(physionet2012.as_read(codes), SCALING)


class MadeUp(unittest.TestCase):
    def test_the_committed_tensors(self):
        records = sorted(RECORDS.glob("*.txt"))
        self.assertGreaterEqual(len(records), 4)
        for record in records:
            got, kept = tensor(record.read_text(encoding="utf-8")), record.with_suffix(".input.f32")
            if os.environ.get("VITRINE_BLESS"):
                kept.write_bytes(got.astype("<f4").tobytes())
            np.testing.assert_array_equal(got, np.frombuffer(kept.read_bytes(), "<f4").reshape(48, 76), err_msg=record.name)


@unittest.skipUnless((DATA / "set-a.tar.xz").is_file(), "no PhysioNet 2012 in the data folder")
@unittest.skipUnless(shutil.which("node"), "no Node")
class Challenge(unittest.TestCase):
    def test_the_page_reads_every_record_so(self):
        with tempfile.TemporaryDirectory() as folder:
            for part in "ab":
                with tarfile.open(DATA / f"set-{part}.tar.xz") as tar:
                    tar.extractall(folder, filter="data")
            files = sorted(str(file) for file in Path(folder).glob("set-?/*.txt") if file.stem.isdigit())
            self.assertEqual(len(files), 8000)
            by_page, refused = self.read(Path(folder), files)
            for file, page in zip(files, by_page):
                got = tensor(Path(file).read_text(encoding="utf-8"))
                if file in refused:
                    # The page refuses a record that holds no measurement; training sees its tensor of normal values.
                    self.assertIn("nothing to predict from", refused[file])
                    self.assertEqual(got[:, 59:].sum(), 0)
                else:
                    np.testing.assert_array_equal(got, page, err_msg=file)

    def read(self, folder, files):
        script, manifest, names, out = (folder / name for name in ("read.mjs", "manifest.json", "files.json", "out.f32"))
        script.write_text(READ)
        manifest.write_text(json.dumps(MANIFEST))
        names.write_text(json.dumps(files))
        model = ROOT / "www/models/in-hospital-mortality.onnx"
        told = subprocess.run(["node", script, PKG.resolve(), model, manifest, names, out], check=True, capture_output=True, text=True)
        refused = dict(json.loads(told.stdout.splitlines()[-1]))
        return np.fromfile(out, "<f4").reshape(-1, 48, 76), refused


if __name__ == "__main__":
    unittest.main()
