from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.ink import ink_of
from hwr_edge.image.pixels import Grey
from hwr_edge.image.ruled_lines import find_ruled_line_bands
from hwr_edge.page.box_sides import sides_of_boxes
from hwr_edge.page.locate import find_lines
from pages import handwriting, page, paste, print_at

_BOX = 330, 240, 500, 76  # x, y, width, height


def _round_box(paper: Grey, radius: int, shade: int = 60) -> None:
    x, y, width, height = _BOX
    right, low = x + width, y + height
    for row in (y, low):
        cv2.line(paper, (x + radius, row), (right - radius, row), shade, 2)
    for column in (x, right):
        cv2.line(paper, (column, y + radius), (column, low - radius), shade, 2)
    middles = ((x + radius, y + radius, 180), (right - radius, y + radius, 270),
               (right - radius, low - radius, 0), (x + radius, low - radius, 90))  # fmt: skip
    for column, row, turn in middles if radius else ():
        cv2.ellipse(paper, (column, row), (radius, radius), turn, 0, 90, shade, 2, cv2.LINE_AA)


@pytest.mark.parametrize("radius", [0, 14])
def test_a_low_box_parts_the_name_in_it_from_its_label(radius: int) -> None:
    paper = page(1240, 900)
    _round_box(paper, radius)
    print_at(paper, "Surname:", 90, 292)
    name = paste(paper, handwriting("manon"), 350, 252)
    lines = sorted(find_lines(paper), key=lambda line: line.box[0])
    (left, _, width, _), (x, _, wide, _) = (line.box for line in lines)
    assert left + width < _BOX[0]
    assert x == pytest.approx(name[0], abs=6)
    assert wide == pytest.approx(name[2], abs=10)


def test_a_letter_between_two_lines_is_no_side() -> None:
    paper = page(1240, 900)
    for y in (200, 250):
        cv2.line(paper, (100, y), (1100, y), 60, 2)
    cv2.line(paper, (600, 202), (600, 248), 30, 4)
    ink, shade = ink_of(paper)
    level, _ = find_ruled_line_bands(ink, shade)
    assert not sides_of_boxes(ink, shade, level, 40)[0].any()
    for x in (100, 1100):
        cv2.line(paper, (x, 200), (x, 250), 60, 2)
    ink, shade = ink_of(paper)
    level, _ = find_ruled_line_bands(ink, shade)
    sides = sides_of_boxes(ink, shade, level, 40)[0]
    columns = np.flatnonzero(sides.any(axis=0))
    assert len(columns) < 40
    assert all(min(abs(x - 100), abs(x - 1100)) < 10 for x in columns)


def _boxes(paper: Grey, *places: tuple[int, int]) -> None:
    """Boxes from x = 300, each with its top and its right side."""
    for top, right in places:
        cv2.rectangle(paper, (300, top), (right, top + 60), 60, 2)


def _sides(paper: Grey, letter: float) -> tuple[Grey, Grey]:
    ink, shade = ink_of(paper)
    level, _ = find_ruled_line_bands(ink, shade)
    return sides_of_boxes(ink, shade, level, letter)


def test_boxes_above_each_other_have_sides_though_these_run_on() -> None:
    paper = page(1240, 900)
    places = (200, 820), (267, 640), (334, 820)
    _boxes(paper, *places)
    sides, _ = _sides(paper, 30)
    for top, right in places:
        for x in (300, right):
            assert sides[top + 10 : top + 50, x - 3 : x + 4].any(axis=1).all()
    assert not sides[:, 330:610].any()


def test_a_stem_beside_a_side_is_not_taken_for_it() -> None:
    paper = page(1240, 900)
    _boxes(paper, (200, 820))
    cv2.line(paper, (306, 213), (306, 249), 30, 4)
    sides, _ = _sides(paper, 30)
    assert sides[205:255, 299:302].any(axis=1).all()
    assert not sides[205:255, 310:790].any()


def test_where_corners_may_be_round_is_little_of_a_low_box() -> None:
    paper = page(1240, 900)
    _boxes(paper, (200, 820))
    _, corners = _sides(paper, 50)
    assert corners[202, 310]
    assert not corners[224:238].any()


def test_the_first_letter_in_a_low_box_is_a_part_of_the_name() -> None:
    paper = page(1240, 900)
    cv2.rectangle(paper, (300, 200), (1100, 290), 60, 2)
    for k in range(8):  # letters that do not touch
        x = 312 + 60 * k
        cv2.line(paper, (x, 272), (x + 15, 222), 30, 4)
        cv2.line(paper, (x + 15, 222), (x + 34, 272), 30, 4)
    (line,) = find_lines(paper)
    assert line.box[0] == pytest.approx(312, abs=6)
