"""Changes to a canvas."""

from __future__ import annotations

import numpy as np

from hwr_edge.image.pixels import PAPER
from hwr_train.synthetic.augment import cut_foot


def test_feet_of_the_lowest_line_are_cut_and_nothing_else() -> None:
    canvas = np.full((48, 100), PAPER, np.uint8)
    canvas[2:6, 10:90] = 0  # a line above
    canvas[12:32, 10:90] = 0  # letters, 20 high
    for seed in range(20):
        cut = cut_foot(canvas, np.random.default_rng(seed))
        inked = np.flatnonzero((cut < 128).any(axis=1))
        lowest = np.flatnonzero((cut[inked[0] + 4 :] < 128).any(axis=1))
        assert inked[-1] == 47
        assert 10 <= lowest.size <= 18
    assert canvas[31, 50] == 0  # what came in is as it was


def test_a_canvas_without_ink_stays() -> None:
    canvas = np.full((48, 100), PAPER, np.uint8)
    assert (cut_foot(canvas, np.random.default_rng(0)) == canvas).all()
