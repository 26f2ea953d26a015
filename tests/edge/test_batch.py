from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import cv2
import pytest

from fakes import TINY_MODEL, draw
from hwr_edge.batch import read_all, units
from hwr_edge.document import Unit
from hwr_edge.recognizer import Recognizer
from hwr_edge.rows import Row
from hwr_edge.scan import Scanner
from hwr_edge.shape import Shape


class Exhausted:
    """A scanner on a machine without memory."""

    def read(self, _: Any, __: str) -> None:
        raise MemoryError


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "abc.png"
    cv2.imwrite(str(path), draw("ABC"))
    return str(path)


def texts(*images: str, problems: list[str] | None = None) -> list[str]:
    """What is read in pictures of one line."""
    scanner = Scanner(Recognizer(TINY_MODEL), Shape.LINE)
    told = pytest.fail if problems is None else problems.append
    found: list[list[Row]] = list(read_all(units(images, told), scanner, told, pytest.fail))
    return [row.reading.text for rows in found for row in rows]


def test_rows_come_as_soon_as_each_picture_is_read(picture: str) -> None:
    asked: list[str] = []

    def images() -> Any:
        for image in (picture, picture):
            asked.append(image)
            yield Unit(image)

    scanner = Scanner(Recognizer(TINY_MODEL), Shape.LINE)
    rows = read_all(images(), scanner, pytest.fail, pytest.fail)
    assert next(rows)[0].reading.text == "ABC"
    assert len(asked) == 1


def test_a_picture_that_does_not_fit_into_memory_does_not_stop_the_others(picture: str) -> None:
    complaints: list[str] = []
    exhausted = cast("Scanner", Exhausted())
    asked = [Unit(picture), Unit("none.png")]
    assert list(read_all(asked, exhausted, complaints.append, pytest.fail)) == [[], []]
    assert (
        complaints[0] == f"{picture}: not enough memory for a picture of this size; scale it down"
    )
    assert complaints[1].startswith("none.png: cannot be read")


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr("hwr_edge.batch._opened", {})
    problems: list[str] = []
    assert texts("-", problems=problems) == []
    assert problems == ["standard input: cannot be read (closed)"]
