from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import cv2
import pytest

from fakes import TINY_MODEL, draw
from hwr_edge.batch import load, read_all
from hwr_edge.errors import ImageError
from hwr_edge.recognizer import Recognizer


class Exhausted:
    """A recognizer on a machine without memory."""

    def read_grey(self, _: Any) -> None:
        raise MemoryError


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "abc.png"
    cv2.imwrite(str(path), draw("ABC"))
    return str(path)


def test_rows_come_as_soon_as_each_picture_is_read(picture: str) -> None:
    asked: list[str] = []

    def images() -> Any:
        for image in (picture, picture):
            asked.append(image)
            yield image

    rows = read_all(images(), Recognizer(TINY_MODEL), pytest.fail)
    assert next(rows).reading.text == "ABC"
    assert len(asked) == 1


def test_a_picture_that_does_not_fit_into_memory_does_not_stop_the_others(picture: str) -> None:
    complaints: list[str] = []
    exhausted = cast("Recognizer", Exhausted())
    assert list(read_all([picture, "none.png"], exhausted, complaints.append)) == []
    assert (
        complaints[0] == f"{picture}: not enough memory for a picture of this size; scale it down"
    )
    assert complaints[1].startswith("none.png: cannot be read")


def test_a_closed_standard_input_is_an_image_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ImageError, match=r"standard input: cannot be read \(closed\)"):
        load("-")
