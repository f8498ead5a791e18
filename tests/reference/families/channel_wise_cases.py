"""The benchmark's network of ../make_exporters.py: its files lie in ../exporters, held to the same 20 inputs."""

import json

from .record import FOLDER, Case

INPUTS = {"shape": [1, 48, 76], "type": "float32"}


def cases(only):
    import onnx

    folder = FOLDER.parent / "exporters"
    for path in sorted(folder.glob("*.onnx")):
        name = path.stem.replace("_", "-")
        if only and name not in only:
            continue
        exporter = json.loads(path.with_suffix(".json").read_text())["exporter"]
        x = onnx.load(path, load_external_data=False).graph.input[0].name
        padding = "trailing" if "masking" in name else ""
        yield Case(
            name, "channel-wise, depth 1", exporter, [{"name": x, **INPUTS}], f"../exporters/{path.name}", padding
        )
