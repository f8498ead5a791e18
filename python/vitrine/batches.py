"""Many stays: Arrow record batches in and out, and files on all cores.

pyarrow is imported where it is used. The schema of what comes out is in `docs/python.md`.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Literal, Union

import numpy as np

from . import _engine
from .errors import ArgumentError, Error
from .explanation import Explanation
from .model import Model, Stay, _json

Rows = Literal["stays", "cells", "top"]
#: A stay's identity with its numbers, its record, or why there is neither.
Item = tuple[Any, Union["np.ndarray[Any, Any]", Stay, Error]]

_LONG = ("subject_id", "time", "code", "numeric_value")


def schema(rows: Rows = "stays", stay_type: Any = None) -> Any:
    """The `pyarrow.Schema` of what `explain_batches` gives. stay_type: the type of the stays' identity (default string)."""
    import pyarrow as pa

    stay = pa.field("stay", stay_type or pa.string(), nullable=False)
    if rows == "stays":
        fields = [
            pa.field("probability", pa.float64()),
            pa.field("score", pa.float64()),
            pa.field("residual", pa.float64()),
            pa.field("error", pa.string()),
            pa.field("model_sha256", pa.string(), nullable=False),
            pa.field("engine_sha256", pa.string(), nullable=False),
        ]
        return pa.schema([stay, *fields])
    fields = [
        pa.field("channel", pa.string(), nullable=False),
        pa.field("hour", pa.float64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("relevance", pa.float32(), nullable=False),
        pa.field("mask_relevance", pa.float32(), nullable=False),
    ]
    return pa.schema([stay, *fields])


def explain_batches(
    batches: Iterable[Any],
    model: Model | str | os.PathLike[str],
    *,
    rows: Rows = "stays",
    top: int = 10,
    stay: str = "stay",
    input: str = "input",
    mapping: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[Any]:
    """Explains the stays of Arrow record batches, one batch after the other, and gives record batches.

    batches: `pyarrow.RecordBatch`es of one of two kinds. With a column `input`, a `FixedSizeList<float>` of
        steps x columns numbers in model units (or a list of lists), each row is one stay, named by the column `stay`, or
        by its number without one. With the columns of MEDS, `subject_id`, `time`, `code` and `numeric_value`, each row is
        one measurement; a stay's rows stand together, also across batches. `time` is a timestamp, or hours. mapping says
        what codes and units are, as for `Model.read`.
    model: a `vitrine.Model`, or the path of one.
    rows: "stays" gives one row a stay; "cells" one a channel and step; "top" those of the `top` cells with the most
        relevance (of value and mask together, by magnitude), the strongest first. `schema(rows)` has the columns.
    options: as of `Model.explain`.

    A stay that cannot be read or explained has its reason in the column `error` of "stays", and no rows of the others.
    That is all an engine needs, for example `frame.mapInArrow(lambda it: vitrine.explain_batches(it, "m.onnx"), ...)`.
    Raises `ArgumentError` for batches of neither kind, and where a subject's rows do not stand together.
    """
    network = model if isinstance(model, Model) else Model(model)
    writer = _Writer(network, rows, top, options)
    for items, stay_type in _items(network, batches, stay, input, mapping):
        yield from writer.batches(items, stay_type)


class _Writer:
    """Makes record batches of explained stays."""

    def __init__(self, model: Model, rows: Rows, top: int, options: Mapping[str, Any]) -> None:
        if rows not in ("stays", "cells", "top"):
            raise ArgumentError(f'argument: rows: {rows!r} is none of "stays", "cells", "top"')
        self._model, self._rows, self._top, self._options = model, rows, top, options
        self._channels = np.array([channel["name"] for channel in model.manifest["channels"]])
        self._hours = np.arange(model.steps) * model.manifest["step_hours"]
        self._engine = engine_sha256()

    def batches(self, items: Sequence[Item], stay_type: Any) -> Iterator[Any]:
        import pyarrow as pa

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = list(pool.map(self._explained, [content for _, content in items]))
        names = [name for name, _ in items]
        if self._rows == "stays":
            columns = self._stays(names, found)
            yield pa.RecordBatch.from_arrays(
                [pa.array(column, field.type) for column, field in zip(columns, schema("stays", stay_type))],
                schema=schema("stays", stay_type),
            )
            return
        wanted = schema(self._rows, stay_type)
        for name, (_, content), explanation in zip(names, items, found):
            if isinstance(explanation, Explanation):
                columns = self._cells(name, content, explanation)
                arrays = [pa.array(column, field.type) for column, field in zip(columns, wanted)]
                yield pa.RecordBatch.from_arrays(arrays, schema=wanted)

    def _explained(self, content: Any) -> Explanation | Error:
        try:
            return content if isinstance(content, Error) else self._model.explain(content, **self._options)
        except Error as error:
            return error

    def _stays(self, names: Sequence[Any], found: Sequence[Explanation | Error]) -> list[Sequence[Any]]:
        facts = [one._facts[0] if isinstance(one, Explanation) else {} for one in found]
        numbers = [[fact.get(field) for fact in facts] for field in ("probability", "score", "residual")]
        errors = [str(one) if isinstance(one, Error) else None for one in found]
        hashes = [[self._model.sha256] * len(found), [self._engine] * len(found)]
        return [names, *numbers, errors, *hashes]

    def _cells(self, name: Any, content: Any, explanation: Explanation) -> list[Any]:
        value, mask = (part.ravel() for part in explanation.cells())
        held = explanation._held[0]
        places = np.array(held.strongest(self._top)) if self._rows == "top" else np.arange(value.size)
        channel, step = np.divmod(places, len(self._hours))
        clinical: list[float | None] = [None] * len(places)
        if isinstance(content, Stay):
            cells = content.cells()
            clinical = [cells[place]["value"] for place in places]
        names = [name] * len(places)
        return [names, self._channels[channel], self._hours[step], clinical, value[places], mask[places]]


def engine_sha256() -> str:
    """SHA-256 of the native module, 64 hexadecimal digits: which engine made a table."""
    return _engine.sha256(Path(str(_engine.__file__)).read_bytes())


def _items(
    model: Model, batches: Iterable[Any], stay: str, input: str, mapping: Mapping[str, Any] | None
) -> Iterator[tuple[list[Item], Any]]:
    """The stays of each batch; those of long rows when the last of their rows has come."""
    long: _LongRows | None = None
    count = 0
    for batch in batches:
        names = batch.schema.names
        if input in names:
            numbers = _numbers(model, batch.column(names.index(input)), input)
            known = batch.column(names.index(stay)) if stay in names else None
            ids = known.to_pylist() if known is not None else [str(count + row) for row in range(len(numbers))]
            count += len(numbers)
            yield list(zip(ids, numbers)), None if known is None else known.type
        elif set(_LONG) <= set(names):
            long = long or _LongRows(model, mapping)
            yield long.take(batch), long.type
        else:
            raise ArgumentError(
                f"argument: batches: have the columns {', '.join(names)}; give {input!r} (steps x columns numbers a row), "
                f"or {', '.join(_LONG)}"
            )
    if long:
        yield long.rest(), long.type


def _numbers(model: Model, column: Any, name: str) -> Any:
    """The stays of a column of lists, `[stays, steps * columns]`."""
    import pyarrow as pa

    n_stays, size = len(column), model.steps * model.columns
    if column.null_count:
        raise ArgumentError(f"argument: batches: {name} has an empty row; take it away first")
    while pa.types.is_nested(column.type):
        column = column.flatten()
    if len(column) != n_stays * size:
        raise ArgumentError(
            f"argument: batches: {name} has {len(column)} numbers in {n_stays} rows; the model reads {model.steps} steps x "
            f"{model.columns} columns = {size} each"
        )
    return column.to_numpy(zero_copy_only=False).astype("<f4").reshape(n_stays, size)


class _LongRows:
    """Rows of measurements, gathered to stays."""

    def __init__(self, model: Model, mapping: Mapping[str, Any] | None) -> None:
        self._model = model
        columns = {"time": "time", "variable": "code", "value": "numeric_value"}
        self._mapping = {"columns": columns, "timeUnit": "hours", **(mapping or {})}
        self._subject: Any = None
        self._lines: list[str] = []
        self._done: set[Any] = set()
        self.type: Any = None

    def take(self, batch: Any) -> list[Item]:
        subjects, times, codes, values = (batch.column(batch.schema.names.index(name)).to_pylist() for name in _LONG)
        self.type = batch.schema.field("subject_id").type
        items = []
        for subject, when, code, value in zip(subjects, times, codes, values):
            if self._lines and subject != self._subject:
                items.append(self._stay())
            if subject in self._done:
                raise ArgumentError(f"argument: batches: the rows of {subject} do not stand together; sort by subject_id")
            self._subject = subject
            if value is not None and when is not None:
                shown = when.isoformat() if hasattr(when, "isoformat") else repr(when)
                quoted = '"' + str(code).replace('"', '""') + '"'
                self._lines.append(f"{shown},{quoted},{value!r}")
        return items

    def rest(self) -> list[Item]:
        return [self._stay()] if self._lines else []

    def _stay(self) -> Item:
        subject, lines = self._subject, self._lines
        self._done.add(subject)
        self._lines = []
        text = "\n".join(["time,code,numeric_value", *lines, ""])
        try:
            return subject, self._model.read(text, format="long", name=str(subject), mapping=self._mapping)
        except Error as error:
            return subject, error


def explain_files(
    files: Sequence[Path],
    model: Model,
    out: Path,
    *,
    cells: bool = False,
    threads: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> tuple[int, int]:
    """Explains record files on all cores into one CSV file, a row a stay; returns how many were read, and how many not.

    A file that is there already is gone on with: stays that it names are not explained again, and a last row that was cut
    off is. cells: every channel and step in place of the channels' sums. say: takes a line of progress now and then.
    The engine lets the interpreter go, so that one process uses all cores and holds the network once.
    """
    engine, request = model._engine, _json(options)
    done = _resume(out, engine.row_header(cells))
    todo = [file for file in files if _engine.name_cell(file.name) not in done]
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentError(f"argument: stays: two files are called {twice}; a stay is known by its file's name")

    def one(file: Path) -> tuple[str, bool]:
        return engine.row(file.read_bytes(), _json({"name": file.name}), request, cells)

    n_failed, start, told = 0, time.monotonic(), 0.0
    with out.open("a", encoding="utf-8", newline="") as table:
        for count, (row, is_explained) in enumerate(_as_they_come(one, todo, threads or os.cpu_count() or 1), 1):
            table.write(row)
            n_failed += not is_explained
            if time.monotonic() - told > 0.5 or count == len(todo):
                told = time.monotonic()
                # What is written survives an interruption.
                table.flush()
                left = (told - start) / count * (len(todo) - count)
                say(f"{count} of {len(todo)} stays, {n_failed} not read, {left:.0f} s left")
    return len(todo) - n_failed, n_failed


def _as_they_come(work: Callable[[Path], Any], files: Sequence[Path], threads: int) -> Iterator[Any]:
    """Results in the order in which they are done, with few of them waiting."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[Any]] = set()
        for file in files:
            waiting.add(pool.submit(work, file))
            if len(waiting) >= 4 * threads:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in ready)
        yield from (future.result() for future in waiting)


def _resume(out: Path, header: str) -> set[str]:
    """The stays that a table has already. It is begun where it is not there, and a last row without its end is taken away."""
    if not out.exists():
        out.write_bytes(header.encode())
    text = out.read_bytes().decode()
    whole = text[: text.rfind("\n") + 1]
    if not whole.startswith(header):
        raise ArgumentError(f"argument: {out}: its header is not what this model and these options write; name another file")
    if whole != text:
        out.write_bytes(whole.encode())
    return {row[0] for row in csv.reader(io.StringIO(whole[len(header) :], newline="")) if row}


def explain_to_parquet(
    batches: Iterable[Any],
    model: Model,
    out: Path,
    *,
    rows: Rows = "stays",
    say: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> int:
    """Explains record batches into a folder of Parquet files, a file a batch; returns how many batches were explained.

    A folder that is there already is gone on with: batches that have their file are not explained again. A file is there
    whole or not at all. The batches have to come in the same order each time; a subject's long rows are in one batch.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    out.mkdir(parents=True, exist_ok=True)
    n_done = 0
    for number, batch in enumerate(batches):
        file = out / f"part-{number:06}.parquet"
        if file.exists():
            continue
        made = list(explain_batches([batch], model, rows=rows, **options))
        table = pa.Table.from_batches(made) if made else schema(rows).empty_table()
        table = table.replace_schema_metadata({"vitrine.model": model.sha256, "vitrine.engine": engine_sha256()})
        new = file.with_suffix(".new")
        pq.write_table(table, new, compression="zstd")
        new.replace(file)
        n_done += 1
        say(f"batch {number + 1}: {batch.num_rows} rows")
    return n_done
