from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from commands import environment
from fakes import TINY_MODEL, draw

HEAVY = ("tensorflow", "keras", "jax", "torch", "hwr_train", "hwr_convert", "PIL", "matplotlib")

EVERY_MODULE = """
import importlib, pkgutil, sys
import hwr_edge
for module in pkgutil.walk_packages(hwr_edge.__path__, "hwr_edge."):
    importlib.import_module(module.name)
"""


def loaded(code: str, whole: bool = False) -> set[str]:
    """Names of all modules that a fresh process has after `code`, by itself of their top level alone."""
    name = "name" if whole else "name.split('.')[0]"
    report = f"\nimport sys\nprint(*{{{name} for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code + report],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    return set(done.stdout.split())


def test_no_module_of_the_device_side_loads_anything_heavy() -> None:
    assert not loaded(EVERY_MODULE) & set(HEAVY)


def test_importing_the_package_alone_loads_nothing() -> None:
    assert not loaded("import hwr_edge") & {"typer", "click", "cv2", "numpy", "ai_edge_litert"}


def test_the_recognizer_needs_no_typer() -> None:
    assert not loaded("from hwr_edge import Recognizer") & {"typer", "click"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_load_neither_opencv_nor_an_interpreter(option: str) -> None:
    code = f"""
import sys
sys.argv = ["hwr-edge", "{option}"]
from hwr_edge.commands.app import main
try: main()
except SystemExit as end: assert not end.code
print()
"""
    assert not loaded(code) & {"cv2", "numpy", "ai_edge_litert", "tflite_runtime"}


def test_reading_one_crop_loads_no_module_of_what_was_not_asked_for(tmp_path: Path) -> None:
    crop = tmp_path / "crop.png"
    cv2.imwrite(str(crop), draw("ABC"))
    code = f"""
import sys
sys.argv = ["hwr-edge", "file", {str(crop)!r}, "--model", {str(TINY_MODEL)!r}]
from hwr_edge.commands.app import main
try: main()
except SystemExit as end: assert not end.code
print()
"""
    modules = loaded(code, whole=True)
    assert {"hwr_edge.line.recognizer", "hwr_edge.scan.scanner"} <= modules
    parts = {name.split(".")[1] for name in modules if name.startswith("hwr_edge.")}
    assert not parts & {"page", "form", "review", "camera", "web", "textfile", "locks"}
    late = (
        "line.roster",
        "results.roster_file",
        "results.growing",
        "scan.annotate",
        "scan.processes",
    )
    assert not modules & {f"hwr_edge.{name}" for name in late}
    assert not modules & {"csv", "multiprocessing", "tempfile", "filelock"}
    # From Python 3.13 on, pathlib brings glob.
    assert sys.version_info >= (3, 13) or "glob" not in modules
