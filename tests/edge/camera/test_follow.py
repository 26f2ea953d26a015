"""A part of the view followed from frame to frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.camera.follow import Anchor, moved
from hwr_edge.image.pixels import Grey

CARD = np.array([[90, 80], [230, 80], [230, 150], [90, 150]], np.float32)
STAYS = np.eye(3)


def _view() -> Grey:
    view = np.full((240, 320), 90, np.uint8)
    cv2.fillConvexPoly(view, CARD.astype(np.int32), [230])
    cv2.putText(view, "MANON", (100, 130), 0, 1.2, 60, 3, cv2.LINE_AA)
    return view


@pytest.mark.parametrize(("x", "y", "turn", "scale"), [(9, -6, 0, 1), (20, 4, 5, 1.06)])
def test_a_card_is_found_where_it_moved_to(x: int, y: int, turn: int, scale: float) -> None:
    matrix = cv2.getRotationMatrix2D((160.0, 115.0), turn, scale) + np.array([[0, 0, x], [0, 0, y]])
    now = cv2.warpAffine(_view(), matrix, (320, 240), borderValue=[90])
    found = Anchor(_view(), CARD).find(np.asarray(now, np.uint8), STAYS)
    assert found is not None
    assert found.similarity > 0.9
    there = cv2.transform(CARD[None], matrix)[0]
    assert np.abs(moved(CARD, found.move) - there).max() < 1.5


def test_a_card_that_is_gone_is_not_found() -> None:
    found = Anchor(_view(), CARD).find(np.full((240, 320), 90, np.uint8), STAYS)
    assert found is None or found.similarity < 0.5


def test_a_blank_part_and_another_size_are_found_nowhere() -> None:
    blank = np.full((240, 320), 90, np.uint8)
    assert Anchor(blank, CARD).find(blank, STAYS) is None
    assert Anchor(_view(), CARD).find(np.full((120, 160), 90, np.uint8), STAYS) is None
