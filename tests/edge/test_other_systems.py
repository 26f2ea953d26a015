"""Reading, reviewing and the API without what Windows lacks: its modules, signals and functions are taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from commands import environment
from fakes import calibrated_tiny, draw

WITHOUT = """\
import concurrent.futures, multiprocessing, os, signal, subprocess, sys, tempfile, types
for name in ("fcntl", "grp", "pwd", "pty", "resource", "termios", "tty"):
    sys.modules[name] = None
for place, names in (
    (os, ("fork", "getuid", "geteuid", "posix_fallocate", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY")),
    (signal, ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGALRM")),
):
    for name in names:
        if hasattr(place, name):
            delattr(place, name)
msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK, msvcrt.locking = 2, lambda file, mode, count: None
sys.modules["msvcrt"] = msvcrt
"""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"{WITHOUT}\nsys.argv = {['hwr-edge', *arguments]!r}\nfrom hwr_edge.__main__ import main\nmain()"
    return subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", code],
        capture_output=True, text=True, cwd=folder, env=environment(), check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    calibrated_tiny(tmp_path / "tiny.tflite")
    cv2.imwrite(str(tmp_path / "abc.png"), draw("ABC"))
    cv2.imwrite(str(tmp_path / "cab.png"), draw("CAB"))
    (tmp_path / "class.csv").write_text("No;Nom\n1;Abc\n2;Bac\n", "utf-8")
    return tmp_path


def test_images_are_read_into_a_file_that_grows(folder: Path) -> None:
    asked = ["--model", "tiny.tflite", "--roster", "class.csv", "--format", "jsonl"]
    done = _run(folder, "file", "abc.png", "cab.png", *asked, "--output", "rows.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [row["match"] for row in rows] == ["Abc", None]
    assert not (folder / "rows.jsonl.part").exists()


def test_an_interrupted_run_goes_on(folder: Path) -> None:
    asked = ["--model", "tiny.tflite", "--format", "jsonl", "--output", "rows.jsonl"]
    assert _run(folder, "file", "abc.png", "cab.png", *asked).returncode == 0
    whole = (folder / "rows.jsonl").read_bytes()
    done = _run(folder, "file", "abc.png", "cab.png", *asked, "--resume")
    assert (done.returncode, (folder / "rows.jsonl").read_bytes()) == (0, whole)


def test_a_review_is_answered_and_exported(folder: Path) -> None:
    asked = ["--model", "tiny.tflite", "--format", "jsonl", "--output", "rows.jsonl"]
    assert _run(folder, "file", "abc.png", "cab.png", *asked).returncode == 0
    code = f"""{WITHOUT}
from pathlib import Path
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
with Answers(read_results(Path("rows.jsonl"))) as answers:
    answers.put(0, "Manon", 0)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", code],
        capture_output=True, text=True, cwd=folder, env=environment(), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    done = _run(folder, "review", "rows.jsonl", "--export", "names.csv")
    assert done.returncode == 0, done.stderr
    assert "abc.png,,,Manon,yes" in (folder / "names.csv").read_text("utf-8-sig")


def test_a_benchmark_does_without_what_tells_of_memory(folder: Path) -> None:
    code = f"{WITHOUT}\nfrom hwr_edge.line.bench import _peak_memory\nprint(_peak_memory())"
    code = code.replace('"resource"', '"resource", "psutil"')
    done = subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", code],
        capture_output=True, text=True, cwd=folder, env=environment(), check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("nan", "")


def test_every_module_outside_the_camera_loads(folder: Path) -> None:
    import hwr_edge

    root = Path(hwr_edge.__file__).parent
    names = [
        ".".join(("hwr_edge", *path.relative_to(root).with_suffix("").parts))
        for path in sorted(root.rglob("*.py"))
        if path.stem not in ("__init__", "__main__")
        and "camera" not in path.relative_to(root).parts
        and path.name != "server.py"  # which needs the extra web
    ]
    code = f"{WITHOUT}\nimport importlib\nfor name in {names!r}:\n    importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", code],
        capture_output=True, text=True, cwd=folder, env=environment(), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="asks for a lock of this system")
def test_the_lock_of_an_open_file_keeps_others_out(folder: Path) -> None:
    from hwr_edge.locks import lock_open

    path = folder / "held"
    with path.open("wb") as file, path.open("wb") as other:
        lock_open(file.fileno())
        with pytest.raises(OSError, match="unavailable"):
            lock_open(other.fileno())
    with path.open("wb") as file:
        lock_open(file.fileno())
