"""Whether a line of writing can be read as it is seen, and if not, what a person can do."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np

from hwr_edge.camera.frames import Area
from hwr_edge.image.pixels import Grey

_MOST_LETTER = 0.33  # of the image's height: larger things are no letters
_LEAST_WIDTH = 0.8  # of a line's height: nor are upright strokes a line
_LEAST_LETTER = 9.0  # pixels: smaller letters are guessed at
_WIDE_EDGE, _SOFT = 3.5, 0.09  # pixels, and of a letter's height: wider edges are out of focus
_BORDER = 3  # pixels, within which a line goes on beyond the image
_BURNT = 250  # grey levels and more are a lamp's reflection, if the paper is not as bright
_GLARE = 0.15  # of the line
_PAPER_MOST = 232  # grey levels of paper beside which a reflection stands out


class Hint(StrEnum):
    """What the person at the camera should know."""

    LAY = "place a name under the camera"
    HOLD = "hold still"
    CLOSER = "move closer: the letters are too small"
    WHOLE = "show the whole name"
    FOCUS = "out of focus"
    GLARE = "glare: turn the paper or move the lamp"
    TURN = "turn the sheet: the name lies on its side or upside down"
    READING = "reading"
    DONE = "done: next one, please"
    LOST = "the camera sends no image"


class Line(Protocol):
    """A written line, as it is located."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width, height in pixels of the given image."""

    @property
    def crop(self) -> Grey:
        """uint8 (h, w), the line alone, upright."""

    @property
    def letter(self) -> float:
        """Height of its letters, in pixels of the given image."""


def judge(line: Line, grey: Grey) -> Hint | None:
    """What keeps a line from being read, or None.

    Args:
        line: as it was located.
        grey: uint8 (H, W), what it was located in.
    """
    x, y, width, height = line.box
    if min(x, y, grey.shape[1] - x - width, grey.shape[0] - y - height) <= _BORDER:
        return Hint.WHOLE
    if line.letter < _LEAST_LETTER:
        return Hint.CLOSER
    seen = grey[y : y + height, x : x + width]
    if _glare(seen):
        return Hint.GLARE
    soft = _edge(seen) > max(_WIDE_EDGE, _SOFT * line.letter)
    return Hint.FOCUS if soft else None


def may_be_written(line: Line, height: int) -> bool:
    """Whether a line is of a shape that writing has, in an image so many pixels high."""
    upright = line.box[2] < _LEAST_WIDTH * line.box[3]
    return not upright and line.letter <= _MOST_LETTER * height


def _glare(seen: Grey) -> bool:
    burnt = float(np.count_nonzero(seen >= _BURNT)) / seen.size
    return burnt > _GLARE and float(np.median(seen)) < _PAPER_MOST


def _edge(seen: Grey) -> float:
    """How many pixels the steepest edges take from paper to ink."""
    low, high = np.percentile(seen, (1, 95))
    slope = np.abs(cv2.Sobel(seen, cv2.CV_32F, 1, 0, scale=1 / 8))
    return float(high - low) / max(float(np.percentile(slope, 99)), 1e-3)


def within(box: tuple[int, int, int, int], area: Area | None) -> tuple[int, int, int, int]:
    """A box of an area in pixels of the whole frame."""
    x, y, width, height = box
    return (x, y, width, height) if area is None else (x + area.x, y + area.y, width, height)
