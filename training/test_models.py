"""The committed networks: five of one kind, with one manifest but for their names."""

import hashlib
import json
import unittest

from calibration import BYTES_MAX
from channels import MANIFEST, ROOT

MODELS = sorted((ROOT / "www/models").glob("in-hospital-mortality*.onnx"))


def manifest_of(path) -> dict:
    """The manifest in the metadata, found in the file's bytes so that no ONNX library is needed."""
    data = path.read_bytes()
    text = data[data.index(b'{"format":"vitrine-manifest/1"') :].decode("utf-8", errors="replace")
    return json.JSONDecoder().raw_decode(text)[0]


class Models(unittest.TestCase):
    def setUp(self):
        self.manifests = [manifest_of(path) for path in MODELS]

    def test_five_networks_share_all_but_their_names(self):
        self.assertEqual(len(MODELS), 5)
        names = {(one.pop("name"), one.pop("description")) for one in self.manifests}
        self.assertEqual(len(names), 5)
        for one in self.manifests[1:]:
            self.assertEqual(one, self.manifests[0])

    def test_the_files_are_those_that_were_measured(self):
        metrics = json.loads((ROOT / "training/metrics.json").read_text(encoding="utf-8"))
        digests = {one["name"]: one["sha256"] for one in metrics["export"]["files"]}
        self.assertEqual(digests, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in MODELS})

    def test_noise_and_limits_are_the_built_in_ones(self):
        for channel, built_in in zip(self.manifests[0]["channels"], MANIFEST["channels"]):
            self.assertGreater(channel["noise"], 0)
            self.assertEqual((channel["noise"], channel.get("limits")), (built_in["noise"], built_in.get("limits")))

    def test_limits_lie_within_what_is_plausible(self):
        limited = [channel for channel in MANIFEST["channels"] if "limits" in channel]
        self.assertGreaterEqual(len(limited), 13)
        for channel in limited:
            low, high = channel["limits"]["value"]
            least, most = channel.get("plausible", (min(channel["encoding"].get("ordinals", [0])), 15))
            self.assertTrue(least <= low < high <= most, channel["name"])
            self.assertTrue(channel["limits"]["change"][0] <= 0 <= channel["limits"]["change"][1], channel["name"])

    def test_calibration_is_of_the_five_together_and_small(self):
        calibration = self.manifests[0]["outcomes"][0]["calibration"]
        self.assertLess(len(json.dumps(calibration).encode()), BYTES_MAX)
        self.assertEqual(calibration["networks"], 5)
        shares = [one["events"] / one["stays"] for one in calibration["bins"]]
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(sum(one["stays"] for one in calibration["bins"]), 1600)


if __name__ == "__main__":
    unittest.main()
