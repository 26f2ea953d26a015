from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwr_edge.line.closeup import close_up
from strategies import grey_images

ASPECT = 8.0
Image = NDArray[np.uint8]


def paper(height: int, width: int) -> Image:
    return np.full((height, width), 255, np.uint8)


def bar(image: Image, top: int, left: int, height: int, width: int) -> None:
    image[top : top + height, left : left + width] = 20


def letters(image: Image, top: int, left: int, height: int, count: int = 5) -> None:
    """Letters of two stems and a bar, 0.8 as wide as high."""
    stem, wide = max(1, height // 8), round(0.8 * height)
    for k in range(count):
        x = left + k * round(1.2 * height)
        bar(image, top, x, height, stem)
        bar(image, top, x + wide - stem, height, stem)
        bar(image, top + height // 2, x, stem, wide)


def inked(cut: Image, axis: int) -> tuple[int, int]:
    """The first and last row (axis 1) or column (axis 0) with ink."""
    found = np.flatnonzero((cut < 128).any(axis=axis))
    return int(found[0]), int(found[-1])


@given(grey_images())
def test_any_image_gives_a_part_of_it(grey: Image) -> None:
    cut = close_up(grey, ASPECT)
    assert cut.size
    assert np.shares_memory(cut, grey)


@given(
    st.integers(12, 60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(2, 5),
    st.integers(0, 200),
)
def test_letters_fill_half_of_the_height_wherever_they_stand(
    tall: int, above: int, below: int, count: int, left: int
) -> None:
    image = paper(above + tall + below + 2, left + 8 * tall)
    letters(image, above + 1, left, tall, count)
    cut = close_up(image, ASPECT)
    top, bottom = inked(cut, 1)
    assert bottom - top + 1 == tall  # nothing is cut off
    assert cut.shape[0] == pytest.approx(min(2 * tall, image.shape[0]), abs=1)
    assert cut.shape[1] <= ASPECT * 2 * tall


def test_a_long_name_keeps_its_width_and_gets_more_rows_for_it() -> None:
    image = paper(80, 600)
    letters(image, 30, 20, 16, 28)
    cut = close_up(image, ASPECT)
    assert cut.shape[1] > 28 * 16 * 1.2
    assert cut.shape[1] / cut.shape[0] == pytest.approx(ASPECT, rel=0.03)


def test_a_tall_crop_is_cut_to_the_name_between_label_and_next_line() -> None:
    image = paper(120, 300)
    letters(image, 22, 10, 10)  # a printed label
    letters(image, 60, 80, 26, 4)  # the name
    bar(image, 112, 40, 8, 200)  # a slice of the line below
    cut = close_up(image, ASPECT)
    assert inked(cut, 1)[1] - inked(cut, 1)[0] + 1 == 26
    assert inked(cut, 0)[1] - inked(cut, 0)[0] + 1 == 3 * 31 + 21


def test_a_bold_label_does_not_outweigh_a_short_name_in_a_thin_pen() -> None:
    image = paper(90, 330)
    for k in range(6):  # as in bold print, two thirds ink
        bar(image, 18, 12 + 11 * k, 12, 8)
    letters(image, 56, 12, 18, 3)
    cut = close_up(image, ASPECT)
    top, bottom = inked(cut, 1)
    assert bottom - top == 17
    assert (cut < 128).sum() == (image[50:] < 128).sum()


def test_slices_of_the_lines_above_and_below_go_with_their_columns() -> None:
    image = paper(40, 300)
    letters(image, 12, 40, 14, 4)
    bar(image, 0, 10, 6, 200)
    letters(image, 34, 220, 20, 3)  # the next line's, cut by the crop's edge
    cut = close_up(image, ASPECT)
    assert cut.shape[0] == 28
    assert cut.shape[1] < 100


def test_letters_that_touch_the_edge_are_of_the_line() -> None:
    image = paper(32, 300)
    letters(image, 10, 10, 10, 4)  # a printed label
    letters(image, 4, 80, 28, 3)  # the name, cut off at its feet
    cut = close_up(image, ASPECT)
    assert inked(cut, 0)[1] - inked(cut, 0)[0] + 1 == 80 + 2 * 34 + 22 - 10
    assert inked(cut, 1)[1] - inked(cut, 1)[0] + 1 == 28


def test_a_name_cut_off_by_the_edge_is_not_lost_for_the_line_beside_it() -> None:
    for upside_down in (False, True):
        image = paper(38, 300)
        letters(image, 26, 10, 10, 16)  # the line below, whole
        letters(image, 0, 20, 9, 3)  # what is left of the name
        cut = close_up(image[::-1] if upside_down else image, ASPECT)
        assert cut.shape == (38, 300)


@pytest.mark.parametrize(
    ("top", "tall", "other", "rest", "told"),
    [
        (22, 12, 0, 8, True),  # low, below a line that the edge cuts off
        (22, 12, 1, 8, False),  # below a whole one
        (2, 17, 28, 8, True),  # high, above one that is cut off
        (2, 17, 27, 8, False),
        (2, 12, 28, 8, False),  # so high that what is cut off may be the name
    ],
)
def test_a_line_high_or_low_in_its_crop_is_closed_in_on_where_only_slices_stand_beside_it(
    top: int, tall: int, other: int, rest: int, told: bool
) -> None:
    image = paper(36, 388)
    letters(image, top, 40, tall)
    letters(image, other, 30, rest, 14)
    rows, columns = close_up(image, ASPECT).shape
    assert (rows == 2 * tall and columns < 150) if told else (rows, columns) == (36, 388)


def test_letters_in_pieces_are_shown_whole() -> None:
    image = paper(44, 324)
    for k in range(4):  # the heads and the feet of four letters
        bar(image, 14, 20 + 22 * k, 3, 6)
        bar(image, 27, 20 + 22 * k, 3, 6)
    cut = close_up(image, ASPECT)
    assert inked(cut, 1)[1] - inked(cut, 1)[0] + 1 == 16
    assert inked(cut, 0)[1] - inked(cut, 0)[0] + 1 == 3 * 22 + 6


def test_the_edge_of_a_box_at_the_left_does_not_make_letters_smaller() -> None:
    image = paper(36, 388)
    letters(image, 14, 10, 14)
    name = close_up(image, ASPECT)
    bar(image, 0, 1, 36, 2)
    assert close_up(image, ASPECT).shape[0] == name.shape[0]


def test_the_edge_of_a_box_far_to_the_right_is_left_out_but_a_letter_is_not() -> None:
    image = paper(40, 380)
    letters(image, 12, 20, 14)
    name = close_up(image, ASPECT)
    bar(image, 8, 370, 20, 2)
    np.testing.assert_array_equal(close_up(image, ASPECT), name)
    bar(image, 12, 130, 14, 2)  # an I
    assert close_up(image, ASPECT).shape[1] > name.shape[1]


def test_a_speck_beside_the_line_is_left_out_but_a_broken_letter_is_not() -> None:
    image = paper(40, 380)
    letters(image, 12, 20, 14)
    name = close_up(image, ASPECT)
    bar(image, 36, 300, 2, 2)  # below the line
    bar(image, 18, 340, 1, 2)  # a grain of dust
    np.testing.assert_array_equal(close_up(image, ASPECT), name)
    for row in (12, 16, 20, 24):
        bar(image, row, 130, 2, 3)
    assert close_up(image, ASPECT).shape[1] == name.shape[1] + 133 - (20 + 4 * 17 + 11)


def test_a_blank_crop_is_cut_to_the_rows_of_a_name() -> None:
    assert close_up(paper(200, 150), ASPECT).shape == (20, 150)
    assert close_up(paper(30, 300), ASPECT).shape == (30, 300)
