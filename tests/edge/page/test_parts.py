from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.pixels import Grey
from hwr_edge.page.locate import Line, find_lines
from hwr_edge.page.parts import Start
from pages import page

_TOP, _HIGH = 240, 40


def _word(paper: Grey, left: int, width: int) -> None:
    """A running hand's word, one stroke up and down."""
    x = np.arange(left, left + width - 2, 9)
    y = _TOP + _HIGH * (np.arange(len(x)) % 2)
    cv2.polylines(paper, [np.stack([x, y], axis=1).astype(np.int32)], False, 30, 3, cv2.LINE_AA)


def _parts(paper: Grey) -> list[tuple[Line, Start]]:
    (line,) = find_lines(paper)
    return line.parts


def test_a_part_begins_where_the_line_to_write_on_does() -> None:
    paper = page(1240, 900)
    _word(paper, 100, 150)
    _word(paper, 300, 240)
    cv2.line(paper, (275, _TOP + 60), (1100, _TOP + 60), 90, 2)
    parts = _parts(paper)
    written = [part for part, start in parts if start == Start.FIELD]
    assert [part.box[0] for part in written] == [pytest.approx(300, abs=4)]
    assert parts[-1][0] is written[0]


def test_words_are_parts_and_together_the_line() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 240)
    _word(paper, 490, 180)
    (line,) = find_lines(paper)
    assert [start for _, start in line.parts] == [Start.GAP, Start.GAP]
    assert [part.box[0] for part, _ in line.parts] == pytest.approx([200, 490], abs=4)
    whole = line.of_parts(0, 2)
    assert whole.box == line.box
    assert (whole.crop == line.crop).all()


def test_a_word_near_by_goes_on() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 240)
    _word(paper, 451, 180)
    assert len(_parts(paper)) == 1


def test_an_upright_line_left_between_two_words_is_a_wall_and_no_part() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 240)
    _word(paper, 490, 180)
    cv2.line(paper, (464, _TOP - 14), (464, _TOP + _HIGH + 14), 30, 3)
    parts = _parts(paper)
    assert [start for _, start in parts] == [Start.GAP, Start.WALL]
    assert [part.box[0] for part, _ in parts] == pytest.approx([200, 490], abs=4)


def test_a_part_shows_nothing_of_its_neighbours() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 240)
    alone = find_lines(paper)[0].crop
    _word(paper, 450 + 14, 180)
    first, _ = _parts(paper)[0]
    assert (first.crop < 128).sum() == pytest.approx((alone < 128).sum(), rel=0.03)


def test_a_letter_as_slim_as_a_wall_is_a_part_of_its_word() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 140)
    cv2.line(paper, (352, _TOP - 10), (352, _TOP + _HIGH), 30, 3)
    _word(paper, 364, 140)
    (part,) = _parts(paper)
    assert part[0].box[2] == pytest.approx(304, abs=6)


def test_an_upright_line_that_begins_at_a_level_one_is_a_wall() -> None:
    paper = page(1240, 900)
    _word(paper, 200, 240)
    _word(paper, 490, 180)
    cv2.line(paper, (150, _TOP - 14), (1100, _TOP - 14), 30, 2)
    cv2.line(paper, (464, _TOP - 14), (464, _TOP + _HIGH - 2), 30, 3)
    assert [start for _, start in _parts(paper)] == [Start.GAP, Start.WALL]
