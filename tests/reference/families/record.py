"""What is written beside every file: onnxruntime's outputs for the seeded inputs, and a line in the index."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .inputs import N_SETS, input_set

FOLDER = Path(__file__).resolve().parent.parent.parent / "fixtures" / "families"
INDEX = FOLDER / "index.json"
HALF = {TensorProto.FLOAT16, TensorProto.DOUBLE}


@dataclass
class Case:
    """A file that an exporter wrote. `path` is relative to the folder of the index."""

    name: str
    family: str
    exporter: str
    inputs: list
    path: str = ""
    padding: str = ""
    note: str = ""


def seed(name):
    """A file's weights depend on its name alone."""
    return zlib.crc32(name.encode()) % 2**31


def strip_debug(path):
    """Drops notes on nodes and values: stack traces with the paths of the machine that exported."""
    model = onnx.load(path, load_external_data=False)
    for graph in graphs(model.graph):
        for item in [*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer]:
            del item.metadata_props[:]
            item.doc_string = ""
    onnx.save(model, path)


def graphs(graph):
    """The graph and every graph inside it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)


def in_float32(model):
    """The model with every float16 and float64 turned into float32: what such a file means without its rounding."""
    for graph in graphs(model.graph):
        for tensor in graph.initializer:
            if tensor.data_type in HALF:
                tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
        for value in [*graph.input, *graph.output, *graph.value_info]:
            if value.type.tensor_type.elem_type in HALF:
                value.type.tensor_type.elem_type = TensorProto.FLOAT
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.name == "to" and attribute.i in HALF:
                    attribute.i = TensorProto.FLOAT
                if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in HALF:
                    array = numpy_helper.to_array(attribute.t).astype(np.float32)
                    attribute.CopyFrom(helper.make_attribute(attribute.name, numpy_helper.from_array(array)))
    return model


def session(model):
    """A session on a path or on bytes; one thread, so that sums are taken in one order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # an operator without a kernel is an exception too
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def is_float32(case):
    model = onnx.load(FOLDER / case.path, load_external_data=False)
    return not any(tensor.data_type in HALF for graph in graphs(model.graph) for tensor in graph.initializer)


def outputs_of(case):
    """onnxruntime's outputs: one array a graph output, `[N_SETS, ...]`; and how far the file as it is strays from
    them, where they are those of its float32 form."""
    path = FOLDER / case.path
    sets = [input_set(k, case.inputs, case.padding) for k in range(N_SETS)]
    if is_float32(case):
        run = session(str(path))
        return collect(run, sets), None
    singles = [
        {name: value.astype(np.float32) if value.dtype.kind == "f" else value for name, value in s.items()}
        for s in sets
    ]
    outputs = collect(session(in_float32(onnx.load(path)).SerializeToString()), singles)
    try:
        as_is = collect(session(str(path)), sets)
    except Exception as error:  # onnxruntime has no float16 or float64 kernel for every operator
        return outputs, f"does not run: {str(error).splitlines()[0][:100]}"
    return outputs, float(max(np.abs(a.astype(float) - b).max() for a, b in zip(as_is, outputs)))


def collect(run, sets):
    results = [run.run(None, feed) for feed in sets]
    return [np.stack(column) for column in zip(*results)]


def n_parameters(model):
    """Numbers in the initializers that are floating-point and no scalars of arithmetic."""
    floats = {TensorProto.FLOAT, *HALF}
    tensors = [t for graph in graphs(model.graph) for t in graph.initializer if t.data_type in floats]
    return int(sum(np.prod(t.dims) for t in tensors if len(t.dims)))


def record(case):
    """The index entry; writes NAME.expected.f32."""
    case.path = case.path or f"{case.name}.onnx"
    model = onnx.load(FOLDER / case.path, load_external_data=False)
    try:
        onnx.checker.check_model(str(FOLDER / case.path))
    except onnx.checker.ValidationError as error:  # real converters write such files, and onnxruntime runs them
        case.note = "; ".join(filter(None, [case.note, f"onnx.checker: {str(error).splitlines()[0][:60]}"]))
    outputs, strays = outputs_of(case)
    # Labels and conditions are left out, where they stand beside numbers.
    pairs = [(info, output) for info, output in zip(model.graph.output, outputs) if output.dtype.kind == "f"]
    outputs = [output for _, output in pairs]
    rows = np.concatenate([output.reshape(N_SETS, -1) for output in outputs], axis=1).astype("<f4")
    if not np.isfinite(rows).all() or rows.std(axis=0).max() < 1e-3:
        raise SystemExit(f"families/{case.name}: outputs are not finite, or the same for every input")
    rows.tofile(FOLDER / f"{case.name}.expected.f32")
    kinds = [node.op_type for graph in graphs(model.graph) for node in graph.node]
    entry = {
        "name": case.name,
        "path": case.path,
        "family": case.family,
        "exporter": case.exporter,
        "opset": max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0),
        "parameters": n_parameters(model),
        "inputs": case.inputs,
        "outputs": [
            {"name": info.name, "shape": list(output.shape[1:])} for info, output in pairs
        ],
        "n_outputs": rows.shape[1],
        "expected": f"{case.name}.expected.f32",
        "nodes": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    data = sorted({e.value for t in model.graph.initializer for e in t.external_data if e.key == "location"})
    for key, value in (("data", data), ("padding", case.padding), ("note", case.note)):
        if value:
            entry[key] = value
    if strays is not None:
        entry["float32_form"] = strays
    return entry


def write_index(entries):
    """Merges the entries into the index, by name."""
    known = {entry["name"]: entry for entry in json.loads(INDEX.read_text())["files"]} if INDEX.exists() else {}
    known.update({entry["name"]: entry for entry in entries})
    files = [known[name] for name in sorted(known) if (FOLDER / known[name]["path"]).exists()]
    head = {
        "format": "vitrine-families/1",
        "sets": N_SETS,
        "onnxruntime": onnxruntime.__version__,
        "onnx": onnx.__version__,
    }
    lines = ",\n".join("  " + json.dumps(entry) for entry in files)
    INDEX.write_text(json.dumps(head)[:-1] + ', "files": [\n' + lines + "\n]}\n")
