"""Lines on a card are found where they are, however small a copy shows them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.camera.examine import certainty, lines_on, sheet_of
from hwr_edge.line.reading import Reading
from hwr_edge.page.locate import Line


def _lines(scale: float, thick: int) -> list[Line]:
    frame = np.full((1080, 1920), 90, np.uint8)
    hull = np.array([[200, 140], [1700, 140], [1700, 900], [200, 900]], np.float32)
    cv2.fillConvexPoly(frame, hull.astype(np.int32), [230])
    cv2.putText(frame, "MANON", (400, 560), 0, scale, 60, thick, cv2.LINE_AA)
    sheet = sheet_of(frame, hull)
    assert sheet is not None
    return lines_on(sheet, frame.shape[0])


@pytest.mark.parametrize(("scale", "thick"), [(8.0, 24), (3.0, 9), (1.2, 4)])
def test_a_line_is_found_at_its_place_whatever_its_size(scale: float, thick: int) -> None:
    (line,) = _lines(scale, thick)
    (wide, high), _ = cv2.getTextSize("MANON", 0, scale, thick)
    x, y, width, height = line.box
    assert abs(x - 400) < 0.5 * high
    assert abs(y + height - 560) < 0.5 * high
    assert 0.8 * wide < width < 1.2 * wide
    assert 0.7 * high < line.letter < 1.3 * high


def test_a_blank_card_has_no_line() -> None:
    assert not _lines(0.01, 1)


@pytest.mark.parametrize(
    ("text", "confidence", "least", "most"),
    [("MANON", 0.8, 0.95, 0.96), ("LEO", 0.8, 0.8, 0.8), ("O", 1.0, 0.0, 0.0), ("", 1.0, 0.0, 0.0)],
)
def test_a_short_text_must_be_sure_as_a_whole(
    text: str, confidence: float, least: float, most: float
) -> None:
    found = Reading(text, confidence, (confidence,) * len(text), (0, 0, 9, 9))
    assert least <= certainty(found) <= most
