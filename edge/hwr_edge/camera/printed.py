"""Print told from handwriting by what no hand can do: many letters of exactly one height on one line."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.preprocess import Grey

_FEWEST = 8  # letters: in a short word a careful hand is as even
_EVEN = 0.045  # of a letter's height, and half a pixel
_ON_LINE, _AS_HIGH = 0.9, 0.85  # of the letters
_DOT, _TALL = 0.35, 0.5  # of the highest, and of the usual height: less is a dot or an accent


def looks_printed(crop: Grey) -> bool:
    """Whether a line's letters stand exactly on one line and are of one or two heights.

    Args:
        crop: uint8 (h, w), a line alone, ink dark.
    """
    ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:].astype(np.float64)
    top, height = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    if len(stats) < _FEWEST:
        return False
    usual = np.median(height[height > _DOT * height.max()])
    stats = stats[(top > 0) & (top + height < crop.shape[0]) & (height > _TALL * usual)]
    if len(stats) < _FEWEST:
        return False
    top, height = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    middle = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] / 2
    even = _EVEN * float(np.median(height)) + 0.5
    slope = _slope(middle, top + height)
    bottoms, tops = top + height - slope * middle, top - slope * middle
    on_line = np.mean(np.abs(bottoms - np.median(bottoms)) < even)
    near = np.abs(tops[:, None] - tops) < even  # capitals and small letters: two heights
    as_high = np.mean(near[:, None, :] | near[None, :, :], axis=2).max()
    return bool(on_line >= _ON_LINE and as_high >= _AS_HIGH)


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Of the line through most points: the median over all pairs (Theil 1950, Sen 1968)."""
    one, other = np.triu_indices(len(x), 1)
    apart = np.abs(x[other] - x[one]) > 1
    rises = (y[other] - y[one])[apart] / (x[other] - x[one])[apart]
    return float(np.median(rises)) if rises.size else 0.0
