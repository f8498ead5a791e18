"""Writes tests/fixtures/cases/parquet: tables as pyarrow writes them, each with the CSV that pandas writes of it.

    pip install pandas pyarrow && python tests/reference/make_parquet.py

The numbers are made up. `tests/node/parquet.test.mjs` reads both and asks for one and the same stay and report.
"""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).parents[1] / "fixtures/cases/parquet"


def times(*texts, unit="us", zone=None):
    values = [None if text is None else pd.Timestamp(text) for text in texts]
    return pa.array(values, pa.timestamp(unit, zone))


TABLES = {
    # MEDS: naive times, a static row without one, single precision, a subject's number beyond what a double holds.
    "meds": pa.table({
        "subject_id": pa.array([9007199254740993] * 4, pa.int64()),
        "time": times(None, "2031-05-04 08:00", "2031-05-04 09:30:15.25", "2031-05-04 11:00"),
        "code": ["GENDER//F", "LAB//220045//bpm", "LAB//223762//C", "LAB//220045//bpm"],
        "numeric_value": pa.array([None, 88, 36.6, 91], pa.float32()),
        "text_value": pa.array(["F", None, None, None], pa.string()),
    }),
    # CLIF: times in UTC, categories as a dictionary.
    "clif": pa.table({
        "hospitalization_id": ["7", "7", "7"],
        "recorded_dttm": times("2031-05-04 08:00+00:00", "2031-05-04 09:00+00:00", "2031-05-04 09:10+00:00", zone="UTC"),
        "vital_category": pa.array(["heart_rate", "temp_c", "heart_rate"]).dictionary_encode(),
        "vital_value": [88.0, 37.25, None],
    }),
    # A column a variable, and a comma, a quote and a line break in a text.
    "wide": pa.table({
        "stay_id": pa.array([3, 3, None], pa.int64()),
        "charttime": times("2031-05-04 08:00", "2031-05-04 09:00", "2031-05-04 10:00", unit="ns"),
        "heart_rate": pa.array([88, 90, None], pa.int16()),
        "temperature": pa.array([Decimal("36.60"), None, Decimal("37.10")], pa.decimal128(6, 2)),
        "glucose": pa.array([float("nan"), 120.5, 131.0], pa.float64()),
        "error": [False, False, True],
        "comment": ['says "well", twice', "two\nlines", None],
    }),
    # Two subjects whose numbers are one as doubles.
    "two-subjects": pa.table({
        "subject_id": pa.array([9007199254740992, 9007199254740993], pa.int64()),
        "time": times("2031-05-04 08:00", "2031-05-04 09:00"),
        "code": ["LAB//220045//bpm"] * 2,
        "numeric_value": [80.0, 180.0],
    }),
    # Dates without a time.
    "days": pa.table({
        "time": pa.array([pd.Timestamp("2031-05-04").date(), pd.Timestamp("2031-05-05").date()], pa.date32()),
        "variable": ["HR", "HR"],
        "value": [80, 84],
        "unit": ["/min", "/min"],
    }),
}
LONG = TABLES["meds"]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        pq.write_table(table, OUT / f"{name}.parquet", row_group_size=2)
        table.to_pandas(types_mapper=types).to_csv(OUT / f"{name}.csv", index=False)
    pq.write_table(LONG, OUT / "int96.parquet", use_deprecated_int96_timestamps=True)
    pq.write_table(LONG, OUT / "pages-2.parquet", data_page_version="2.0", use_dictionary=False, compression="none")
    pq.write_table(LONG, OUT / "zstd.parquet", compression="zstd")
    clock = [pd.Timestamp(f"2031-05-04 {text}").time() for text in ("00:30", "01:30")]
    pq.write_table(pa.table({"time": pa.array(clock, pa.time64("us")), "HR": [80, 90]}), OUT / "time-of-day.parquet")
    parts = pa.array([[1, 2], [3]], pa.list_(pa.int64()))
    pq.write_table(pa.table({"hours": [0.5, 1.5], "wave": parts, "HR": [80, 90]}), OUT / "nested.parquet")


def types(kind):
    """Whole numbers with gaps stay whole."""
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


if __name__ == "__main__":
    main()
