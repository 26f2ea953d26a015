"""Lines followed to where they end."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.form.line_ends import to_their_ends
from hwr_edge.image.pixels import Mask

LETTER = 18.0


def _columns(mask: Mask) -> tuple[int, int]:
    columns = np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(columns[-1])


@pytest.mark.parametrize("step", [5, 12, 22])
@pytest.mark.parametrize("climb", [0, 6])
def test_of_a_dotted_line_a_piece_is_enough(step: int, climb: int) -> None:
    pale: Mask = np.zeros((120, 900), np.uint8)
    for x in range(50, 850, step):
        cv2.circle(pale, (x, 60 + round(climb * x / 900)), 1, (1,), -1)
    piece: Mask = np.zeros_like(pale)
    middle = 60 + round(climb / 2)
    piece[middle - 1 : middle + 1, 400:500] = 1
    left, right = _columns(to_their_ends(piece, pale, LETTER))
    assert left <= 50 + step
    assert right >= 850 - 2 * step


def test_a_whole_line_is_not_joined_to_the_next_one() -> None:
    pale: Mask = np.zeros((120, 900), np.uint8)
    pale[60:62, 100:400] = pale[60:62, 416:700] = 1
    piece: Mask = np.zeros_like(pale)
    piece[60:62, 150:350] = 1
    assert _columns(to_their_ends(piece, pale, LETTER)) == pytest.approx((100, 400), abs=3)


def test_what_is_as_high_as_letters_is_no_line() -> None:
    bar: Mask = np.zeros((120, 900), np.uint8)
    bar[50:70, 100:400] = 1
    assert (to_their_ends(bar, np.ones_like(bar), LETTER) == bar).all()
