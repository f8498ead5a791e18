"""The page as one file with a network, a manifest and stays of one's own, and the same in a notebook.

Packing needs Python's own library alone: `tools/single.mjs --parts` made the page and its files when the package was built,
and `make single MODEL= STAYS=` runs this file by itself.
"""

from __future__ import annotations

import argparse
import base64
import csv
import html
import io
import json
import lzma
import os
import re
import sys
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

if __package__ in (None, ""):
    # Run by itself: the package lies beside it, and this folder must not hide modules of other names.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from vitrine.errors import ArgumentError
from vitrine.manifest import Manifest
from vitrine.protobuf import with_weights
from vitrine.records import opened, records_of

if TYPE_CHECKING:
    from .model import Model, Stay

DATA = Path(__file__).with_name("data")
#: What stands for a stay: what `Model.read` returned, a path, a text, or an array where the network reads plain values.
Record = Union["Stay", str, "os.PathLike[str]", Any]

_XZ = b"\xfd7zXZ"
_SLOT = 'id="vitrine-files">'
_NETWORK = re.compile(r'(<meta name="vitrine-network" content=")[^"]*(">)')
# As in tools/single/septets.mjs: a septet that a page cannot hold, and the one behind it, are one character.
_FORBIDDEN = ("\x00", "\r", "<")
_PAIR = re.compile("([\x00\r<])(.)", re.DOTALL)
#: A file name that is safe in an address, a list and a table.
_UNSAFE = re.compile(r"[^\w.\- ()]+")


def save(
    model: Model,
    stays: Sequence[Record],
    path: str | os.PathLike[str],
    *,
    labels: Mapping[str, int] | None = None,
) -> Path:
    """Writes the page as one HTML file with your network, its manifest and stays, and returns its path.

    The file opens with a double click, computes everything itself and asks the network for nothing, under the policy of
    `make single`. It holds the network and the records as they are: **it is as confidential as they are.**

    stays: one or more records: what `model.read` returned, paths, or texts. An array `[steps, columns]` is one only where
    no manifest says how clinical values become numbers, since the page shows the values that were measured. labels: the true outcome, 0 or 1, by the stays' names.
    Raises `vitrine.Error` for a record that the model cannot read.
    """
    target = Path(path)
    target.write_text(_page_of(model, stays, labels or {}), encoding="utf-8", newline="\n")
    return target


class Shown:
    """The page for a notebook cell, with a static picture of the first stay beside it."""

    def __init__(self, model: Model, stays: Sequence[Record], picture: str, what: str, height: int) -> None:
        self._model, self._stays, self._picture, self._what, self._height = model, stays, picture, what, height

    def _repr_html_(self) -> str:
        # Made when it is shown, and not kept: a notebook keeps what each cell gave.
        page = _page_of(self._model, self._stays, {})
        frame = (
            f'<iframe title="Vitrine" sandbox="allow-scripts allow-downloads" width="100%" height="{self._height}" '
            f'style="border: 0" srcdoc="{html.escape(page, quote=True)}"></iframe>'
        )
        return f"{image(self._picture, self._what)}{frame}"

    def _ipython_display_(self) -> None:
        # IPython keeps what a cell returns for `%notebook`, the whole page each time; what is displayed it hands on alone.
        from IPython.display import display  # type: ignore[import-not-found, unused-ignore]

        display({"text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)

    def __repr__(self) -> str:
        return f"<vitrine page: {self._what}>"


def show(model: Model, stays: Record | Sequence[Record], *, height: int = 900, **options: Any) -> Shown:
    """The page in a notebook cell, in a frame that can reach nothing: no port, no address, no widget manager.

    A picture of the first stay, painted by the engine, stands above it: a saved notebook without scripts, nbconvert and a
    dead kernel still show that. The cell's output holds the whole page. height: that of the frame in pixels. options: of
    the picture's explanation, as `Model.explain`. Raises as `save`.
    """
    given: list[Any] = [stays] if _is_one(stays) else list(stays)  # type: ignore[arg-type]
    read = [_read(model, one) for one in given]
    if not read:
        raise ArgumentError("argument: stays: there is none; give at least one")
    explanation = model.explain(read[0], **options)
    return Shown(model, read, explanation.to_svg(), repr(explanation), height)


def image(svg: str, what: str) -> str:
    """A picture as an `<img>`, which notebooks keep where they take scripts and drawings away."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(what, quote=True)}" src="data:image/svg+xml;base64,{data}">'


def pack(
    onnx: bytes,
    name: str,
    stays: Iterable[Mapping[str, Any]],
    *,
    card: str = "",
    data: Path = DATA,
) -> str:
    """The page's HTML with a network and stays in place of the demo's.

    onnx: the network, its manifest inside. name: its file's. stays: dicts with `file`, `text` and perhaps `trueLabel` (0 or
    1), `description` and `options` (JavaScript's `StayOptions`, how the text is read). card: what is known of the network.
    data: the folder of `page.html` and `page.bin`.
    """
    if not (data / "page.bin").exists():
        raise ArgumentError(f"argument: {data} holds no page; build the package with `make wheel`")
    files = _unpacked((data / "page.bin").read_bytes())
    listed: list[dict[str, Any]] = []
    for stay in stays:
        kept = {field: stay[field] for field in ("description", "trueLabel", "options") if stay.get(field) not in (None, {})}
        # One record may be given twice, read in two ways: each is a stay of its own.
        taken = {it["file"] for it in listed if it.get("options") != kept.get("options")}
        file = _put(files, "stays", stay["file"], stay["text"].encode(), taken)
        is_named = any(it["name"] == stay["file"] for it in listed)
        listed.append({"file": file, "name": file if is_named else stay["file"], **kept, "synthetic": False})
    if not listed:
        raise ArgumentError("argument: stays: there is none; give at least one")
    # Blanks stand between networks, where there are several.
    name = name.removesuffix(".onnx").replace(" ", "_") + ".onnx"
    network = _put(files, "models", name, onnx)
    files["stays/index.json"] = json.dumps(listed, ensure_ascii=False).encode()
    files["models/MODEL_CARD.md"] = (card or "Nothing is said of this network.").encode()
    page = (data / "page.html").read_text(encoding="utf-8")
    page, n_replaced = _NETWORK.subn(lambda found: f"{found[1]}models/{html.escape(network)}{found[2]}", page)
    at = page.index(_SLOT) + len(_SLOT)
    if n_replaced != 1:
        raise ArgumentError(f"argument: {data / 'page.html'} is of another version; build the package again")
    return page[:at] + _septets(_packed(files)) + page[at:]


def _page_of(model: Model, stays: Sequence[Record], labels: Mapping[str, int]) -> str:
    if _is_one(stays):
        stays = [stays]  # type: ignore[list-item]
    listed: list[dict[str, Any]] = []
    for index, one in enumerate(stays):
        stay = _read(model, one)
        name = stay.name or f"stay-{index + 1}"
        options = {field: value for field, value in json.loads(stay._made_of[2]).items() if field != "name" and value != "auto"}
        listed.append({"file": name, "text": _text(stay._bytes, name), "trueLabel": labels.get(name), "options": options})
    unknown = sorted(set(labels) - {one["file"] for one in listed})
    if unknown:
        raise ArgumentError(f"argument: labels: no stay is called {unknown[0]!r}")
    # A manifest says how many steps there are; without one the page runs such a network at each record's length, too.
    onnx = with_weights(model._onnx, lambda name: model._external[name])
    onnx = onnx if model.open_steps else model.manifest.inside(onnx)
    return pack(onnx, model.name, listed, card=model.manifest.get("description", ""))


def _is_one(stays: Any) -> bool:
    return isinstance(stays, (str, os.PathLike)) or hasattr(stays, "report") or getattr(stays, "ndim", 0) == 2


def _read(model: Model, record: Any) -> Stay:
    if hasattr(record, "report"):
        stay: Stay = record
        return stay
    return model.read(record if isinstance(record, (str, os.PathLike, bytes)) else _text_of(model, record))


def _text_of(model: Model, array: Any) -> str:
    """An array as a record, to the bit, for a network that reads every column as it is."""
    from .model import floats

    kind, channels = type(array).__name__, model.manifest["channels"]
    as_it_is = {"kind": "continuous", "mean": 0.0, "std": 1.0}
    if not all(as_it_is.items() <= it["encoding"].items() and len(it["columns"]) == 1 and "mask" not in it for it in channels):
        raise ArgumentError(
            f"argument: stays: a {kind} is no record of this network, whose manifest says how clinical values become "
            "numbers; give a path, a text, or what model.read returned"
        )
    numbers = floats(array, "stays")
    if numbers.ndim != 2 or numbers.shape[1] != model.columns or not (model.open_steps or len(numbers) == model.steps):
        raise ArgumentError(f"argument: stays: one has the shape {list(numbers.shape)}; the model reads [{model.steps}, {model.columns}]")
    hours, text = float(model.manifest["step_hours"]), io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["Hours", *(channel["name"] for channel in channels)])
    order = [channel["columns"][0] for channel in channels]
    rows.writerows([(step + 0.5) * hours, *(float(row[column]) for column in order)] for step, row in enumerate(numbers))
    return text.getvalue()


def _text(record: bytes, name: str) -> str:
    try:
        return record.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ArgumentError(f"argument: stays: {name} is no text in UTF-8; unpack it first") from None


def _put(files: dict[str, bytes], folder: str, name: str, content: bytes, taken: Collection[str] = ()) -> str:
    """Adds a file under a name that no other file has, and that is not taken; returns the name."""
    stem = name = _UNSAFE.sub("_", name).lstrip(".") or "stay"
    n = 1
    while name in taken or files.get(f"{folder}/{name}", content) != content:
        n += 1
        name = f"{n}-{stem}"
    files[f"{folder}/{name}"] = content
    return name


def _unpacked(stream: bytes) -> dict[str, bytes]:
    """The files of a page by name; the format of `packed` in tools/single.mjs, in a wheel with xz in place of deflate."""
    data = lzma.decompress(stream) if stream.startswith(_XZ) else zlib.decompress(stream, -15)
    at = 4 + int.from_bytes(data[:4], "little")
    files = {}
    for name, size in json.loads(data[4:at]):
        files[name] = data[at : at + size]
        at += size
    return files


def _packed(files: Mapping[str, bytes]) -> bytes:
    names = json.dumps([[name, len(content)] for name, content in files.items()]).encode()
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 9)
    whole = b"".join([len(names).to_bytes(4, "little"), names, *files.values()])
    return deflate.compress(whole) + deflate.flush()


def _septets(data: bytes) -> str:
    """Bytes as text, seven bits a character, as tools/single/septets.mjs has it."""
    # Seven bytes are eight septets: septet k is the last k bits of byte k - 1 before the first 7 - k of byte k. All septets k
    # are made at once, since a loop over bytes would take seconds.
    whole = data + b"\0" * (-len(data) % 7)
    nothing = bytes(len(whole) // 7)
    codes = bytearray(8 * len(nothing))
    for k in range(8):
        ends = whole[k - 1 :: 7].translate(_bytes(lambda byte, k=k: byte << (7 - k) & 0x7F)) if k else nothing
        starts = whole[k::7].translate(_bytes(lambda byte, k=k: byte >> (k + 1))) if k < 7 else nothing
        both = int.from_bytes(ends, "little") | int.from_bytes(starts, "little")
        codes[k::8] = both.to_bytes(len(nothing), "little")
    n_septets = -(-8 * len(data) // 7)
    text = codes[:n_septets].decode("ascii")
    if n_septets and _PAIR.sub("", text)[-1:] in _FORBIDDEN:
        # One that waits for another at the end gets it.
        text += "\0"
    joined = _PAIR.sub(lambda pair: chr(0x80 + 128 * _FORBIDDEN.index(pair[1]) + ord(pair[2])), text)
    return f"{len(data)},{joined}"


def _bytes(image: Callable[[int], int]) -> bytes:
    """What becomes of each byte, for `bytes.translate`."""
    return bytes(image(byte) for byte in range(256))


def main(arguments: Sequence[str] | None = None) -> None:
    """`make single MODEL= STAYS= MANIFEST=`: without the native engine, so that the page itself is the first to look."""
    parser = argparse.ArgumentParser(description="Packs the page with a network and stays of one's own.")
    add_options(parser)
    parser.add_argument("--data", type=Path, default=DATA, help="where tools/single.mjs --parts wrote the page")
    options = parser.parse_args(arguments)
    network, names = Path(options.model), records_of(options.stays)
    onnx = with_weights(network.read_bytes(), lambda name: _beside(network, name))
    description = ""
    if options.manifest:
        manifest = Manifest(json.loads(Path(options.manifest).read_text(encoding="utf-8"))).check()
        onnx, description = manifest.inside(onnx), manifest.get("description", "")
    listed = [{"file": path.name, "text": _text(opened(path), str(path))} for path in names]
    page = pack(onnx, network.name, listed, card=description, data=options.data)
    Path(options.out).write_text(page, encoding="utf-8", newline="\n")
    print(f"{options.out}: {len(page.encode()) / 1e6:.2f} MB, {len(listed)} stays; open it with a double click")


def _beside(network: Path, name: str) -> bytes:
    """A file that the network names: never one outside its folder."""
    folder = network.resolve().parent
    path = (folder / name).resolve()
    if folder not in path.parents or not path.is_file():
        raise ArgumentError(
            f'argument: model: the weights are in a second file, "{name}", which is not beside {network}; put it there, or '
            "export with the weights inside (torch: external_data=False)"
        )
    return path.read_bytes()


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `vitrine page` and this file take."""
    parser.add_argument("model", help="the network, an ONNX file")
    parser.add_argument("stays", nargs="+", help="records, or folders of them")
    parser.add_argument("--manifest", help="a JSON file that takes the place of the network's own")
    parser.add_argument("--out", default="explain.html", help="the page (default explain.html)")


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError) as error:
        raise SystemExit(f"error: {error}") from None
