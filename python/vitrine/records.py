"""The files of records: which there are, and their bytes as the engine reads them.

The engine reads text. A table in Parquet becomes that text here, by pyarrow, as it does on the page (`www/worker/parquet.js`).
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .errors import ArgumentError, RecordError

ENDINGS = {".csv", ".tsv", ".psv", ".txt", ".json", ".ndjson", ".parquet"}
_PARQUET = b"PAR1"
#: As on the page.
_ROWS_MAX = 1_000_000


def records_of(given: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Files as they are, and the records of folders and the folders inside them, in the order of their paths.

    A list in JSON beside the records, such as the page's `index.json`, tells of them and is none.
    """
    files: list[Path] = []
    for path in map(Path, given):
        inside = sorted(filter(may_be_record, path.rglob("*"))) if path.is_dir() else [path]
        if not inside:
            raise ArgumentError(f"argument: {path} holds no record ({', '.join(sorted(ENDINGS))})")
        files += inside
    return files


def may_be_record(path: Path) -> bool:
    """Whether a file of a folder is a record, by its ending."""
    ending = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
    if path.name.startswith(".") or ending.lower() not in ENDINGS or not path.is_file():
        return False
    if ending.lower() != ".json" or ending != path.suffix:
        return True
    with path.open("rb") as file:
        return not file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def record_bytes(record: Any) -> tuple[bytes, str]:
    """A record's bytes, and its name: that of its file, if it has one."""
    if hasattr(record, "__arrow_c_stream__"):
        return _frame_text(record), ""
    if isinstance(record, (bytes, bytearray, memoryview)):
        return content(bytes(record)), ""
    if isinstance(record, str) and "\n" in record:
        return record.encode(), ""
    if not isinstance(record, (str, os.PathLike)):
        kind = type(record).__name__
        raise ArgumentError(f"argument: a {kind} is no record; give a path, a text, the bytes of a file, or a frame")
    path = Path(record)
    return opened(path), path.name


def opened(path: Path) -> bytes:
    """A record's file, as the engine reads it."""
    return content(path.read_bytes())


def content(data: bytes) -> bytes:
    """A table in Parquet as CSV, where pyarrow is there; anything else as it is.

    Raises `RecordError` for a file that is damaged, or whose columns cannot be told apart.
    """
    if not data.startswith(_PARQUET):
        return data
    try:
        import pyarrow
        import pyarrow.parquet as pq
    except ImportError:
        # The engine says what this is, and what to do.
        return data
    try:
        with pq.ParquetFile(io.BytesIO(data)) as file:
            _check(file.metadata.num_rows, file.schema_arrow.names)
            return long_text(file.read())
    except pyarrow.ArrowException as error:
        raise RecordError(f"record: this Parquet file cannot be read ({_first_line(error)}); fetch it again") from None


def long_text(table: Any) -> bytes:
    """A table as CSV: times with their zone, numbers of single precision as the shortest that mean them, columns with parts
    as JSON."""
    import pyarrow as pa
    import pyarrow.csv

    texts = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_string_view, pa.types.is_binary_view)
    for at, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            cells = [None if cell is None else json.dumps(cell, default=str) for cell in table.column(at).to_pylist()]
            table = table.set_column(at, field.name, pa.array(cells, pa.string()))
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
        elif any(is_one(field.type) for is_one in texts):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    text = io.BytesIO()
    pyarrow.csv.write_csv(table, text)
    return text.getvalue()


def _frame_text(frame: Any) -> bytes:
    """A frame of pandas or polars, or an Arrow table, as CSV."""
    try:
        import pyarrow
    except ImportError:
        kind = type(frame).__name__
        raise ArgumentError(f"argument: a {kind} is read where pyarrow is there; install it, or give the frame as CSV text") from None
    table = pyarrow.table(frame)
    # Under this name pandas hands its index on.
    table = table.drop_columns([name for name in table.column_names if name.startswith("__index_level_")])
    _check(table.num_rows, table.column_names, "this frame")
    return long_text(table)


def _check(n_rows: int, names: list[str], what: str = "this Parquet file") -> None:
    if n_rows > _ROWS_MAX:
        raise RecordError(f"record: {what} has {n_rows} rows, and at most {_ROWS_MAX} are read; keep one stay a file")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RecordError(f'record: column "{twice}" stands in {what} twice; keep one')


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
