"""Many stays by the Python package: from Parquet to a row a cell in Parquet, and records beside numbers.

    PYTHONPATH=... $(tools/venv.sh python/requirements-spark.txt) benches/many.py [--stays 100000]

Prints a table for docs/python.md. Each command is a process of its own; processor time is of all its threads, and counts
where the machine is busy with others.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import vitrine

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "www/models/in-hospital-mortality.onnx"
STEPS, COLUMNS = 48, 76
SIZE = STEPS * COLUMNS
PART = 2000


def write_numbers(path, count):
    """A table of made-up stays, so many to a group of rows."""
    kind = pa.schema([pa.field("stay", pa.string()), pa.field("input", pa.list_(pa.float32(), SIZE))])
    rng = np.random.default_rng(0)
    with pq.ParquetWriter(path, kind, use_dictionary=False, compression="none") as table:
        for start in range(0, count, PART):
            stays = [f"stay-{number:06}" for number in range(start, min(start + PART, count))]
            numbers = pa.array(rng.standard_normal(len(stays) * SIZE, dtype=np.float32))
            column = pa.FixedSizeListArray.from_arrays(numbers, SIZE)
            table.write_batch(pa.record_batch([pa.array(stays), column], schema=kind))


def write_records(folder, count):
    """The demo stays again and again: the same ones as records, as numbers, and as hours."""
    model = vitrine.Model(MODEL)
    files = sorted((ROOT / "www/stays").glob("*_timeseries.csv"))
    texts = [path.read_bytes() for path in files]
    numbers = [model.read(path).input.ravel() for path in files]
    at = np.arange(count) % len(files)
    stays = [f"stay-{number:06}" for number in range(count)]
    column = pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate([numbers[one] for one in at])), SIZE)
    pq.write_table(pa.table({"stay": stays, "input": column}), folder / "numbers.parquet", row_group_size=PART)
    pq.write_table(pa.table({"stay": stays, "record": [texts[one] for one in at]}), folder / "records.parquet", row_group_size=PART)


def explained(given, out, *more):
    """One run of the command: seconds, seconds of the processor, and the most memory that it held, in MB."""
    command = [sys.executable, "-m", "vitrine", "explain", given, "--model", MODEL, "--out", out, *more]
    start = time.monotonic()
    process = subprocess.Popen([*map(str, command)], stderr=subprocess.DEVNULL)
    # Of this child alone, and not of the largest of all.
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {command}")
    seconds = time.monotonic() - start
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stays", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=5000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as name:
        folder = Path(name)
        print("| | stays | s | processor, s | memory, MB |\n|---|---:|---:|---:|---:|")

        def told(what, given, out, count, *more):
            seconds, used, memory = explained(given, out, *more)
            print(f"| {what} | {count:,} | {seconds:.1f} | {used:.1f} | {memory:.0f} |", flush=True)
            return used

        write_numbers(folder / "in.parquet", asked.stays)
        told("numbers to a row a cell", folder / "in.parquet", folder / "cells.parquet", asked.stays, "--cells")
        rows = sum(pq.read_metadata(part).num_rows for part in (folder / "cells.parquet").iterdir())
        assert rows == asked.stays * 17 * STEPS, rows
        told("the same, all done already", folder / "in.parquet", folder / "cells.parquet", asked.stays, "--cells")
        told("numbers to a row a stay", folder / "in.parquet", folder / "stays.parquet", asked.stays)
        write_records(folder, asked.records)
        typed = told("numbers of the demo stays", folder / "numbers.parquet", folder / "a.parquet", asked.records)
        text = told("their records in CSV", folder / "records.parquet", folder / "b.parquet", asked.records)
        print(f"\nRecords take {text / typed:.2f} times as long as numbers.")
        same = ["probability", "score", "residual"]
        a, b = (pq.read_table(folder / made).select(same) for made in ("a.parquet", "b.parquet"))
        assert a.equals(b)


if __name__ == "__main__":
    main()
