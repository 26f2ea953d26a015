"""Ctrl-C at any moment: one line, and the status that says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from commands import environment
from fakes import draw
from hwr_edge.line.runtime import RUNTIMES, load_interpreter_class

INTERPRETER = f"{RUNTIMES[load_interpreter_class()[1]]}.interpreter"

AT_IMPORT = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            for _ in range({times}): os.kill(os.getpid(), signal.SIGINT)
        return None
sys.meta_path.insert(0, Finder())
sys.argv = ["hwr-edge", "file", "abc.png"]
from hwr_edge.__main__ import main
main()
"""

AT_EXIT = """
import atexit, os, signal, sys
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
sys.argv = ["hwr-edge", "--version"]
from hwr_edge.__main__ import main
main()
"""

WHERE_NOBODY_CATCHES = """
import os, signal, sys
from hwr_edge import interrupts
class Falls:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000): pass
interrupts.end_at_once()
from hwr_edge.commands.console import errors_reported
import typer
try:
    with errors_reported():
        Falls()
        for _ in range(10**8): pass
        print("lost")
except typer.Exit as end:
    sys.exit(end.exit_code)
"""


def run_code(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    "module",
    [
        "hwr_edge.commands.app",
        "typer",
        "typer.models",
        "hwr_edge.commands.file",
        "numpy",
        "numpy.linalg",
        "cv2",
        "hwr_edge.scan.batch",
        "hwr_edge.line.recognizer",
        INTERPRETER,
        "hwr_edge.line.beam",
    ],
)
def test_a_ctrl_c_while_modules_load_is_one_line(tmp_path: Path, module: str, times: int) -> None:
    cv2.imwrite(str(tmp_path / "abc.png"), draw("ABC"))
    done = run_code(AT_IMPORT.format(module=module, times=times), tmp_path)
    assert (done.stderr, done.returncode) == ("hwr-edge: interrupted\n", 130)


def test_a_ctrl_c_at_the_exit_is_too_late_to_interrupt_anything(tmp_path: Path) -> None:
    done = run_code(AT_EXIT, tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_ctrl_c_that_falls_where_nobody_can_catch_it_is_not_lost(tmp_path: Path) -> None:
    done = run_code(WHERE_NOBODY_CATCHES, tmp_path)
    assert (done.stdout, done.stderr) == ("", "hwr-edge: interrupted\n")
    assert done.returncode == 130
