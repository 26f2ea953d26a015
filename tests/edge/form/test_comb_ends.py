"""Combs of which only some cells were seen."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from hwr_edge.form.comb_ends import whole_comb
from hwr_edge.form.places import Place
from hwr_edge.image.pixels import Grey

LEFT, TOP, HIGH, PITCH, CELLS = 100, 60, 36, 30, 20


def _page(gap: int, drawn: range = range(CELLS)) -> Grey:
    """A row of cells so many pixels apart."""
    page: Grey = np.full((160, 900), 250, np.uint8)
    for k in drawn:
        x = LEFT + k * PITCH
        cv2.rectangle(page, (x, TOP), (x + PITCH - gap, TOP + HIGH), (60,), 2)
    return page


def _cells(some: Sequence[int], gap: int) -> list[Place]:
    lefts = [LEFT + k * PITCH for k in some]
    return [Place(x, TOP, x + PITCH - gap, TOP + HIGH) for x in lefts]


@pytest.mark.parametrize("gap", [0, 5])
@pytest.mark.parametrize("seen", [range(7, 11), range(5), range(14, 20), (3, 4, 5, 8, 9, 12)])
def test_a_comb_goes_on_as_far_as_its_cells_repeat(gap: int, seen: Sequence[int]) -> None:
    found = whole_comb(_cells(seen, gap), _page(gap))
    assert found.left == pytest.approx(LEFT, abs=4)
    assert found.right == pytest.approx(LEFT + CELLS * PITCH - gap, abs=4)
    assert (found.top, found.low) == (TOP, TOP + HIGH)


def test_a_comb_ends_before_a_wide_gap() -> None:
    cells = _cells(range(6), 5)
    page = _page(5, range(8)) & _page(5, range(11, 15))
    assert whole_comb(cells, page).right == pytest.approx(LEFT + 8 * PITCH - 5, abs=4)


def test_cells_on_top_of_each_other_are_left_as_they_are() -> None:
    cells = [Place(10, 5, 30, 25), Place(10, 6, 31, 25), Place(40, 5, 60, 25)]
    assert whole_comb(cells, np.full((60, 90), 250, np.uint8)) == Place(10, 5, 60, 25)
