"""A printed word told from another one in its place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.form.test_propose import paper, scanned
from hwr_edge.form.places import print_of
from hwr_edge.form.print_words import printed_words
from hwr_edge.form.word_score import WEIGHTS, WordMatcher, darkness, features
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.pixels import Grey

_PAGE = scanned(paper())


def scores(scan: Grey) -> tuple[list[int], NDArray[np.float64]]:
    """The upper edges of the form's words, and the log odds that another one stands there."""
    flat = flatten_light(_PAGE)
    matcher = WordMatcher(darkness(flat), ink_of(flat)[0], printed_words(print_of(_PAGE)))
    which = np.arange(len(matcher.words))
    likeness = matcher.likeness(darkness(flatten_light(scan)), which)
    return [w.box[1] for w in matcher.words], features(likeness, matcher.long) @ np.array(WEIGHTS)


def test_the_form_itself_has_its_words() -> None:
    assert (scores(_PAGE)[1] < 0).all()


def test_another_word_is_told_and_no_other() -> None:
    other = scanned(paper(("Name", "Town", "Sports", "School", "Mother", "Father")))
    tops, odds = scores(other)
    assert [500 < top < 542 for top in tops] == (odds > 0).tolist()


def test_writing_across_a_word_is_no_other_word() -> None:
    page = paper()
    for k in range(4):
        cv2.line(page, (40 + 40 * k, 500), (75 + 40 * k, 550), 20, 3)
    assert (scores(scanned(page))[1] < 0).all()


def test_a_pale_copy_and_a_blurred_one_have_the_words() -> None:
    pale = np.asarray(255 - (255 - _PAGE) * 0.3, np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(_PAGE, (0, 0), 2.0), np.uint8)
    for copy in (pale, blurred):
        assert (scores(copy)[1] < 0).all()
