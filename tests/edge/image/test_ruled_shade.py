from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.image.morphology import connected_components
from hwr_edge.image.pixels import Grey
from hwr_edge.image.ruled_shade import without_grey_lines


def ruled(shade: int, soft: bool = True) -> Grey:
    """A grey line on white paper, three pixels thick, with soft edges."""
    paper = np.full((60, 400), 255, np.uint8)
    paper[40:43] = shade
    if soft:
        paper[[39, 43]] = (255 + shade) // 2
    return paper


def band(grey: Grey, low: int = 38, high: int = 45) -> np.ndarray:
    mask = np.zeros(grey.shape, np.uint8)
    mask[low:high] = 1
    return mask


@pytest.mark.parametrize("shade", [90, 150, 220])
def test_a_grey_line_leaves_paper(shade: int) -> None:
    grey = ruled(shade)
    out, done = without_grey_lines(grey, connected_components(band(grey)))
    assert done[1]
    assert (out == 255).all()


def test_letters_on_a_line_keep_their_foot_and_those_that_cross_it_stay_whole() -> None:
    grey = ruled(140)
    stands, crosses = np.s_[15:39, 100:106], np.s_[15:58, 200:206]
    grey[stands] = 60
    grey[crosses] = np.minimum(grey[crosses], 60)
    out, _ = without_grey_lines(grey, connected_components(band(grey)))
    assert (out[15:38, 101:105] < 70).all()
    assert (out[44:, 100:106] == 255).all()
    assert (out[40:43, 101:105] > 200).all()  # no rest of the line below it
    assert (out[15:58, 201:205] < 130).all()


def test_a_black_line_and_a_row_of_dots_are_left_alone() -> None:
    black, dots = ruled(10, soft=False), np.full((60, 400), 255, np.uint8)
    dots[40:43, ::8] = 60
    for grey in (black, dots):
        out, done = without_grey_lines(grey, connected_components(band(grey)))
        assert not done[1:].any()
        assert (out == grey).all()


def test_a_line_at_the_edge_of_a_crop_and_a_short_one_raise_nothing() -> None:
    grey = np.full((12, 400), 255, np.uint8)
    grey[0:2] = 150
    out, done = without_grey_lines(grey, connected_components(band(grey, 0, 2)))
    assert done[1]
    assert (out == 255).all()
    tiny = np.full((12, 5), 150, np.uint8)
    assert not without_grey_lines(tiny, connected_components(band(tiny, 4, 8)))[1][1:].any()


def test_what_a_line_lets_through_is_told_where_no_letter_is_near() -> None:
    grey = ruled(140)
    for x in range(10, 300, 12):  # letters on most of it, which hardly reach below
        grey[20:38, x : x + 8] = 60
    out, _ = without_grey_lines(grey, connected_components(band(grey)))
    assert (out[20:38, 11:17] < 70).all()
