"""A scan laid on its form by its words."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.form.test_propose import paper, scanned
from hwr_edge.form.places import print_of
from hwr_edge.form.print_words import printed_words
from hwr_edge.form.word_places import move_of
from hwr_edge.form.word_score import Floats, darkness
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import Grey

_PAGE = scanned(
    paper(("First name", "Town or city", "Street name", "The school", "Mother is", "Father is"))
)
_WORDS = printed_words(print_of(_PAGE))


def dark(page: Grey) -> Floats:
    return darkness(flatten_light(page))


@pytest.mark.parametrize("shift", [(0, 0), (9, -14), (-20, 6)])
def test_a_page_that_is_a_little_off_is_moved_back(shift: tuple[int, int]) -> None:
    move = np.array([[1.004, 0.003, shift[0]], [-0.004, 0.998, shift[1]]])
    scan = cv2.warpAffine(_PAGE, move, _PAGE.shape[::-1], borderValue=[250.0])
    found = move_of(_WORDS, dark(_PAGE), dark(np.asarray(scan, np.uint8)))
    assert found is not None
    corners = np.array([[[60, 100], [1000, 100], [1000, 840], [60, 840]]], np.float64)
    off = cv2.perspectiveTransform(corners, found) - cv2.transform(corners, move)
    assert np.abs(off).max() < 3


def test_a_page_of_other_words_is_not_moved() -> None:
    assert move_of(_WORDS, dark(_PAGE), dark(np.full_like(_PAGE, 255))) is None
