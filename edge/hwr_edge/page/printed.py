"""Print told from handwriting by what no hand can do.

Print has letters that are the same to the pixel, and many letters of exactly one height on one line.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components
from hwr_edge.image.pixels import Grey

_UNSURE = 0.4  # a reading of print is surer hardly ever
_SMALL = 0.45  # of the usual letter's height: less is a dot or an accent
_FEWEST = 4  # letters that twins are looked for among
_MOST = 120  # letters of a line: more are no name's, nor worth the memory
_SIDE = 24  # pixels of the square that letters are compared on
_SOLID = 0.72  # of its box that is ink: a bar, which any two are alike
_SIZE = 0.12  # of the usual height that twins may differ by in size
_TWIN = 0.08  # of their ink that twins differ by
_ALIKE, _PAIRED = 0.28, 4  # likewise, of so many letters in a line of even ones
_ELSE = 0.3  # of the line's width beside print: there is something else on it
_MANY = 8  # letters: in a short word a careful hand is as even
_EVEN = 0.045  # of a letter's height, and half a pixel
_ON_LINE, _AS_HIGH = 0.9, 0.85  # of the letters


def looks_printed(crop: Grey, confidence: float) -> bool:
    """Whether a line is print and nothing else; a printed label before a name is not.

    Args:
        crop: uint8 (H, W), a line alone, ink dark.
        confidence: of its reading; a careful hand's even letters are read surely, print is not.
    """
    ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    found = connected_components(np.asarray(ink, np.uint8))
    usual = float(np.percentile(found.height[1:], 75)) if len(found.height) > 1 else 0.0
    letters = 1 + np.flatnonzero((found.height[1:] >= _SMALL * usual) & (found.area[1:] > _FEWEST))
    if not _FEWEST <= len(letters) <= _MOST:
        return False
    solid = found.area[letters] >= _SOLID * found.width[letters] * found.height[letters]
    shapes = letters[~solid]
    differ = _differ(found, shapes, usual)
    pairs = np.count_nonzero(differ < _ALIKE) >= _PAIRED
    even = (confidence < _UNSURE or pairs) and _is_even(found, letters, usual)
    return even or _has_twins(found, letters, shapes[differ < _TWIN])


def _differ(found: Components, shapes: NDArray[np.int64], usual: float) -> NDArray[np.float64]:
    """How much each letter differs from the one most like it, as a part of their ink; inf without one."""
    if len(shapes) < _FEWEST:
        return np.full(len(shapes), np.inf)
    images = np.stack([_image(found, k) for k in shapes])
    ink = images.sum(axis=(1, 2))
    differ = np.abs(images[:, None] - images).sum(axis=(2, 3)) / np.maximum(ink[:, None], ink)
    sizes = np.stack([found.width[shapes], found.height[shapes]], 1)
    unlike = np.abs(sizes[:, None] - sizes).max(axis=2) > _SIZE * usual
    differ[unlike | np.eye(len(shapes), dtype=bool)] = np.inf
    return np.asarray(differ.min(axis=1), np.float64)


def _has_twins(found: Components, letters: NDArray[np.int64], twins: NDArray[np.int64]) -> bool:
    """Whether the line between the outermost twins is about all of it."""
    if not len(twins):
        return False
    left, right = found.left[letters], found.left[letters] + found.width[letters]
    first, last = found.left[twins].min(), (found.left[twins] + found.width[twins]).max()
    beside = max(first - left.min(), right.max() - last)
    return bool(beside < _ELSE * (right.max() - left.min()))


def _image(found: Components, k: int) -> NDArray[np.float32]:
    """A component on a square of its own, float32, 0 to 1."""
    x, y, width, height = (int(v[k]) for v in found[1:5])
    own = (found.labels[y : y + height, x : x + width] == k).astype(np.float32)
    return np.asarray(cv2.resize(own, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _is_even(found: Components, letters: NDArray[np.int64], usual: float) -> bool:
    """Whether many letters stand exactly on one line and are of one or two heights."""
    if len(letters) < _MANY:
        return False
    top, low = found.top[letters], found.top[letters] + found.height[letters]
    even = _EVEN * usual + 0.5
    middle = found.left[letters] + found.width[letters] / 2
    slope = _slope(middle, low)
    bottoms, tops = low - slope * middle, top - slope * middle
    on_line = np.mean(np.abs(bottoms - np.median(bottoms)) < even)
    near = np.abs(tops[:, None] - tops) < even  # capitals and small letters: two heights
    as_high = np.mean(near[:, None, :] | near[None, :, :], axis=2).max()
    return bool(on_line >= _ON_LINE and as_high >= _AS_HIGH)


def _slope(x: NDArray[np.float64], y: NDArray[np.int32]) -> float:
    """Of the line through most points: the median over all pairs (Theil 1950, Sen 1968)."""
    one, other = np.triu_indices(len(x), 1)
    apart = np.abs(x[other] - x[one]) > 1
    rises = (y[other] - y[one])[apart] / (x[other] - x[one])[apart]
    return float(np.median(rises)) if rises.size else 0.0
