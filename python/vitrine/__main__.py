"""The command line: `vitrine page`, `vitrine explain`, `vitrine manifest`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import manifest, page


def main(arguments: Sequence[str] | None = None) -> None:
    """One command; ends the process with a message where something is refused."""
    try:
        _run(_parser().parse_args(arguments))
    except (ValueError, OSError, ImportError) as error:
        raise SystemExit(f"error: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped; run the same command again to go on") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vitrine", description="Explains clinical recurrent networks.")
    commands = parser.add_subparsers(dest="command", required=True)
    page.add_options(commands.add_parser("page", help="the page as one file with a network and stays of your own"))
    manifest.add_commands(commands.add_parser("manifest", help="what a network's columns and outputs mean"))
    explain = commands.add_parser("explain", help="many stays into a table, on all cores; goes on where it was stopped")
    explain.add_argument("stays", nargs="+", help="records (a file a stay), folders of them, or Parquet files")
    explain.add_argument("--model", required=True, help="the network, an ONNX file")
    explain.add_argument("--manifest", help="a JSON file that takes the place of the network's own")
    explain.add_argument("--out", required=True, help="OUT.csv (of records), or OUT.parquet, a folder (of Parquet)")
    explain.add_argument("--cells", action="store_true", help="every channel and step")
    explain.add_argument("--threads", type=int, help="default: one a core")
    explain.add_argument("--batch", type=int, default=4096, help="rows of a Parquet batch (default 4096)")
    explain.add_argument("--method", default="lrp")
    explain.add_argument("--target", type=int, default=0)
    return parser


def _run(options: argparse.Namespace) -> None:
    if options.command == "manifest":
        manifest.run(options)
    elif options.command == "page":
        _page(options)
    else:
        _explain(options)


def _page(options: argparse.Namespace) -> None:
    from .model import Model

    model = Model(options.model, options.manifest)
    path = page.save(model, page.records_of(options.stays), options.out)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB; open it with a double click. It holds the network and the records.")


def _explain(options: argparse.Namespace) -> None:
    from . import batches
    from .model import Model

    model, out = Model(options.model, options.manifest), Path(options.out)
    request = {"method": options.method, "target": options.target}
    if out.suffix == ".parquet":
        rows: Any = "cells" if options.cells else "stays"
        given = _parquet(options.stays, options.batch)
        n_batches = batches.explain_to_parquet(given, model, out, rows=rows, say=_say, **request)
        _end(f"{n_batches} batches explained; {out} is a folder of Parquet files")
        return
    if out.suffix != ".csv":
        raise ValueError(f"{out}: name a table that ends in .csv or .parquet")
    files = page.records_of(options.stays)
    n, n_failed = batches.explain_files(
        files, model, out, cells=options.cells, threads=options.threads, say=_say, **request
    )
    _end(f"{n} stays explained, {n_failed} could not be read, {len(files) - n - n_failed} were there already")


def _parquet(paths: Sequence[str], batch: int) -> Any:
    import pyarrow.dataset as ds

    not_parquet = [path for path in paths if not (Path(path).is_dir() or path.endswith(".parquet"))]
    if not_parquet:
        raise ValueError(f"{not_parquet[0]}: is no Parquet file; records are explained into OUT.csv")
    found = ds.dataset(paths[0] if len(paths) == 1 else list(paths), format="parquet")
    return found.to_batches(batch_size=batch)


def _say(words: str) -> None:
    is_terminal = sys.stderr.isatty()
    print(f"\r{words:<70}" if is_terminal else words, end="" if is_terminal else "\n", file=sys.stderr, flush=True)


def _end(words: str) -> None:
    print(f"\r{words:<70}" if sys.stderr.isatty() else words, file=sys.stderr)


if __name__ == "__main__":
    main()
