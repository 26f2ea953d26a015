"""The printed words that copies of a form are compared by."""

from __future__ import annotations

import cv2
import numpy as np

from edge.form.test_propose import ROWS, comb, paper, scanned
from hwr_edge.form.places import print_of
from hwr_edge.form.print_words import PrintedWord, printed_words
from hwr_edge.image.pixels import Box, Grey


def words_on(page: Grey) -> list[PrintedWord]:
    return printed_words(print_of(scanned(page)))


def test_each_label_is_a_word_and_a_comb_is_none() -> None:
    page = paper()
    for box in ROWS:
        comb(page, box, 12)
    words = words_on(page)
    for x, y, width, height in ROWS:
        labels = [w for w in words if y < w.box[1] + w.box[3] / 2 < y + height and w.box[0] < x]
        assert len(labels) == 1
        assert not any(
            x < w.box[0] < x + width and y < w.box[1] + w.box[3] / 2 < y + height for w in words
        )


def test_a_long_sentence_is_compared_in_parts() -> None:
    page = paper()
    letter = print_of(scanned(page)).letter
    sentence = [w.box for w in words_on(page) if 150 < w.box[1] + w.box[3] < 200]
    assert len(sentence) > 2
    assert max(box[2] for box in sentence) < 12 * letter


def test_light_words_on_a_dark_bar_are_words_and_the_bar_is_none() -> None:
    page = paper()
    page[880:940, 60:1070] = 0
    cv2.putText(page, "Parents", (80, 924), cv2.FONT_HERSHEY_DUPLEX, 1.1, 255, 2, cv2.LINE_AA)
    light = [w for w in words_on(page) if w.light]
    assert light
    for x, y, width, height in (w.box for w in light):
        assert 75 < x < x + width < 260
        assert 880 < y < y + height < 940


def test_a_blank_page_has_none() -> None:
    assert printed_words(print_of(np.full((1500, 1150), 255, np.uint8))) == []


def test_boxes_to_tick_are_none() -> None:
    page = paper()
    for k in range(6):
        cv2.rectangle(page, (300, 310 + 100 * k), (324, 334 + 100 * k), 40, 3)
    assert not any(295 < w.box[0] < 330 and w.box[1] > 280 for w in words_on(page))


def test_words_in_shaded_cells_are_words() -> None:
    page = paper()
    page[880:940, 60:1070] = 200
    cv2.rectangle(page, (60, 880), (1070, 940), 60, 2)
    cv2.putText(page, "Parents", (80, 924), cv2.FONT_HERSHEY_DUPLEX, 1.1, 20, 2, cv2.LINE_AA)
    assert any(75 < w.box[0] < 90 and 880 < w.box[1] < 910 and not w.light for w in words_on(page))


def covered(words: list[PrintedWord], box: Box) -> float:
    """How much of a box's width words cover."""
    x, y, width, height = box
    there = np.zeros(width, bool)
    for left, top, wide, high in (w.box for w in words):
        if top < y + height / 2 < top + high:
            there[max(0, left - x) : max(0, left + wide - x)] = True
    return float(there.mean())


def test_a_title_of_letters_far_apart_is_compared_whole() -> None:
    page = paper()
    for x in range(300, 600, 50):  # letters H
        page[1050:1100, x : x + 8] = page[1050:1100, x + 26 : x + 34] = 20
        page[1072:1078, x : x + 34] = 20
    assert covered(words_on(page), (300, 1050, 284, 50)) > 0.7


def test_a_label_that_touches_a_line_is_a_word_and_the_line_is_none() -> None:
    page = paper()
    cv2.rectangle(page, (58, 921), (700, 1000), 40, 2)
    cv2.putText(page, "Doctor", (66, 944), cv2.FONT_HERSHEY_DUPLEX, 0.9, 20, 2, cv2.LINE_AA)
    words = [w for w in words_on(page) if 900 < w.box[1] < 1000]
    assert covered(words, (70, 920, 90, 26)) > 0.6
    assert max(w.box[0] + w.box[2] for w in words) < 200


def test_large_light_words_on_a_dark_bar_are_words() -> None:
    page = paper()
    page[880:960, 60:1070] = 40
    cv2.putText(page, "Parents", (80, 940), cv2.FONT_HERSHEY_DUPLEX, 2.0, 250, 4, cv2.LINE_AA)
    words = [w for w in words_on(page) if 870 < w.box[1] < 960]
    assert covered([w for w in words if w.light], (90, 890, 220, 50)) > 0.8
    assert all(w.light for w in words)


def test_a_row_of_ticks_is_none() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        cv2.rectangle(page, (x, y), (x + width, y + height), 40, 2)
        for k in range(1, 26):
            cv2.line(page, (x + 30 * k, y + height - 14), (x + 30 * k, y + height), 40, 2)
    assert not any(w.box[0] > 280 and w.box[1] > 280 for w in words_on(page))
