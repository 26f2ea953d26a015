"""Places that may be fields, and how they look."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.form.test_propose import ROWS, comb, common, paper, scanned
from hwr_edge.form.candidate_features import features_of
from hwr_edge.form.candidates import Candidate, Kind, candidates_of
from hwr_edge.form.places import Print
from hwr_edge.form.propose import look_at
from hwr_edge.image.pixels import Box, Grey


def _seen(page: Grey) -> tuple[list[Candidate], Print, float]:
    look, part = look_at(scanned(page))
    return candidates_of(look), look, part


def _box(one: Candidate, part: float) -> Box:
    left, top, right, low = (round(v / part) for v in one.place)
    return left, top, right - left, low - top


def _form() -> Grey:
    page = paper()
    comb(page, ROWS[0], 12)
    for x, y, width, height in ROWS[1:3]:
        cv2.rectangle(page, (x, y), (x + width, y + height), 60, 2)
    x, y, width, height = ROWS[3]
    page[y : y + height, x : x + width] = 222
    x, y, width, height = ROWS[4]
    cv2.line(page, (x, y + height), (x + width, y + height), 60, 2)
    return page


def test_every_field_is_among_the_candidates_as_what_it_is() -> None:
    found, _, part = _seen(_form())
    kinds = (Kind.COMB, Kind.BOX, Kind.BOX, Kind.BOX, Kind.LINE)
    for row, kind in zip(ROWS, kinds, strict=False):
        least = 0.5 if kind == Kind.LINE else 0.8
        assert any(common(_box(one, part), row) > least and one.kind == kind for one in found)


def test_of_a_box_with_a_label_the_parts_beside_and_below_are_candidates() -> None:
    page = paper()
    x, y, width, height = ROWS[0]
    cv2.rectangle(page, (x, y), (x + width, y + 2 * height), 60, 2)
    cv2.putText(page, "Name", (x + 8, y + 24), cv2.FONT_HERSHEY_DUPLEX, 0.7, 20, 2)
    found, _, part = _seen(page)
    boxes = {one.kind: _box(one, part) for one in found}
    assert boxes[Kind.BELOW][1] > y + 20
    assert boxes[Kind.BESIDE][0] > x + 50
    assert boxes[Kind.BOX][:2] < (x + 8, y + 8)


def test_a_row_of_features_for_each_and_all_are_numbers() -> None:
    found, look, _ = _seen(_form())
    features = features_of(found, look)
    assert len(features) == len(found) > 4
    assert np.isfinite(features).all()
    assert features_of([], look).shape[0] == 0


def test_print_in_a_box_and_beside_it_is_seen() -> None:
    plain = _form()
    labelled = plain.copy()
    x, y, *_ = ROWS[1]
    cv2.putText(labelled, "Please leave this empty", (x + 20, y + 30), 2, 0.9, 20, 2)

    def of_box(page: Grey) -> NDArray[np.float64]:
        found, look, part = _seen(page)
        k = next(
            k
            for k, one in enumerate(found)
            if one.kind == Kind.BOX and common(_box(one, part), ROWS[1]) > 0.8
        )
        return np.asarray(features_of(found, look)[k], np.float64)

    text_in = len(Kind) + 12  # after the kind and the shape
    assert of_box(plain)[text_in] == 0
    assert of_box(labelled)[text_in] > 0.3
