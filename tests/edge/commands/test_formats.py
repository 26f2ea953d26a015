"""What `hwr-edge file` writes is told by the output's ending, unless --format says otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import cv2
import pytest

from commands import run
from fakes import draw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ABC", "CAB"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), draw(name))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("x.csv", b"image,page,field,text,"),
        ("x.CSV", b"image,page,field,text,"),
        ("x.jsonl", b'{"schema": 1'),
        ("x.json", b"[\n {"),
        ("x.txt", b"ABC.png\tABC\t"),
        ("x", b"ABC.png\tABC\t"),
        ("x.xlsx", b"PK\x03\x04"),
        ("x.hocr", b"<!DOCTYPE html>"),
    ],
)
def test_the_ending_says_what_is_written(name: str, begins: bytes, folder: Path) -> None:
    if name.endswith("xlsx"):
        pytest.importorskip("xlsxwriter")
    done = run("file", "ABC.png", "CAB.png", "--output", name, cwd=folder)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert (folder / name).read_bytes().startswith(begins)
    assert b"CAB" in (folder / name).read_bytes() or name == "x.xlsx"


def test_what_format_says_wins(folder: Path) -> None:
    done = run("file", "ABC.png", "--output", "x.csv", "--format", "jsonl", cwd=folder)
    assert done.returncode == 0
    assert json.loads((folder / "x.csv").read_text())["text"] == "ABC"


def test_alto_describes_one_file(folder: Path) -> None:
    assert run("file", "ABC.png", "--output", "x.xml", cwd=folder).returncode == 0
    root = ElementTree.fromstring((folder / "x.xml").read_text())
    (word,) = (element for element in root.iter() if element.tag.endswith("}String"))
    assert (word.get("CONTENT"), word.get("HPOS")) == ("ABC", "0")
    done = run("file", "ABC.png", "CAB.png", "--format", "alto", cwd=folder)
    assert (done.returncode, "ALTO describes one file" in done.stderr) == (2, True)


def test_tasks_for_label_studio_are_written(folder: Path) -> None:
    done = run("file", "ABC.png", "CAB.png", "--format", "label-studio", cwd=folder)
    tasks = json.loads(done.stdout)
    assert [task["data"]["ocr"][-7:] for task in tasks] == ["ABC.png", "CAB.png"]
    assert tasks[0]["predictions"][0]["result"][0]["original_width"] == 256


def test_a_workbook_needs_a_file_and_cannot_go_on(folder: Path) -> None:
    done = run("file", "ABC.png", "--format", "xlsx", cwd=folder)
    assert (done.returncode, "needs --output FILE.xlsx" in done.stderr) == (2, True)
    done = run("file", "ABC.png", "--output", "x.xlsx", "--resume", cwd=folder)
    assert (done.returncode, "--resume needs" in done.stderr) == (2, True)
