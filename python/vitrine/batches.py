"""Many stays: Arrow record batches in and out, and files on all cores.

pyarrow is imported where it is used. The schema of what comes out is in `docs/python.md`.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

from . import _engine
from .errors import ArgumentError, RecordError
from .model import Model, _json
from .records import content, long_text

Rows = Literal["stays", "cells", "top"]

#: Stays that are explained in one call and come out in one record batch: a few MB of cells.
CHUNK = 256
#: A column of `file_batches`: why a file could not be opened.
_UNREAD = "vitrine.unread"
_MEDS = ("subject_id", "time", "code", "numeric_value")
_NUMBERS = ("probability", "score", "residual")
_SETS = {None: None, (False, False): [], (False, True): [0], (True, False): [1], (True, True): [0, 1]}


def schema(rows: Rows = "stays", stay_type: Any = None) -> Any:
    """The `pyarrow.Schema` of what `explain_batches` gives. stay_type: the type of the stays' identity (default string)."""
    import pyarrow as pa

    stay = pa.field("stay", stay_type or pa.string(), nullable=False)
    if rows == "stays":
        fields = [
            *(pa.field(name, pa.float64()) for name in _NUMBERS),
            pa.field("set", pa.list_(pa.int8())),
            pa.field("verdict", pa.string()),
            pa.field("verdict_probability", pa.float64()),
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
    audit: bool = False,
    stay: str = "stay",
    input: str = "input",
    record: str = "record",
    mapping: Mapping[str, Any] | None = None,
    threads: int | None = None,
    **options: Any,
) -> Iterator[Any]:
    """Explains the stays of Arrow record batches and gives record batches, while they come.

    batches: `pyarrow.RecordBatch`es of one of four kinds. With a column `input`, a `FixedSizeList<float>` of
        steps x columns numbers in model units (or a list of lists, also of different lengths where the network takes any
        number of steps), each row is one stay. With a column `record`, text or
        bytes of a file that `Model.read` reads, too. A stay is named by the column `stay`, or by its number without one.
        With the columns of MEDS, `subject_id`, `time`, `code` and `numeric_value`, each row is one measurement; with
        `stay` and `Hours`, one hour of the benchmark's tables. A stay's rows stand together, also across batches, whose
        columns may differ. `time` is a timestamp, or hours. Further columns (a unit, a status, a number of the admission)
        mean what they mean to `Model.read`, and so does mapping. A table or a frame with Arrow's stream is read as its batches.
    model: a `vitrine.Model`, or the path of one, which a process reads once however often it is called.
    rows: "stays" gives one row a stay; "cells" one a channel and step; "top" those of the `top` cells with the most
        relevance (of value and mask together, by magnitude), the strongest first. `schema(rows)` has the columns.
    audit: fills the columns `verdict` and `verdict_probability` of "stays", which takes some hundred runs of the network.
    threads: default one a core. An engine that works with a process a core wants 1.
    options: as of `Model.explain`.

    A stay that cannot be read or explained has its reason in the column `error` of "stays", and no rows of the others.
    That is all an engine needs, for example `frame.mapInArrow(lambda it: vitrine.explain_batches(it, "m.onnx"), ...)`.
    Raises `ArgumentError` for batches of no such kind, and where a stay's rows do not stand together.
    """
    network = model if isinstance(model, Model) else _loaded(os.fspath(model), os.stat(model).st_mtime_ns)
    writer = _Writer(network, rows, top, audit, threads, options)
    for part in _Parts(network, stay, input, record, mapping).of(_as_batches(batches), CHUNK):
        yield from writer.batches(part)


def _as_batches(given: Any) -> Iterable[Any]:
    """Record batches, also of a table, a frame or whatever else gives Arrow's stream, as they come."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_stream(given) if hasattr(given, "__arrow_c_stream__") else given


@functools.lru_cache(maxsize=8)
def _loaded(path: str, _changed: int) -> Model:
    return Model(path)


class _Part(NamedTuple):
    """Some stays: their names (an Arrow array), their numbers or records (of one that could not be opened, why), and how
    these are read, if they are records."""

    names: Any
    contents: Sequence[bytes | str]
    reading: dict[str, Any] | None

    def slices(self, size: int) -> Iterator[_Part]:
        for at in range(0, len(self.contents), size):
            yield _Part(self.names[at : at + size], self.contents[at : at + size], self.reading)


class _Writer:
    """Makes record batches of explained stays."""

    def __init__(
        self, model: Model, rows: Rows, top: int, audit: bool, threads: int | None, options: Mapping[str, Any]
    ) -> None:
        if rows not in ("stays", "cells", "top"):
            raise ArgumentError(f'argument: rows: {rows!r} is none of "stays", "cells", "top"')
        if audit and rows != "stays":
            raise ArgumentError(f'argument: audit: fills columns of rows="stays", and rows={rows!r} has none for it')
        self._model, self.rows, self._threads = model, rows, threads or os.cpu_count() or 1
        self.asked = {
            "explanation": model._asked(options),
            "kept": {"top": top} if rows == "top" else rows,
            "isAudited": audit,
        }
        _check_request(model, self.asked)
        self._engine = engine_sha256()

    def batches(self, part: _Part) -> Iterator[Any]:
        for some in part.slices(CHUNK):
            found = self.batch(some)
            if found.num_rows:
                yield found

    def batch(self, part: _Part) -> Any:
        """One record batch, of no more than `CHUNK` stays."""
        import pyarrow as pa

        asked = _json({**self.asked, "reading": part.reading})
        given = [_readable(one, part.reading is not None) for one in part.contents]
        stays = list(zip(map(str, part.names.to_pylist()), (one for one, _ in given)))
        many = self._model._engine.explain_many(stays, asked, self._threads)
        errors = [unread or error for (_, unread), error in zip(given, many.errors)]
        columns = self._stays(many, errors) if self.rows == "stays" else self._cells(many)
        names = part.names
        if self.rows != "stays":
            names = names.take(pa.array(np.repeat(np.arange(len(names)), many.counts)))
        wanted = schema(self.rows, names.type)
        return pa.RecordBatch.from_arrays([names, *columns], schema=wanted)

    def _stays(self, many: Any, errors: Sequence[str | None]) -> list[Any]:
        import pyarrow as pa

        numbers = [_nullable(np.frombuffer(column, "<f8")) for column in many.numbers]
        sets = pa.array([_SETS[held and tuple(held)] for held in many.sets], pa.list_(pa.int8()))
        verdicts = [verdict or (None, None) for verdict in many.verdicts]
        words = pa.array([word for word, _ in verdicts], pa.string())
        sure = pa.array([probability for _, probability in verdicts], pa.float64())
        hashes = [pa.repeat(text, len(sets)) for text in (self._model.sha256, self._engine)]
        return [*numbers, sets, words, sure, pa.array(errors, pa.string()), *hashes]

    def _cells(self, many: Any) -> list[Any]:
        import pyarrow as pa

        manifest = self._model.manifest
        steps = np.repeat(np.array(many.steps, "<u4"), many.counts)
        place, value, relevance, mask = (
            np.frombuffer(column, kind) for column, kind in zip(many.cells, ("<u4", "<f8", "<f4", "<f4"))
        )
        channels = pa.array([channel["name"] for channel in manifest["channels"]])
        channel, step = np.divmod(place, steps)
        hours = step * float(manifest["step_hours"])
        return [channels.take(pa.array(channel)), pa.array(hours), _nullable(value), *map(pa.array, (relevance, mask))]


def _check_request(model: Model, asked: Mapping[str, Any]) -> None:
    """Refuses what no stay could be explained by: else each had the same error."""
    target = asked["explanation"].get("target", 0)
    if not 0 <= target < len(model.outputs):
        raise ArgumentError(f"argument: target: is {target}, and the outputs are 0 to {len(model.outputs) - 1}")
    model._engine.explain_many([], _json(asked), 1)


def _readable(record: bytes | str, is_record: bool) -> tuple[bytes, str | None]:
    """Numbers or a record as the engine reads it; of one that cannot be read, which may be told in its place, nothing and why."""
    if isinstance(record, str):
        return b"", record
    if not is_record:
        return record, None
    try:
        return content(record), None
    except RecordError as error:
        return b"", str(error)


def _nullable(numbers: Any) -> Any:
    """An Arrow array, null where there is no number."""
    import pyarrow as pa

    return pa.array(numbers, mask=np.isnan(numbers))


def engine_sha256() -> str:
    """SHA-256 of the native module, 64 hexadecimal digits: which engine made a table."""
    return _engine.sha256(Path(str(_engine.__file__)).read_bytes())


class _Parts:
    """The stays of record batches, so many at a time."""

    def __init__(self, model: Model, stay: str, input: str, record: str, mapping: Mapping[str, Any] | None) -> None:
        self._model, self._stay, self._input, self._record = model, stay, input, record
        self._mapping = dict(mapping or {})
        self._count = 0
        self._named: set[Any] = set()

    def of(self, batches: Iterable[Any], size: int) -> Iterator[_Part]:
        """Rows of one stay each as they come; those of stays of many rows when so many are whole."""
        long: _LongRows | None = None
        for batch in batches:
            names = batch.schema.names
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ArgumentError(f"argument: batches: have the column {twice} twice; keep one")
            if self._input in names:
                yield from _Part(self._names(batch), self._numbers(batch), None).slices(size)
            elif self._record in names:
                column = batch.column(names.index(self._record)).to_pylist()
                unread = batch.column(names.index(_UNREAD)).to_pylist() if _UNREAD in names else [None] * len(column)
                files = [
                    why or (one.encode() if isinstance(one, str) else one or b"") for one, why in zip(column, unread)
                ]
                yield from _Part(self._names(batch), files, {"mapping": self._mapping or None}).slices(size)
            else:
                long = long or self._long(names)
                yield from long.take(batch, size)
        if long and (rest := long.rest()):
            yield rest

    def _names(self, batch: Any) -> Any:
        import pyarrow as pa

        start, self._count = self._count, self._count + batch.num_rows
        if self._stay not in batch.schema.names:
            return pa.array([str(number) for number in range(start, self._count)], pa.string())
        names = batch.column(batch.schema.names.index(self._stay))
        if names.null_count:
            raise ArgumentError(f"argument: batches: {self._stay} has an empty row; name every stay")
        for name in names.to_pylist():
            if name in self._named:
                raise ArgumentError(
                    f"argument: batches: {self._stay} has {name} twice; what comes out is told apart by it, so name every row otherwise"
                )
            self._named.add(name)
        return _plain(names)

    def _numbers(self, batch: Any) -> Sequence[bytes | str]:
        """The stays of a column of lists, `steps * columns` numbers each; of a network of any number of steps, so many steps
        as each has. Of an empty row, that it is one."""
        import pyarrow as pa

        name, model = self._input, self._model
        column = batch.column(batch.schema.names.index(name))
        #: Where each row begins, and the last one ends, among the elements of this level of lists.
        edges = np.arange(batch.num_rows + 1)
        levels = []
        empty = np.asarray(column.is_null())
        while pa.types.is_nested(column.type):
            if column.null_count and levels:
                raise ArgumentError(f"argument: batches: {name} has an empty list within a row; give every step its numbers")
            fixed = pa.types.is_fixed_size_list(column.type)
            sizes = np.full(len(column), column.type.list_size) if fixed else np.asarray(column.value_lengths().fill_null(0), np.int64)
            # What an empty row holds is left out as the lists are flattened.
            sizes = np.where(empty, 0, sizes) if not levels else sizes
            levels.append((sizes, edges))
            edges = np.concatenate([[0], np.cumsum(sizes)])[edges]
            column = column.flatten()
        self._check_nested(levels, empty)
        lengths = np.diff(edges)
        steps = lengths // model.columns if model.open_steps else np.full(batch.num_rows, model.steps)
        wrong = np.flatnonzero(~empty & ((lengths != steps * model.columns) | (steps == 0)))
        if len(wrong):
            whole = f"{'any number of' if model.open_steps else model.steps} steps x {model.columns} columns"
            raise ArgumentError(
                f"argument: batches: {name} has {lengths[wrong[0]]} numbers in row {wrong[0]}; the model reads {whole}"
            )
        numbers = column.to_numpy(zero_copy_only=False)
        single = numbers.astype("<f4", copy=False)
        if numbers.dtype.kind in "iu" and not np.array_equal(numbers, single):
            raise ArgumentError(f"argument: batches: {name} has whole numbers that single precision rounds, above 16777216; number codes anew")
        return _Rows(single, edges, empty, f"argument: {name}: the row is empty")

    def _check_nested(self, levels: Sequence[tuple[Any, Any]], empty: Any) -> None:
        """Lists of lists are steps of columns, and what is around them is of one: the same numbers, turned, are another stay."""
        *around, _, steps = levels if len(levels) > 1 else (levels[0], (np.empty(0), None))
        for (sizes, edges), wanted in [*((level, 1) for level in around), (steps, self._model.columns)]:
            is_empty = empty if sizes is levels[0][0] else np.zeros(len(sizes), bool)
            wrong = np.flatnonzero((sizes != wanted) & ~is_empty)
            if len(wrong):
                row = int(np.searchsorted(edges, wrong[0], side="right")) - 1
                raise ArgumentError(
                    f"argument: batches: {self._input} has a list of {sizes[wrong[0]]} in row {row}; the model reads "
                    f"[steps][columns], {self._model.columns} numbers a step"
                )

    def _long(self, names: Sequence[str]) -> _LongRows:
        if set(_MEDS) <= set(names):
            own = {"time": "time", "variable": "code", "value": "numeric_value"}
            columns = {**own, **self._mapping.get("columns", {})}
            mapping = {"timeUnit": "hours", **self._mapping, "columns": columns}
            return _LongRows(_MEDS[0], _MEDS[1:], {"format": "long", "mapping": mapping})
        if {self._stay, "Hours"} <= set(names):
            reading = {"format": "auto", "mapping": self._mapping} if self._mapping else {"format": "mimic3"}
            return _LongRows(self._stay, ("Hours",), reading)
        raise ArgumentError(
            f"argument: batches: have the columns {', '.join(names)}; give {self._input!r} (steps x columns numbers a row), "
            f"{self._record!r} (a record's file a row), {', '.join(_MEDS)}, or {self._stay!r} and 'Hours'"
        )


class _Rows(Sequence["bytes | str"]):
    """Stretches of an array, as bytes when they are asked for. edges: where each begins, and the last one ends; why: what is
    told in the place of each that is empty."""

    def __init__(self, array: Any, edges: Any, empty: Any, why: str) -> None:
        self._array, self._edges, self._empty, self._why = array, edges, empty, why

    def __len__(self) -> int:
        return len(self._edges) - 1

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, _ = at.indices(len(self))
            return _Rows(self._array, self._edges[start : stop + 1], self._empty[start:stop], self._why)
        return self._why if self._empty[at] else self._array[self._edges[at] : self._edges[at + 1]].tobytes()


class _LongRows:
    """Rows of measurements or hours, gathered to stays. needed: the columns, beside the subject's, that each batch has; what
    else it has goes along."""

    def __init__(self, subject: str, needed: Sequence[str], reading: dict[str, Any]) -> None:
        self._subject, self._needed, self._reading = subject, list(needed), reading
        self._type: Any = None
        #: Rows of the last subject, which may go on in the next batch.
        self._open: list[Any] = []
        self._names: list[Any] = []
        self._texts: list[bytes] = []
        self._done: set[Any] = set()

    def take(self, batch: Any, size: int) -> Iterator[_Part]:
        import pyarrow as pa
        import pyarrow.compute as pc

        lacking = [name for name in (self._subject, *self._needed) if name not in batch.schema.names]
        if lacking:
            raise ArgumentError(f"argument: batches: one has no column {lacking[0]}, and those before it have; give all of one kind")
        subjects = _plain(batch.column(batch.schema.names.index(self._subject)))
        if subjects.null_count:
            raise ArgumentError(f"argument: batches: {self._subject} has an empty row; name every stay")
        self._type = subjects.type
        table = pa.Table.from_batches([batch]).drop_columns([self._subject])
        changes = np.flatnonzero(np.asarray(pc.not_equal(subjects[1:], subjects[:-1]))) + 1
        edges = [0, *changes.tolist(), batch.num_rows] if batch.num_rows else []
        for start, end in zip(edges, edges[1:]):
            subject = subjects[start].as_py()
            if not self._open or subject != self._names[-1]:
                self._begin(subject)
                if len(self._names) > size:
                    yield self._taken(size)
            self._open.append(table.slice(start, end - start))

    def rest(self) -> _Part | None:
        self._close()
        return self._taken(len(self._names)) if self._names else None

    def _begin(self, subject: Any) -> None:
        self._close()
        if subject in self._done:
            raise ArgumentError(f"argument: batches: the rows of {subject} do not stand together; sort by {self._subject}")
        self._done.add(subject)
        self._names.append(subject)

    def _close(self) -> None:
        import pyarrow as pa

        if not self._open:
            return
        try:
            rows = pa.concat_tables(self._open, promote_options="permissive")
        except pa.ArrowException as error:
            raise ArgumentError(
                f"argument: batches: the columns of {self._names[-1]} change their type from one batch to the next ({error}); "
                "give all of one type"
            ) from None
        self._texts.append(long_text(rows))
        self._open = []

    def _taken(self, size: int) -> _Part:
        import pyarrow as pa

        part = _Part(pa.array(self._names[:size], self._type), self._texts[:size], self._reading)
        self._names, self._texts = self._names[size:], self._texts[size:]
        return part


def _plain(names: Any) -> Any:
    """Names in a type that Arrow can take from: it cannot from views."""
    import pyarrow as pa

    views = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
    return names.cast(views[names.type]) if names.type in views else names


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
    off is; one whose record is another by now is refused, and so is a file with rows of stays that are not given. cells:
    every channel and step in place of the channels' sums. say: takes a line of progress now and then.
    The engine lets the interpreter go, so that one process uses all cores and holds the network once.
    """
    if cells and model.open_steps:
        raise ArgumentError("argument: cells: each stay has a length of its own; name a table that ends in .parquet")
    asked = model._asked(options)
    _check_request(model, {"explanation": asked, "kept": "stays", "isAudited": False})
    _all_named_apart(files)
    with _alone(out):
        return _explain_files(files, model, out, cells, threads, say, _json(asked))


def _explain_files(
    files: Sequence[Path],
    model: Model,
    out: Path,
    cells: bool,
    threads: int | None,
    say: Callable[[str], None],
    request: str,
) -> tuple[int, int]:
    engine = model._engine
    header = _with_digest(engine.row_header(cells), "record_sha256")
    done = _resume(out, header)
    _check_given(out, files, done)
    todo = [file for file in files if _engine.name_cell(file.name) not in done]

    def one(file: Path) -> tuple[str, bool]:
        digest = ""
        try:
            data = file.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            record = content(data)
        except (OSError, RecordError) as error:
            n_others = len(next(csv.reader([header]))) - 3
            return _engine.name_cell(file.name) + _csv_row(["", str(error), *[""] * n_others, digest]), False
        row, is_explained = engine.row(record, _json({"name": file.name}), request, cells)
        return _with_digest(row, digest), is_explained

    held = [file for file in files if _engine.name_cell(file.name) in done]
    _check_unchanged(out, held, done)
    _check_same(out, held, one)
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


def _csv_row(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _all_named_apart(files: Sequence[Path]) -> None:
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentError(f"argument: stays: two files are called {twice}; a stay is known by its file's name")


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


def _check_same(out: Path, files: Iterable[Path], work: Callable[[Path], tuple[str, bool]]) -> None:
    """Refuses to go on with a table that another model or other options made: one of its rows, made again, has to be there."""
    row, is_explained = next((made for made in map(work, files) if made[1]), ("", False))
    if is_explained and f"\n{row}" not in out.read_bytes().decode():
        raise ArgumentError(f"argument: {out}: its rows are not what this model and these options write; name another file")


def _check_given(out: Path, files: Iterable[Path], done: Mapping[str, str]) -> None:
    """Refuses a table with rows of other stays: nothing would say whether this model and these options made them."""
    others = done.keys() - {_engine.name_cell(file.name) for file in files}
    if others:
        raise ArgumentError(
            f"argument: {out}: has a row of {min(others)}, which is not among the stays; give all of them, or name another file"
        )


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """For as long as it lasts, no other run writes this file or folder. Where a system has no such locks, nothing holds one
    back."""
    if fcntl is None:
        yield
        return
    lock = os.open(out, os.O_RDONLY if out.is_dir() else os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(lock, out)
        yield
    finally:
        os.close(lock)


def _lock(file: int, out: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ArgumentError(f"argument: {out}: another run writes it; wait for its end, or name another") from None
    except OSError:
        # A file system without locks.
        return


def _check_unchanged(out: Path, files: Iterable[Path], done: Mapping[str, str]) -> None:
    """Refuses to leave the row of a record that is another one by now."""
    for file in files:
        if _sha256_of(file) != done[_engine.name_cell(file.name)]:
            raise ArgumentError(
                f"argument: {out}: {file} changed after its row was written; take that row out, or name another file"
            )


def _sha256_of(file: Path) -> str:
    """Of a file's bytes, 64 hexadecimal digits; of one that cannot be opened nothing."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _with_digest(line: str, digest: str) -> str:
    """A line of a table with one more cell."""
    return f"{line.removesuffix(chr(10))},{digest}\n"


def _resume(out: Path, header: str) -> dict[str, str]:
    """The stays that a table has already, and the SHA-256 of their records. It is begun where it is not there, and a last row without its end is taken away."""
    if not out.exists() or not out.stat().st_size:
        out.write_bytes(header.encode())
    # Cut off inside of a letter, too.
    text = out.read_bytes().decode(errors="replace")
    whole = text[: text.rfind("\n") + 1]
    if not whole.startswith(header):
        raise ArgumentError(f"argument: {out}: its header is not what this model and these options write; name another file")
    if whole != text:
        out.write_bytes(whole.encode())
    return {row[0]: row[-1] for row in csv.reader(io.StringIO(whole[len(header) :], newline="")) if row}


def file_batches(files: Sequence[Path], size: int) -> Iterator[Any]:
    """Record batches of record files, a stay a file: `stay` is the file's name, and `record` its bytes. Of a file that
    cannot be opened it is told why."""
    import pyarrow as pa

    def read(file: Path) -> tuple[bytes | None, str | None]:
        try:
            return file.read_bytes(), None
        except OSError as error:
            return None, str(error)

    _all_named_apart(files)
    for at in range(0, len(files), size):
        some = files[at : at + size]
        records, unread = zip(*map(read, some))
        columns = {"stay": [file.name for file in some], "record": records, _UNREAD: unread}
        kinds = {"stay": pa.string(), "record": pa.large_binary(), _UNREAD: pa.string()}
        yield pa.record_batch({name: pa.array(column, kinds[name]) for name, column in columns.items()})


def parquet_batches(files: Sequence[Path], size: int) -> Iterator[Any]:
    """Record batches of Parquet files, so many rows each. Pages are decoded when they are needed: a group of rows may hold
    more than memory does."""
    import pyarrow.parquet as pq

    for file in files:
        with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as table:
            yield from table.iter_batches(batch_size=size, use_threads=False)


def explain_to_parquet(
    batches: Iterable[Any],
    model: Model,
    out: Path,
    *,
    rows: Rows = "stays",
    size: int = 4096,
    top: int = 10,
    audit: bool = False,
    mapping: Mapping[str, Any] | None = None,
    threads: int | None = None,
    say: Callable[[int], None] = lambda _: None,
    **options: Any,
) -> tuple[int, int]:
    """Explains record batches (as of `explain_batches`) into a folder of Parquet files, a file for so many stays; returns
    how many stays were explained or found wanting, and how many were there already.

    A folder that is there already is gone on with: what has its file is not explained again. A file is there whole or not
    at all: one that is being written has a hidden name. The batches have to be the same each time; a folder of another
    model, manifest, size, options or stays, or of more stays, is refused. say: takes how many stays are done, now and then.
    """
    writer = _Writer(model, rows, top, audit, threads, options)
    metadata = {"vitrine.model": model.sha256, "vitrine.engine": engine_sha256()}
    metadata["vitrine.manifest"] = _engine.sha256(json.dumps(model.manifest, sort_keys=True).encode())
    metadata["vitrine.request"] = _json({**writer.asked, "size": size, "mapping": mapping})
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        return _explain_parts(_Parts(model, "stay", "input", "record", mapping).of(batches, size), writer, out, metadata, say)


def _explain_parts(
    parts: Iterable[_Part], writer: _Writer, out: Path, metadata: dict[str, str], say: Callable[[int], None]
) -> tuple[int, int]:
    n_done = n_there = 0
    held = {file.name for file in out.glob("part-*.parquet")}
    for number, part in enumerate(parts):
        file = out / f"part-{number:06}.parquet"
        metadata["vitrine.stays"] = _digest(part)
        if file.name in held:
            _check_part(file, metadata)
            held.remove(file.name)
            n_there += len(part.contents)
            continue
        for some in _written(file, writer, part, metadata):
            n_done += len(some.contents)
            say(n_there + n_done)
    if held:
        raise ArgumentError(f"argument: {out / min(held)}: is of stays that are not among these; give all of them, or name another folder")
    return n_done, n_there


def _written(file: Path, writer: _Writer, part: _Part, metadata: Mapping[str, str]) -> Iterator[_Part]:
    """Writes a part, and gives what is done of it. Whatever interrupts it, nothing else reads half of it: what begins with a
    point is hidden from readers of a folder."""
    import pyarrow.parquet as pq

    new = file.with_name(f".{file.name}.new")
    kind = schema(writer.rows, part.names.type).with_metadata(metadata)
    # Numbers that are all different have no use for a dictionary.
    repeated = [name for name in kind.names if name in ("stay", "channel", "hour", "value", "model_sha256", "engine_sha256")]
    try:
        with pq.ParquetWriter(new, kind, compression="zstd", use_dictionary=repeated) as table:
            for some in part.slices(CHUNK):
                table.write_batch(writer.batch(some))
                yield some
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _digest(part: _Part) -> str:
    """Which stays these are, by their names and what they hold."""
    digest = hashlib.sha256("\n".join(map(str, part.names.to_pylist())).encode())
    for one in part.contents:
        digest.update(one.encode() if isinstance(one, str) else one)
    return digest.hexdigest()


def _check_part(file: Path, metadata: Mapping[str, str]) -> None:
    """Refuses to go on with what another model, manifest or request made, or with other stays."""
    import pyarrow.parquet as pq

    held = {key.decode(): value.decode() for key, value in (pq.read_schema(file).metadata or {}).items()}
    for key, value in metadata.items():
        if key != "vitrine.engine" and held.get(key) != value:
            what = "of other stays, or before one of them changed" if key == "vitrine.stays" else f"with another {key.removeprefix('vitrine.')}"
            raise ArgumentError(f"argument: {file}: was made {what}; name another folder")
