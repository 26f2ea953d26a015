"""Commands run twice at once on the same files: nothing of either is lost, and who gives way says so."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import cv2
import pytest

from card_frames import frames
from commands import HWR_EDGE, environment
from drawn_forms import empty_form
from fakes import draw


def both(folder: Path, *commands: list[str], **environs: str) -> list[tuple[int, str]]:
    """Exit status and stderr of commands that begin at the same time."""
    begun = [
        subprocess.Popen(
            [*HWR_EDGE, *command],
            cwd=folder,
            env=environment(**environs),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate(timeout=120)[1] for process in begun]
    return [(process.returncode, text) for process, text in zip(begun, said, strict=True)]


def one_gave_way(found: list[tuple[int, str]], said: str) -> bool:
    """Whether one of two did its work, and the other told in one line why it did not; or both, in turn."""
    statuses = sorted(status for status, _ in found)
    told = [text for status, text in found if status]
    return statuses == [0, 0] or (
        statuses == [0, 1] and said in told[0] and told[0].count("hwr-edge: ") == 1
    )


@pytest.mark.parametrize("layout", ["jsonl", "csv", "text"])
def test_two_runs_into_one_output(tmp_path: Path, layout: str) -> None:
    for letter in "ABC":
        cv2.imwrite(str(tmp_path / f"{letter}.png"), draw(letter))
    command = ["file", "A.png", "B.png", "C.png", "--format", layout, "--output", "rows"]
    found = both(tmp_path, command, command)
    assert one_gave_way(found, "rows.part: ")
    whole = (tmp_path / "rows").read_text().splitlines()
    assert [f"{letter}.png" in whole[k - 3] for k, letter in enumerate("ABC")] == [True] * 3
    assert not (tmp_path / "rows.part").exists()


def test_two_new_templates_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), empty_form())
    commands = [["form", "new", f"{name}.png", "--output", "new.toml"] for name in ("one", "two")]
    found = both(tmp_path, *commands)
    assert sorted(status for status, _ in found) == [0, 1]
    form = tomllib.loads((tmp_path / "new.toml").read_text())
    assert cv2.imread(str(tmp_path / form["picture"])) is not None
    assert (tmp_path / "new-fields.png").exists()
    assert not list(tmp_path.glob(".hwr-edge-*"))


def test_two_cameras_into_one_log(tmp_path: Path) -> None:
    frames(tmp_path / "frames", ("manon",))
    command = ["camera", "--source", "frames", "--log", "log.jsonl"]
    found = both(tmp_path, command, command, HWR_EDGE_MODEL="")
    assert one_gave_way(found, "is writing to it")
    rows = [json.loads(line)["text"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows == ["MANON"] * [status for status, _ in found].count(0)


def test_results_are_written_and_reviewed_at_once(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "A.png"), draw("A"))
    write = ["file", "A.png", "--format", "jsonl", "--output", "r.jsonl"]
    assert both(tmp_path, write)[0][0] == 0
    found = both(
        tmp_path,
        ["review", "r.jsonl", "--export", "names.csv"],
        ["review", "r.jsonl", "--corrections", "mine"],
        ["review", "r.jsonl", "--corrections", "mine"],
        write,
    )
    assert [status for status, _ in found] == [0, 0, 0, 0]
    assert "A.png" in (tmp_path / "names.csv").read_text()
