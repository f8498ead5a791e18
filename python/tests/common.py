"""What the tests of the package share."""

import contextlib
import os
import re
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WWW = ROOT / "www"
MODEL = WWW / "models/in-hospital-mortality.onnx"
STAYS = sorted((WWW / "stays").glob("*.csv"))


def found(module):
    """A module that the caller may bring, or a skip that says so."""
    try:
        return __import__(module)
    except ImportError:
        raise unittest.SkipTest(f"{module} is not installed") from None


def folder_for(test):
    """An empty folder for as long as a test runs."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    return Path(folder.name)


def blocks(document, label="python"):
    """The blocks of a document with that label, as they stand there."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{label}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@contextlib.contextmanager
def inside(folder):
    """In that folder, as whoever copies a block is."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run_blocks(folder, found_blocks):
    """Runs blocks of Python, each by itself; gives what the last one left."""
    assert found_blocks, "there is no such block"
    with inside(folder):
        for block in found_blocks:
            left = {}
            exec(compile(block, "a document", "exec"), left)
    return left
