from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.ink import components_of_ink
from hwr_edge.image.pixels import Grey
from hwr_edge.page.locate import find_lines
from hwr_edge.page.pale_letters import LIMITS, pale_letters
from pages import page

_PALE = 208
"""Grey that is ink only beside darker ink."""


def _letters(paper: Grey, left: int, count: int, shade: int) -> None:
    for x in range(left, left + 50 * count, 50):
        cv2.line(paper, (x, 280), (x + 14, 240), shade, 5)
        cv2.line(paper, (x + 14, 240), (x + 28, 280), shade, 5)


def test_a_pale_letter_beside_dark_ones_is_a_part_of_their_line() -> None:
    paper = page(1240, 900)
    _letters(paper, 350, 5, 40)
    _letters(paper, 300, 1, _PALE)
    (line,) = find_lines(paper)
    assert line.box[0] == pytest.approx(300, abs=6)
    assert (line.crop[:, 14:40] < 225).any()


def test_pale_marks_by_themselves_are_no_line() -> None:
    paper = page(1240, 900)
    _letters(paper, 300, 3, _PALE)
    assert find_lines(paper) == []


def test_pale_marks_above_far_off_or_of_another_size_are_no_letters() -> None:
    paper = page(1240, 900)
    _letters(paper, 350, 5, 40)
    cv2.line(paper, (360, 180), (374, 220), _PALE, 5)
    cv2.line(paper, (700, 240), (714, 280), _PALE, 5)
    cv2.line(paper, (320, 270), (324, 274), _PALE, 3)
    found, dark = components_of_ink(paper)[:2]
    assert np.count_nonzero(~dark) > 3
    assert not pale_letters(found, dark, 40.0).any()


def test_grain_is_no_letters() -> None:
    paper = page(1240, 900)
    _letters(paper, 350, 5, 40)
    for k in range(LIMITS.most_pale + 20):
        x, y = 20 + 25 * (k % 40), 350 + 45 * (k // 40)
        cv2.line(paper, (x, y), (x, y + 20), _PALE, 3)
    _letters(paper, 300, 1, _PALE)
    found, dark = components_of_ink(paper)[:2]
    assert not pale_letters(found, dark, 40.0).any()
