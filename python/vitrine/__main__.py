"""The command line: `vitrine page`, `vitrine explain`, `vitrine manifest`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import manifest, page, records


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
    explain.add_argument("stays", nargs="+", help="records (a file a stay), folders of them, or Parquet files of many stays")
    explain.add_argument("--model", required=True, help="the network, an ONNX file")
    explain.add_argument("--manifest", help="a JSON file that takes the place of the network's own")
    explain.add_argument("--out", required=True, help="OUT.csv (of records), or OUT.parquet, a folder")
    explain.add_argument("--cells", action="store_true", help="every channel and step")
    explain.add_argument("--top", type=_count, help="the so many cells with the most relevance (Parquet)")
    explain.add_argument("--audit", action="store_true", help="how far each explanation holds (Parquet, a row a stay)")
    explain.add_argument("--threads", type=_count, help="default: one a core")
    explain.add_argument("--batch", type=_count, default=4096, help="stays of a Parquet file (default 4096)")
    explain.add_argument("--method", default="lrp")
    explain.add_argument("--target", type=int, default=0)
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


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
    path = page.save(model, records.records_of(options.stays), options.out)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB; open it with a double click. It holds the network and the records.")


def _explain(options: argparse.Namespace) -> None:
    from .model import Model

    model, out = Model(options.model, options.manifest), Path(options.out)
    request = {"method": options.method, "target": options.target, "threads": options.threads}
    if out.suffix == ".parquet":
        _explain_to_parquet(options, model, out, request)
    elif out.suffix == ".csv":
        _explain_to_csv(options, model, out, request)
    else:
        raise ValueError(f"{out}: name a table that ends in .csv or .parquet")


def _explain_to_csv(options: argparse.Namespace, model: Any, out: Path, request: dict[str, Any]) -> None:
    from .batches import explain_files

    if options.top or options.audit:
        raise ValueError("--top and --audit: are of a table that ends in .parquet")
    files = [file for file in records.records_of(options.stays) if not _is_of(file, out)]
    n, n_failed = explain_files(files, model, out, cells=options.cells, say=_say, **request)
    _end(f"{n} stays explained, {n_failed} could not be read, {len(files) - n - n_failed} were there already")


def _explain_to_parquet(options: argparse.Namespace, model: Any, out: Path, request: dict[str, Any]) -> None:
    from .batches import explain_to_parquet, file_batches, parquet_batches

    tables = _tables(options.stays, out)
    if tables:
        given = parquet_batches(tables, options.batch)
    else:
        given = file_batches(records.records_of(options.stays), options.batch)
    if bool(options.top) + options.cells + options.audit > 1:
        raise ValueError("--top, --cells and --audit: give one of them")
    kept: Any = "top" if options.top else "cells" if options.cells else "stays"
    start = time.monotonic()
    asked = {"size": options.batch, "top": options.top or 0, "audit": options.audit, **request}
    n, n_there = explain_to_parquet(given, model, out, rows=kept, say=lambda n: _say(f"{n} stays"), **asked)
    seconds = time.monotonic() - start
    _end(f"{n} stays in {seconds:.0f} s, {n_there} were there already; {out} is a folder of Parquet files")


def _tables(given: Sequence[str], out: Path) -> list[Path]:
    """The Parquet files of many stays among what was given, which then have to be all of it; what was written before is none."""
    found: list[Path] = []
    others: list[Path] = []
    for path in map(Path, given):
        inside = sorted(filter(records.may_be_record, path.rglob("*"))) if path.is_dir() else [path]
        for file in inside:
            if not _is_of(file, out):
                (found if file.suffix == ".parquet" else others).append(file)
    if found and others:
        raise ValueError(f"{others[0]}: is no Parquet file, and {found[0]} is one; explain one kind at a time")
    return found


def _is_of(file: Path, out: Path) -> bool:
    """Whether a file is the table that is written, or inside it."""
    return out.resolve() in (file.resolve(), *file.resolve().parents)


def _say(words: str) -> None:
    is_terminal = sys.stderr.isatty()
    print(f"\r{words:<70}" if is_terminal else words, end="" if is_terminal else "\n", file=sys.stderr, flush=True)


def _end(words: str) -> None:
    print(f"\r{words:<70}" if sys.stderr.isatty() else words, file=sys.stderr)


if __name__ == "__main__":
    main()
