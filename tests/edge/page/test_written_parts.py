from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.locate import Line, find_lines
from hwr_edge.page.reader import read_page
from hwr_edge.page.written_parts import written_parts
from pages import handwriting, page, paste, print_at

_WIDE, _APART = 240, 50


def _words(count: int, wall: bool = False) -> Line:
    """One line of so many words in a running hand, perhaps with a wall before each but the first."""
    paper = page(1600, 900)
    for k in range(count):
        left = 150 + k * (_WIDE + _APART)
        x = np.arange(left, left + _WIDE, 9)
        points = np.stack([x, 240 + 40 * (np.arange(len(x)) % 2)], axis=1).astype(np.int32)
        cv2.polylines(paper, [points], False, 30, 3, cv2.LINE_AA)
        if k and wall:
            cv2.line(paper, (left - _APART // 2, 226), (left - _APART // 2, 294), 30, 3)
    (line,) = find_lines(paper)
    return line


@pytest.mark.parametrize(
    ("odds", "kept"),
    [
        ([5, 5, 5], [3]),
        ([-9, 5, 5], [2]),
        ([-9, 5, -9], [1]),
        ([5, -9, 5], [1, 1]),
        ([5, -3.5, 5], [3]),
        ([-9, -9, -9], [3]),
    ],
)
def test_of_a_line_that_is_kept_which_are_written(odds: list[float], kept: list[int]) -> None:
    line = _words(3)
    told = dict(zip((part.box for part, _ in line.parts), odds, strict=True))
    found = written_parts(line, lambda part: told[part.box])
    words = [round((one.box[2] + _APART) / (_WIDE + _APART)) for one in found]
    assert words == kept


def test_what_a_wall_parts_is_two_names() -> None:
    assert len(written_parts(_words(2, wall=True), lambda part: 5.0)) == 2


def test_a_label_on_the_same_line_is_not_read_with_the_name() -> None:
    paper = page(1240, 900)
    print_at(paper, "Nachname :", 90, 292, 1.3)
    name = paste(paper, handwriting("thomas"), 380, 240)
    cv2.line(paper, (360, 322), (1100, 322), 90, 2)
    (reading,) = read_page(Recognizer(), paper).readings
    assert reading.text == "THOMAS"
    assert reading.box[0] == pytest.approx(name[0], abs=8)
