"""The commands of the training side, as a user types them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import pytest


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hwr_train", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--data", "nowhere", "--runs", "{tmp}"], "cannot be read"),
        (["train", "--preset", "huge", "--runs", "{tmp}"], "no preset 'huge'"),
        (["train", "--resume", "{tmp}/nothing"], "not the configuration of a run"),
        (["train", "--strokes", "{tmp}/nothing.gz", "--runs", "{tmp}"], "pen strokes"),
        (["train", "--charset", "AAB", "--runs", "{tmp}"], "stand twice"),
        (["evaluate", "--data", "nowhere"], "cannot be read"),
        (["evaluate", "--data", "nowhere", "--split", "exam"], "written_name_exam_v2.csv"),
        (["evaluate", "--data", "nowhere", "--output", "/dev/null/x"], "cannot be written"),
        (["train", "--runs", "/dev/null/x", "--made", "16"], "cannot be written"),
        (["draw", "{tmp}/x", "ΛΕΑ"], "cannot be drawn"),
        (["draw", "/dev/null/x", "LEA"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_1(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = _run(*[a.replace("{tmp}", str(tmp_path)) for a in arguments])
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert message in lines[0]
    assert "Traceback" not in done.stderr


def test_a_resumed_run_keeps_its_configuration(short_run: Path) -> None:
    done = _run("train", "--resume", str(short_run), "--seed", "3")
    assert done.returncode == 1
    assert "leave out --seed" in done.stderr


def test_names_are_drawn_as_pictures_called_by_them(tmp_path: Path) -> None:
    done = _run("draw", str(tmp_path), "LEA", "DI PASQUALE")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["di_pasquale.png", "lea.png"]
    picture = cv2.imread(str(tmp_path / "lea.png"))
    assert picture is not None
    assert picture.min() < 100
