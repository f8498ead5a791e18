"""Writes tests/fixtures/handbuilt: what onnxruntime makes of every other committed network, for the 20 drawn inputs of
families/inputs.py, so that docs/compatibility.md has a line for each.

    python tests/reference/make_handbuilt.py

Needs requirements.txt alone. A file's record is drawn as the engine reads it, [steps, columns], and laid into the file's
own input: batch first or time first, each entry of a batch the same, a picture upright. Of a batch the outputs of the
first entry are kept. onnxruntime has no `layout` 1: there each node runs time-major between two transpositions.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from families.inputs import N_SETS, TYPES, input_set
from families.record import session

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "tests/fixtures/handbuilt"
INDEX, EXPECTED = FOLDER / "index.json", FOLDER / "expected.f32"
FOLDERS = {
    "lstm": "one LSTM node",
    "gru": "one GRU node",
    "rnn": "one RNN node",
    "explain": "small network",
    "close": "close references",
    "obstacles": "met on the way",
    "graphs": "one operation",
    "loops": "Loops",
    "planted": "planted risk",
    "shapes": "form of the input",
    "heads": "no sigmoid",
    "recipes": "lstm",
    "../../www/models": "of the page",
}
NAMES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT32: "int32", onnx.TensorProto.INT64: "int64"}


def declared(model):
    """[(name, type, shape)] of the inputs that are no weights."""
    weights = {tensor.name for tensor in model.graph.initializer}
    of = lambda info: info.type.tensor_type
    shape = lambda info: [dim.dim_value for dim in of(info).shape.dim]
    infos = [info for info in model.graph.input if info.name not in weights]
    return [(info.name, NAMES[of(info).elem_type], shape(info)) for info in infos]


def vocabulary(model):
    """Rows of the table that words are looked up in."""
    tokens = {name for name, kind, _ in declared(model) if kind != "float32"}
    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    looked_up = [node for node in model.graph.node if node.op_type == "Gather" and set(node.input[1:]) & tokens]
    for node in model.graph.node:  # through one node between them, such as a Cast
        if set(node.input) & tokens:
            looked_up += [n for n in model.graph.node if n.op_type == "Gather" and set(n.input[1:]) & set(node.output)]
    return int(shapes[looked_up[0].input[0]][0])


def walks_first_axis(model, name):
    """Whether a recurrent node goes along the first axis of an input as it stands."""
    nodes = [n for n in model.graph.node if n.op_type in ("LSTM", "GRU", "RNN") and n.input[0] == name]
    return any(not any(a.name == "layout" and a.i == 1 for a in node.attribute) for node in nodes)


def form(model):
    """The inputs as records, batch of one, and the length of the batch: the first is the sequence, the others follow it."""
    inputs, n_batch, n_steps = [], 1, 1
    for name, kind, shape in declared(model):
        entry = {"name": name, "type": kind}
        if not inputs and len(shape) == 4:
            _, channels, height, width = shape
            entry["shape"] = [1, width, height * channels]
        elif not inputs and len(shape) == 3:
            time_first = walks_first_axis(model, name) or (shape[1] == 1 and shape[0] != 1)
            n_batch, n_steps = (shape[1], shape[0]) if time_first else (shape[0], shape[1])
            entry["shape"] = [1, n_steps, shape[2]]
        elif len(shape) == 1:
            entry["shape"] = [1, 1]
        elif len(shape) == 3:  # a first state: [directions, batch, hidden], or the batch in front
            entry["shape"] = [1, shape[0] * shape[1] * shape[2] // n_batch]
        else:
            entry["shape"] = [1, shape[1]]
        if kind != "float32":
            # Of lengths the whole numbers from 1, as the drawn ones are from 0.
            entry |= {"lengths": n_steps} if len(shape) == 1 else {"vocabulary": vocabulary(model)}
        inputs.append(entry)
    return inputs, n_batch


def batch_axis(shape, n_batch, is_first):
    """Where the batch is."""
    if len(shape) < 3 or (is_first and shape[0] == n_batch):
        return 0
    return 1 if shape[1] == n_batch else 0


def feed_of(model, records, n_batch):
    """Records in the layout of the file."""
    feed = {}
    for index, (name, kind, shape) in enumerate(declared(model)):
        record = records[name][0]
        if index == 0 and len(shape) == 4:
            _, channels, height, width = shape
            feed[name] = record.reshape(width, height, channels).transpose(2, 1, 0)[None]
        elif n_batch == 1:
            feed[name] = record.reshape(shape)
        else:
            axis = batch_axis(shape, n_batch, index == 0 and not walks_first_axis(model, name))
            of_one = [length for place, length in enumerate(shape) if place != axis]
            feed[name] = np.stack([record.reshape(of_one)] * n_batch, axis=axis)
        feed[name] = np.ascontiguousarray(feed[name]).astype(TYPES[kind])
    return feed


def time_major(model):
    """The model without `layout` 1."""
    nodes = []
    for node in model.graph.node:
        layout = [a for a in node.attribute if a.name == "layout" and a.i == 1]
        if not layout:
            nodes.append(node)
            continue
        node.attribute.remove(layout[0])
        swap = lambda x, y, perm, node=node: helper.make_node("Transpose", [x], [y], perm=perm, name=f"{node.name}.{y}")
        for slot in (0, 5, 6):
            if slot < len(node.input) and node.input[slot]:
                nodes.append(swap(node.input[slot], f"{node.input[slot]}.time", [1, 0, 2]))
                node.input[slot] = f"{node.input[slot]}.time"
        after = []
        for slot, name in enumerate(node.output):
            if name:
                after.append(swap(f"{name}.time", name, [2, 0, 1, 3] if slot == 0 else [1, 0, 2]))
                node.output[slot] = f"{name}.time"
        nodes += [node, *after]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def first_of_batch(output, n_batch):
    """The batch is the first axis of its length."""
    if n_batch == 1 or n_batch not in output.shape:
        return output.ravel()
    return np.take(output, 0, axis=output.shape.index(n_batch)).ravel()


def outputs_of(path, inputs, n_batch):
    """onnxruntime's outputs for every drawn record, [N_SETS, n_outputs]."""
    model = onnx.load(path)
    run = session(time_major(onnx.load(path)).SerializeToString())
    rows = []
    for k in range(N_SETS):
        outputs = run.run(None, feed_of(model, input_set(k, inputs), n_batch))
        rows.append(np.concatenate([first_of_batch(output, n_batch) for output in outputs]))
    return np.stack(rows).astype("<f4")


def exporter_of(path, model):
    """What the file says, or the JSON beside it."""
    described = path.with_suffix(".json")
    if model.producer_name == "pytorch":
        return f"torch {model.producer_version}"
    if model.producer_name == "tf2onnx" and not described.exists():
        return f"tf_keras, tf2onnx {model.producer_version.split()[0]}"
    sources = json.loads(described.read_text()).get("sources", {}) if described.exists() else {}
    return sources.get("exporter", "by hand").replace(" through", ",").split(", opset")[0]


def paths():
    return [(folder, path) for folder in FOLDERS for path in sorted((FOLDER.parent / folder).glob("*.onnx"))]


def main():
    FOLDER.mkdir(exist_ok=True)
    entries, numbers = [], []
    for folder, path in paths():
        model = onnx.load(path)
        inputs, n_batch = form(model)
        try:
            expected = outputs_of(path, inputs, n_batch)
        except Exception as error:  # a file that is to be refused
            print(f"{folder}/{path.stem}: {error}")
            expected = None
        opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        entry = {
            "name": f"{path.parent.name}/{path.stem}",
            "path": f"../{folder}/{path.name}",
            "family": FOLDERS[folder],
            "exporter": exporter_of(path, model),
            "opset": opset,
        }
        if expected is not None:
            entry |= {"inputs": inputs, "n_outputs": expected.shape[1], "batch": n_batch}
            entry |= {"expected": EXPECTED.name, "offset": sum(array.size for array in numbers)}
            numbers.append(expected)
        entries.append(entry)
    EXPECTED.write_bytes(b"".join(array.tobytes() for array in numbers))
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    head = f'"format": "vitrine-handbuilt/1", "sets": {N_SETS}'
    INDEX.write_text(f'{{{head}, "files": [\n{lines}\n]}}\n')
    print(f"{len(entries)} files, {EXPECTED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
