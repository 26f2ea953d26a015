"""Small printed forms and writing on them, drawn with OpenCV alone: for the device's tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.form.template import Field, Form
from hwr_edge.image.pixels import Box, Grey

BOXES: tuple[Box, ...] = (
    (460, 240, 560, 90),  # a box
    (460, 400, 560, 90),  # a comb
    (460, 560, 560, 90),  # a ruled line
    (460, 720, 560, 90),  # a dotted line
)
WORDS = ("Surname:", "First name:", "Town:", "Teacher:")
OTHER_WORDS = ("Patient", "Nickname of", "District", "Doctor no.")


def empty_form(words: Sequence[str] = WORDS, title: str = "REGISTRATION FORM") -> Grey:
    """A printed form of 1200 by 1500 pixels, uint8; its fields are BOXES."""
    paper: Grey = np.full((1500, 1200), 255, np.uint8)
    _type(paper, title, 120, 120, 1.8)
    _type(paper, "Please fill in with a black pen and hand it back", 120, 180, 0.9)
    for word, (_, y, _, height) in zip(words, BOXES, strict=True):
        _type(paper, word, 120, y + height - 30, 1.2)
    for x, y, width, height in BOXES[:2]:
        cv2.rectangle(paper, (x, y), (x + width, y + height), 60, 2)
    x, y, width, height = BOXES[1]
    for k in range(1, 8):
        at = x + k * width // 8
        cv2.line(paper, (at, y), (at, y + height), 60, 2)
    x, y, width, height = BOXES[2]
    cv2.line(paper, (x, y + 70), (x + width, y + 70), 60, 2)
    x, y, width, height = BOXES[3]
    for at in range(x, x + width, 9):
        cv2.circle(paper, (at, y + 70), 1, 30, -1)
    for k in range(3):
        cv2.rectangle(paper, (120 + 220 * k, 900), (150 + 220 * k, 930), 40, 2)
        _type(paper, ("yes", "no", "perhaps")[k], 165 + 220 * k, 928, 0.9)
    _type(paper, "Return this page to the school office before June", 120, 1040, 0.9)
    return paper


def _type(paper: Grey, words: str, x: int, y: int, size: float) -> None:
    cv2.putText(paper, words, (x, y), cv2.FONT_HERSHEY_DUPLEX, size, 0, 2, cv2.LINE_AA)


def written(paper: Grey, box: Box, low: int = 62) -> Grey:
    """The paper with a zigzag like writing in a box, its baseline `low` pixels down."""
    out = paper.copy()
    x, y = box[:2]
    for k in range(5):
        left = x + 40 + 80 * k
        points = [(0, 0), (12, -46), (26, -4), (38, -46), (46, 0)]
        stroke = np.array([(left + dx, y + low + dy) for dx, dy in points], np.int32)
        cv2.polylines(out, [stroke], False, 20, 5, cv2.LINE_AA)
    return out


def form_at(path: Path, paper: Grey | None = None) -> Form:
    """The form with its four fields."""
    fields = tuple(Field(f"field{k}", box) for k, box in enumerate(BOXES, 1))
    return Form(path, empty_form() if paper is None else paper, fields)
