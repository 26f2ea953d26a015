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


def scores(scan: Grey, form: Grey = _PAGE) -> tuple[list[int], NDArray[np.float64]]:
    """The upper edges of the form's words, and the log odds that another one stands there."""
    flat = flatten_light(form)
    matcher = WordMatcher(darkness(flat), ink_of(flat)[0], printed_words(print_of(form)))
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


def on_bar(said: str, shade: int = 30, letters: int = 250) -> Grey:
    """A form with a dark bar that light words stand on."""
    page = paper()
    page[880:940, 60:1070] = shade
    cv2.putText(page, said, (80, 924), cv2.FONT_HERSHEY_DUPLEX, 1.1, letters, 2, cv2.LINE_AA)
    return scanned(page)


def test_dark_print_in_the_place_of_light_words_is_told() -> None:
    page = paper()
    page[880:940, 500:1070] = 30
    cv2.putText(page, "Doctor", (80, 924), cv2.FONT_HERSHEY_DUPLEX, 1.1, 20, 2, cv2.LINE_AA)
    tops, odds = scores(scanned(page), on_bar("Parents"))
    assert odds[np.array(tops) > 870].max() > 0
    assert (odds[np.array(tops) < 870] < 0).all()


def test_a_bar_that_a_two_tone_scan_made_all_white_tells_nothing() -> None:
    form = on_bar("Parents", shade=120)
    flat = flatten_light(form)
    matcher = WordMatcher(darkness(flat), ink_of(flat)[0], printed_words(print_of(form)))
    which = np.flatnonzero([w.light for w in matcher.words])
    white = matcher.likeness(darkness(_PAGE), which)
    assert which.size
    assert (white[:, 2] == 1).all()
    assert (matcher.likeness(darkness(flat), which)[:, 2] == 0).all()
