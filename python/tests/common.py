"""What the tests of the package share."""

import contextlib
import os
import re
import subprocess
import sys
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


def commands(document):
    """The indented commands of `vitrine` in a document, one a line."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^ {4}(vitrine .*)$", text, re.MULTILINE)


def run_commands(folder, given):
    """Runs lines of a shell, in which `vitrine` is the package under test; a failure is an error with its words."""
    programs = Path(folder, "bin")
    programs.mkdir(exist_ok=True)
    program = programs / "vitrine"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vitrine "$@"\n')
    program.chmod(0o755)
    path = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-ec", given], cwd=folder, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_blocks(folder, found_blocks, **given):
    """Runs blocks of Python, each by itself with the names that it is given; gives what the last one left."""
    assert found_blocks, "there is no such block"
    with inside(folder):
        for block in found_blocks:
            left = dict(given)
            exec(compile(block, "a document", "exec"), left)
    return left
