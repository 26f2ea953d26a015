"""The writing of a field, as the model is to see it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge.form.test_form_print import enrolment
from edge.form.test_propose import ROWS, scanned
from hwr_edge.form.align import Aligner
from hwr_edge.form.fields import Cut, FieldCutter
from hwr_edge.form.template import Field, Form
from hwr_edge.image.morphology import connected_components
from hwr_edge.image.pixels import Grey
from hwr_edge.page.sheet import whole_image


def _cut(page: Grey) -> Cut:
    form = Form(Path("f.toml"), scanned(enrolment()), (Field("name", ROWS[1]),))
    return FieldCutter(form).cut(Aligner(form).align(scanned(page)))[0]


def _bars(page: Grey, cells: list[int], foot: bool = False) -> Grey:
    """A stroke in each of some cells of a row, standing on its line; with a foot in that line."""
    x, y, width, height = ROWS[1]
    for k in cells:
        at = x + round((k + 0.5) * width / 23)
        cv2.line(page, (at, y + 8), (at, y + height), 30, 5)
        cv2.line(page, (at - 9, y + 9), (at + 9, y + 9), 30, 5)
        if foot:
            cv2.line(page, (at - 9, y + height), (at + 9, y + height), 80, 2)
    return page


def test_words_at_both_ends_of_a_comb_come_near_each_other() -> None:
    near, far = (_cut(_bars(enrolment(), cells)) for cells in ([0, 1, 2, 4, 5], [0, 1, 2, 21, 22]))
    wide = [np.flatnonzero((cut.crop < 128).any(axis=0)) for cut in (near, far)]
    assert abs(int(np.ptp(wide[0])) - int(np.ptp(wide[1]))) < 0.3 * np.ptp(wide[0])
    assert (near.crop < 128).sum() * 0.9 < (far.crop < 128).sum()
    assert far.crop.shape[0] <= near.crop.shape[0] + 4


def test_a_letter_that_stands_on_the_printed_line_keeps_its_foot_in_a_second_crop() -> None:
    cut = _cut(_bars(enrolment(), [2, 4], foot=True))
    assert cut.standing is not None
    below = [
        int((crop[crop.shape[0] // 2 :] < 160).any(axis=0).sum())
        for crop in (cut.crop, cut.standing)
    ]
    assert below[1] > 1.5 * below[0]


def test_letters_above_the_line_have_one_crop() -> None:
    page, (x, y, _, _) = enrolment(), ROWS[1]
    cv2.line(page, (x + 50, y + 8), (x + 50, y + 26), 30, 4)
    assert _cut(page).standing is None


def test_pale_writing_beside_much_black_print_is_writing() -> None:
    empty = np.full((600, 900), 255, np.uint8)
    for y in (210, 300):
        cv2.rectangle(empty, (60, y), (840, y + 20), 0, -1)
    form = Form(Path("f.toml"), empty, (Field("name", (100, 240, 700, 50)),))
    page = empty.copy()
    for k in range(12):
        cv2.line(page, (150 + 40 * k, 250), (150 + 40 * k, 282), 190, 4)
    noise = np.random.default_rng(0).normal(0, 3, page.shape)
    scan = np.asarray(np.clip(page + noise, 0, 255), np.uint8)
    (cut,) = FieldCutter(form).cut(whole_image(scan))
    strokes = connected_components((cut.crop < 225).astype(np.uint8))
    assert np.count_nonzero(strokes.height[1:] > 20) == 12
