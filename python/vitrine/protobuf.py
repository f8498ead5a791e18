"""What of an ONNX file is read and changed without a library: entries of its metadata, and weights in a second file.

Everything else is kept byte by byte. The numbers of fields are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .errors import ModelError

#: By each message, the fields in which tensors lie further inside; as in the engine, not those of a node's own graphs.
_WITHIN: dict[str, dict[int, str]] = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
}
#: Of a TensorProto: its bytes, where they lie outside, and whether they do.
_RAW_DATA, _EXTERNAL_DATA, _DATA_LOCATION = 9, 13, 14
_EXTERNAL = 1
#: Of a ModelProto.
_METADATA = 14


def with_metadata(onnx: bytes, key: str, value: str) -> bytes:
    """An ONNX file's bytes with one more entry of metadata, in place of those of the same key."""
    same = _entry(key.encode(), b"")
    kept = [
        onnx[at:end]
        for field, at, start, end in _fields(onnx)
        if not (field == _METADATA and onnx[start:end].startswith(same))
    ]
    return b"".join([*kept, _message(_METADATA, _entry(key.encode(), value.encode()))])


def with_weights(onnx: bytes, read: Callable[[str], bytes]) -> bytes:
    """An ONNX file's bytes with the weights inside that lie in other files. `read` gives such a file by the name that the
    ONNX file has for it.

    Raises `vitrine.Error` for a tensor that says no place in its file, or for more than its file has; and what `read` raises.
    """
    return _with_weights(onnx, "model", read)


def _with_weights(message: bytes, kind: str, read: Callable[[str], bytes]) -> bytes:
    if kind == "tensor":
        return _whole(message, read)
    parts = []
    for field, at, start, end in _fields(message):
        within = _WITHIN[kind].get(field)
        part = message[start:end]
        parts.append(_message(field, _with_weights(part, within, read)) if within else message[at:end])
    return b"".join(parts)


def _whole(tensor: bytes, read: Callable[[str], bytes]) -> bytes:
    kept, entries, is_outside = [], {}, False
    for field, at, start, end in _fields(tensor):
        if field == _EXTERNAL_DATA:
            pair = {key: tensor[start:end][a:b].decode() for key, _, a, b in _fields(tensor[start:end])}
            entries[pair.get(1, "")] = pair.get(2, "")
        elif field == _DATA_LOCATION:
            is_outside = _varint(tensor, start)[0] == _EXTERNAL
        elif field != _RAW_DATA:
            kept.append(tensor[at:end])
    if not is_outside:
        return tensor
    location = entries.get("location", "")
    file = read(location)
    for key in ("offset", "length"):
        number = entries.get(key, "0")
        _check(number.isascii() and number.isdigit(), f'external {key} "{number}" of a tensor is not a number')
    offset = int(entries.get("offset", 0))
    length = int(entries.get("length", max(len(file) - offset, 0)))
    if offset + length > len(file):
        raise ModelError(
            f'model: "{location}" has {len(file)} bytes, a tensor needs {length} from byte {offset}: it belongs to another '
            "model, or is cut short"
        )
    return b"".join([*kept, _message(_RAW_DATA, file[offset : offset + length])])


def _fields(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Of each field its number, where it begins, and where its content begins and ends."""
    at = 0
    while at < len(message):
        tag, start = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            end = _varint(message, start)[1]
        elif kind == 2:
            length, start = _varint(message, start)
            end = start + length
        else:
            _check(kind in (1, 5), "the file is no ONNX model")
            end = start + (8 if kind == 1 else 4)
        _check(end <= len(message), "the file is cut off, or no ONNX model")
        yield tag >> 3, at, start, end
        at = end


def _message(field: int, content: bytes) -> bytes:
    return _as_varint(field << 3 | 2) + _as_varint(len(content)) + content


def _entry(key: bytes, value: bytes) -> bytes:
    """A StringStringEntryProto; without a value only its key."""
    return _message(1, key) + (_message(2, value) if value else b"")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        _check(at < len(data) and shift < 70, "the file is cut off, or no ONNX model")
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def _as_varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise ModelError(f"model: {message}")
