from __future__ import annotations

import subprocess
import sys

import pytest

from commands import environment

HEAVY = ("tensorflow", "keras", "jax", "torch", "hwr_train", "hwr_convert", "PIL", "matplotlib")

EVERY_MODULE = """
import importlib, pkgutil, sys
import hwr_edge
for module in pkgutil.walk_packages(hwr_edge.__path__, "hwr_edge."):
    importlib.import_module(module.name)
"""


def loaded(code: str) -> set[str]:
    """Top-level names of all modules that a fresh process has after `code`."""
    report = "\nimport sys\nprint(*{name.split('.')[0] for name in sys.modules})"
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
