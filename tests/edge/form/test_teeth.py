from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.form.places import Place
from hwr_edge.form.teeth import CombRow, level_lines, rows_of_teeth
from hwr_edge.image.pixels import Mask

LEFT, LOW, PITCH, CELLS = 200, 400, 30, 16


def _ruled() -> Mask:
    mask: Mask = np.zeros((1600, 1130), np.uint8)
    cv2.line(mask, (LEFT, LOW), (LEFT + PITCH * CELLS, LOW), 1, 2)
    return mask


def _stand(mask: Mask, x: float, tall: int) -> None:
    cv2.line(mask, (round(x), LOW - tall), (round(x), LOW), 1, 2)


def _rows(mask: Mask) -> list[CombRow]:
    return rows_of_teeth(mask, level_lines(mask))


def _comb(mask: Mask, left: int, low: int, cells: int, tall: int = 10) -> None:
    """A box with ticks at its foot."""
    cv2.rectangle(mask, (left, low - 44), (left + PITCH * cells, low), 1, 2)
    for k in range(1, cells):
        cv2.line(mask, (left + PITCH * k, low - tall), (left + PITCH * k, low), 1, 2)


@pytest.mark.parametrize("lost", [(), (5,)])
def test_teeth_that_stand_regularly_on_a_line_make_a_row(lost: tuple[int, ...]) -> None:
    mask = _ruled()
    for k in range(1, CELLS):
        if k not in lost:
            _stand(mask, LEFT + PITCH * k, 10)
    cv2.line(mask, (LEFT, LOW - 44), (LEFT + PITCH * CELLS, LOW - 44), 1, 2)
    for x in (206, 241, 268):  # strokes of letters
        _stand(mask, x, 30)
    (row,) = _rows(mask)
    left, top, right, _ = row.place
    assert (left, right) == pytest.approx((LEFT, LEFT + PITCH * CELLS), abs=3)
    assert top == pytest.approx(LOW - 44, abs=4)
    assert np.diff(np.sort(row.teeth)) == pytest.approx(PITCH, abs=0.5)
    assert row.tall == pytest.approx(10 + 2, abs=3)  # with the line


def test_two_teeth_between_two_letters_are_both_known() -> None:
    mask = _ruled()
    for k in range(1, CELLS):
        _stand(mask, LEFT + PITCH * k, 20)
        _stand(mask, LEFT + PITCH * k + 7, 20)
    (row,) = _rows(mask)
    assert len(row.teeth) >= 2 * (CELLS - 2)


def test_strokes_of_letters_on_a_ruled_line_make_none() -> None:
    mask, rng = _ruled(), np.random.default_rng(4)
    x = float(LEFT)
    while (x := x + rng.uniform(9, 26)) < LEFT + PITCH * CELLS:
        _stand(mask, x, int(rng.integers(8, 30)))
    assert _rows(mask) == []


def test_rows_close_above_each_other_are_all_known() -> None:
    mask: Mask = np.zeros((1600, 1130), np.uint8)
    for k in range(4):
        _comb(mask, LEFT, LOW + 46 * k, CELLS)
    assert len(_rows(mask)) == 4


def test_a_row_goes_on_where_letters_hide_its_teeth() -> None:
    mask: Mask = np.zeros((1600, 1130), np.uint8)
    _comb(mask, LEFT, LOW, CELLS)
    for k in range(1, 6):
        cv2.rectangle(mask, (LEFT + PITCH * k - 9, LOW - 36), (LEFT + PITCH * k + 5, LOW), 1, -1)
    (row,) = _rows(mask)
    assert row.place.left == pytest.approx(LEFT, abs=3)


def test_rows_side_by_side_are_parted_where_the_paper_is_blank() -> None:
    mask: Mask = np.zeros((1600, 1130), np.uint8)
    second = LEFT + PITCH * 12 + 20
    _comb(mask, LEFT, LOW, 12)
    _comb(mask, second, LOW, 12)
    rows = _rows(mask)
    assert [row.place.left for row in rows] == pytest.approx([LEFT, second], abs=4)
    assert [len(row.teeth) for row in rows] == [13, 13]


def test_a_row_that_was_seen_too_high_is_the_row_at_its_foot() -> None:
    teeth = np.arange(LEFT, LEFT + PITCH * CELLS, PITCH, dtype=np.float64)
    right = float(teeth[-1] + PITCH)
    row = CombRow(Place(LEFT, 360, right, LOW), teeth, 40)
    high = CombRow(Place(LEFT, 280, right, LOW), teeth, 40)
    above = CombRow(Place(LEFT, 322, right, 364), teeth, 40)
    assert row.is_of(high)
    assert high.is_of(row)
    assert not row.is_of(above)
