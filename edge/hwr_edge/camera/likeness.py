"""A written line known again by its ink."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_edge.line.preprocess import Canvas, preprocess

# Set by hand; `make bench-camera` measures what they lead to.
_INK = Canvas(24, 192)  # rows and columns
_SHIFT = 5  # pixels of that by which two views of one line may differ
SAME = 0.75
"""Likeness of two views of one line, whatever was read."""
SAME_TEXT = 0.5
"""The same, where one text was read in both."""


def ink_of(crop: Grey) -> Grey:
    """A line in little, uint8 (24, 192), by which it is known again."""
    return np.asarray(cv2.GaussianBlur(preprocess(crop, _INK), (0, 0), 1.0), np.uint8)


def similarity(one: Grey, other: Grey) -> float:
    """Likeness of two lines in little, at most 1: their correlation where they fit best."""
    height, width = one.shape
    part = other[_SHIFT // 2 : height - _SHIFT // 2, _SHIFT : width - _SHIFT]
    return float(cv2.matchTemplate(one, part, cv2.TM_CCOEFF_NORMED).max())
