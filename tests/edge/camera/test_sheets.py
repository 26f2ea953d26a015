"""Papers in a small view."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.camera.sheets import ink_in, iou, papers_in
from hwr_edge.image.pixels import Grey

CARD = np.array([[60, 70], [260, 55], [265, 160], [66, 175]], np.float32)


def _view() -> Grey:
    view = np.full((240, 320), 90, np.uint8)
    cv2.fillConvexPoly(view, CARD.astype(np.int32), [230])
    return view


def test_a_card_is_found_though_a_thumb_lies_on_its_edge() -> None:
    view = _view()
    cv2.line(view, (150, 150), (150, 239), 150, 18)
    assert max(iou(found, CARD) for found in papers_in(view)) > 0.9


def test_a_card_is_found_before_a_brighter_thing_that_it_touches() -> None:
    view = _view()
    cv2.rectangle(view, (100, 20), (140, 62), 245, -1)
    cv2.fillConvexPoly(view, CARD.astype(np.int32), [230])
    assert max(iou(found, CARD) for found in papers_in(view)) > 0.9


def test_a_face_and_a_view_of_one_colour_are_no_papers() -> None:
    view = np.full((240, 320), 90, np.uint8)
    assert papers_in(view) == []
    cv2.ellipse(view, (160, 120), (50, 70), 0, 0, 360, 200, -1)
    assert papers_in(view) == []


def test_writing_on_a_paper_is_seen() -> None:
    view = _view()
    assert not ink_in(view, CARD)
    cv2.putText(view, "LEA", (120, 130), 0, 1.2, 60, 2, cv2.LINE_AA)
    assert ink_in(view, CARD)


def test_a_card_is_parted_from_a_thing_as_bright_that_stands_on_it() -> None:
    view = _view()
    cv2.rectangle(view, (110, 20), (150, 70), 230, -1)
    assert max(iou(found, CARD) for found in papers_in(view)) > 0.9


def test_outlines_without_notches_and_of_few_points_do_no_harm() -> None:
    view = np.full((240, 320), 90, np.uint8)
    cv2.line(view, (0, 0), (319, 239), 230, 30)
    cv2.line(view, (0, 239), (319, 0), 230, 30)
    cv2.circle(view, (60, 120), 14, 230, -1)
    assert all(len(found) >= 3 for found in papers_in(view))
