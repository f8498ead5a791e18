"""Runs docs/notebook.ipynb as it stands, and fails where a cell fails, or shows another kind of thing than is committed.

    python training/recipes/notebook.py            # runs it
    python training/recipes/notebook.py --write    # runs it, and keeps what it shows

Needs tests/reference/requirements-fixtures.txt, and the package `vitrine` on PYTHONPATH (`tools/wheel.sh --dev`). What it
writes goes into a folder of its own.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs/notebook.ipynb"
#: What the committed outputs may have in bytes: a notebook is read in a browser, and kept in a repository.
LARGEST = 100_000
SECONDS = 300


def kinds(notebook):
    """For each cell of code, what it shows: streams by name, and media types."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [sorted({kind for one in cell.outputs for kind in one.get("data", [one.get("name")])}) for cell in code]


def main(arguments):
    committed = nbformat.read(NOTEBOOK, as_version=4)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        options = {"kernel_name": "python3", "timeout": SECONDS, "record_timing": False, "coalesce_streams": True}
        NotebookClient(notebook, resources=where, **options).execute()
        made = sorted(path.name for path in Path(folder).iterdir())
    print(f"{len(kinds(notebook))} cells; wrote {', '.join(made)}")
    if "--write" in arguments:
        # The kernel adds its own version, which differs from machine to machine.
        notebook.metadata = committed.metadata
        nbformat.write(notebook, NOTEBOOK)
    else:
        assert kinds(notebook) == kinds(committed), "the cells show other things; look, and run it with --write"
    size = NOTEBOOK.stat().st_size
    assert size < LARGEST, f"{NOTEBOOK.name} has {size} bytes; take outputs away"


if __name__ == "__main__":
    main(sys.argv[1:])
