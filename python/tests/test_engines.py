"""The same function under Apache Spark, Polars and DuckDB: each stay exactly once, as without them."""

import os
import shutil
import signal
import subprocess
import sys
import unittest

import numpy as np

import vitrine
from common import MODEL, blocks, folder_for, found, run_blocks

N_STAYS = 30
SIZE = 48 * 76


def setUpModule():
    global pa, pq
    found("pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq


class Engines(unittest.TestCase):
    def setUp(self):
        """A folder as the documents have it: a network, and a table of stays."""
        self.folder = folder_for(self)
        shutil.copy(MODEL, self.folder / "model.onnx")
        numbers = np.random.default_rng(0).normal(size=N_STAYS * SIZE).astype("<f4")
        column = pa.FixedSizeListArray.from_arrays(pa.array(numbers), SIZE)
        self.stays = [f"stay {number:02}" for number in range(N_STAYS)]
        self.table = pa.table({"stay": self.stays, "input": column})
        pq.write_table(self.table, self.folder / "stays.parquet")

    def direct(self, **options):
        made = vitrine.explain_batches(self.table.to_batches(), MODEL, **options)
        return pa.Table.from_batches(made)

    def same(self, made):
        """A table of the three strongest cells of each stay, in any order of the stays."""
        known = self.direct(rows="top", top=3)
        self.assertEqual(sorted(map(tuple, map(dict.values, made.to_pylist()))), sorted(map(tuple, map(dict.values, known.to_pylist()))))

    def test_polars(self):
        found("polars")
        left = run_blocks(self.folder, blocks("docs/python.md", "python polars"))
        self.same(left["relevance"].to_arrow())

    def test_duckdb(self):
        found("duckdb")
        run_blocks(self.folder, blocks("docs/python.md", "python duckdb"))
        self.same(pq.read_table(self.folder / "relevance.parquet"))


class Spark(Engines):
    test_polars = test_duckdb = None

    @classmethod
    def setUpClass(cls):
        found("pyspark")
        java = shutil.which("java")
        if not java or subprocess.run([java, "-version"], capture_output=True).returncode:
            raise unittest.SkipTest("Java is not installed (Debian: openjdk-17-jre-headless)")
        # Spark says which address it would rather have, and would ask the name service for its own.
        os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost", "PYSPARK_PYTHON": sys.executable}

    @classmethod
    def tearDownClass(cls):
        from pyspark.sql import SparkSession

        if running := SparkSession.getActiveSession():
            running.stop()

    def test_the_block_of_the_documents(self):
        (block,) = blocks("docs/python.md", "python spark")
        # In a process of its own: Spark looks for files where its Java was started.
        done = subprocess.run([sys.executable, "-c", block], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        self.same(pq.read_table(self.folder / "relevance.parquet"))

    def test_a_worker_that_is_killed_loses_no_stay_and_doubles_none(self):
        from pyspark.sql import SparkSession

        session = SparkSession.builder.master("local[2, 4]").config("spark.ui.enabled", "false").getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "2")
        struck, model = self.folder / "struck", str(self.folder / "model.onnx")

        def until_struck(batches):
            # In the middle of a task: some batches of it have been given away already.
            for count, batch in enumerate(batches):
                if count == 3 and not struck.exists():
                    struck.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                yield batch

        def explained(batches):
            yield from vitrine.explain_batches(until_struck(batches), model, threads=1)

        names = "stay string, probability double, score double, residual double, set array<tinyint>, verdict string, "
        names += "verdict_probability double, error string, model_sha256 string, engine_sha256 string"
        frame = session.read.parquet(str(self.folder / "stays.parquet")).repartition(3)
        rows = frame.mapInArrow(explained, names).collect()
        self.assertTrue(struck.exists())
        self.assertEqual(sorted(row.stay for row in rows), self.stays)
        known = dict(zip(self.stays, self.direct()["probability"].to_pylist()))
        self.assertEqual({row.stay: row.probability for row in rows}, known)
        session.stop()


if __name__ == "__main__":
    unittest.main()
