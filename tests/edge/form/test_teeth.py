from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.form.teeth import rows_of_teeth
from hwr_edge.image.pixels import Mask

LEFT, LOW, PITCH, CELLS = 200, 400, 30, 16


def _ruled() -> Mask:
    mask: Mask = np.zeros((1600, 1130), np.uint8)
    cv2.line(mask, (LEFT, LOW), (LEFT + PITCH * CELLS, LOW), 1, 2)
    return mask


def _stand(mask: Mask, x: float, tall: int) -> None:
    cv2.line(mask, (round(x), LOW - tall), (round(x), LOW), 1, 2)


@pytest.mark.parametrize("lost", [(), (5,)])
def test_teeth_that_stand_regularly_on_a_line_make_a_row(lost: tuple[int, ...]) -> None:
    mask = _ruled()
    for k in range(1, CELLS):
        if k not in lost:
            _stand(mask, LEFT + PITCH * k, 10)
    cv2.line(mask, (LEFT, LOW - 44), (LEFT + PITCH * CELLS, LOW - 44), 1, 2)
    for x in (206, 241, 268):  # strokes of letters
        _stand(mask, x, 30)
    (row,) = rows_of_teeth(mask)
    left, top, right, _ = row.place
    assert (left, right) == pytest.approx((LEFT, LEFT + PITCH * CELLS), abs=3)
    assert top == pytest.approx(LOW - 44, abs=4)
    assert np.diff(np.sort(row.teeth)) == pytest.approx(PITCH, abs=0.5)
    assert row.tall == pytest.approx(10, abs=3)


def test_two_teeth_between_two_letters_are_both_known() -> None:
    mask = _ruled()
    for k in range(1, CELLS):
        _stand(mask, LEFT + PITCH * k, 20)
        _stand(mask, LEFT + PITCH * k + 7, 20)
    (row,) = rows_of_teeth(mask)
    assert len(row.teeth) >= 2 * (CELLS - 2)


def test_strokes_of_letters_on_a_ruled_line_make_none() -> None:
    mask, rng = _ruled(), np.random.default_rng(4)
    x = float(LEFT)
    while (x := x + rng.uniform(9, 26)) < LEFT + PITCH * CELLS:
        _stand(mask, x, int(rng.integers(8, 30)))
    assert rows_of_teeth(mask) == []
