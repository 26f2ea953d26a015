"""Whether a line of writing can be read as it is seen, and if not, what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np

from hwr_edge.image.pixels import Box, Grey


@dataclass(frozen=True)
class _Limits:
    """When a line can be read. `make bench-camera` measures them.

    least_letter: pixels: smaller letters are guessed at.
    level: of their width that edges of level strokes count: few names have many.
    wide_edge: pixels: wider edges are out of focus.
    soft: likewise, of a letter's height.
    fast: letters' heights a second: what is blurred and moves so fast is not out of focus.
    too_fast: likewise: what moves so fast is not read at all.
    border: pixels, within which a line goes on beyond the image.
    burnt: grey levels and more are a lamp's reflection, if the paper is not as bright.
    glare: of the line.
    paper_most: grey levels of paper beside which a reflection stands out.
    """

    least_letter: float = 9.0
    level: float = 0.75
    wide_edge: float = 4.0
    soft: float = 0.11
    fast: float = 1.0
    too_fast: float = 6.0
    border: int = 3
    burnt: int = 250
    glare: float = 0.15
    paper_most: int = 232


_LIMITS = _Limits()


class Hint(StrEnum):
    """What the person at the camera should know."""

    LAY = "show a name to the camera"
    HOLD = "too fast: hold it still"
    CLOSER = "move closer: the letters are too small"
    WHOLE = "show the whole name"
    FOCUS = "out of focus"
    GLARE = "glare: turn the paper or move the lamp"
    TURN = "turn it upright: it cannot be told which way up it is"
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


def judge(line: Line, grey: Grey, area: Box | None = None, moves: float = 0.0) -> Hint | None:
    """What keeps a line from being read, or None.

    Args:
        line: as it was located.
        grey: uint8 (H, W), what it was located in.
        area: the part of that which counts; None for all.
        moves: pixels a second.
    """
    x, y, width, height = line.box
    left, top, wide, tall = area or (0, 0, grey.shape[1], grey.shape[0])
    if min(x - left, y - top, left + wide - x - width, top + tall - y - height) <= _LIMITS.border:
        return Hint.WHOLE
    if line.letter < _LIMITS.least_letter:
        return Hint.CLOSER
    if moves > _LIMITS.too_fast * line.letter:
        return Hint.HOLD
    seen = grey[y : y + height, x : x + width]
    if _glare(seen):
        return Hint.GLARE
    low, high = np.percentile(seen, (1, 95))
    across, down = (_edge(seen, float(high - low), *way) for way in ((1, 0), (0, 1)))
    wide = max(across, _LIMITS.level * down)
    if wide <= max(_LIMITS.wide_edge, _LIMITS.soft * line.letter):
        return None
    return Hint.HOLD if moves > _LIMITS.fast * line.letter else Hint.FOCUS


def _glare(seen: Grey) -> bool:
    burnt = float(np.count_nonzero(seen >= _LIMITS.burnt)) / seen.size
    return burnt > _LIMITS.glare and float(np.median(seen)) < _LIMITS.paper_most


def _edge(seen: Grey, ink: float, across: int, down: int) -> float:
    """How many pixels the steepest edges take from paper to ink, so many grey levels, across or down."""
    slope = np.abs(cv2.Sobel(seen, cv2.CV_32F, across, down, scale=1 / 8))
    return ink / max(float(np.percentile(slope, 99)), 1e-3)
