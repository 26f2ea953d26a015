"""Where a form's words stand on a scan that is nearly laid on it: features agree on a part of a page, words on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.print_words import PrintedWord
from hwr_edge.form.word_score import Floats
from hwr_edge.image.pixels import Box
from hwr_edge.page.sheet import Matrix


@dataclass(frozen=True)
class _Limits:
    """How words are looked for; chosen by `make bench-forms`.

    Pixels of a form 800 long, unless they are parts of something named.

    part: of the form's size, at which words are looked for.
    reach: that a word is off, at most; high, wide: that it is at least.
    like: correlation of a word that is found.
    off: that a found word may be off; fewest: words that agree; most: of those found, at least.
    """

    part: float = 0.5
    reach: int = 14
    high: int = 4
    wide: int = 8
    like: float = 0.6
    off: float = 1.0
    fewest: int = 8
    most: float = 0.5


_LIMITS = _Limits()


def move_of(words: Sequence[PrintedWord], form: Floats, scan: Floats) -> Matrix | None:
    """The move of the form's points to those of a scan nearly laid on it, float (3, 3); None where words do not agree.

    Args:
        words: of the form.
        form: how dark it is, float32 (H, W).
        scan: likewise of the scan.
    """
    little, reach = _halved(form), _LIMITS.reach
    wide: Floats = np.pad(_halved(scan), reach)
    found = [
        pair for word in words if (pair := _found(_small(word.box, little.shape), little, wide))
    ]
    if len(found) < _LIMITS.fewest:
        return None
    one, other = (np.array([pair[k] for pair in found]) / _LIMITS.part for k in (0, 1))
    off = _LIMITS.off / _LIMITS.part
    matrix, agree = cv2.findHomography(
        one, other, cv2.USAC_MAGSAC, off, maxIters=2000, confidence=0.999
    )
    if matrix is None or agree.sum() < max(_LIMITS.fewest, _LIMITS.most * len(found)):
        return None
    return np.asarray(matrix, np.float64)


def _halved(dark: Floats) -> Floats:
    soft = cv2.GaussianBlur(dark, (0, 0), 1.0)
    return np.asarray(
        cv2.resize(soft, None, fx=_LIMITS.part, fy=_LIMITS.part, interpolation=cv2.INTER_AREA),
        np.float32,
    )


def _small(box: Box, shape: tuple[int, ...]) -> Box:
    x, y, width, height = (round(v * _LIMITS.part) for v in box)
    left, top = max(0, x - 1), max(0, y - 1)
    return left, top, min(shape[1], x + width + 1) - left, min(shape[0], y + height + 1) - top


def _found(
    box: Box, form: Floats, scan: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A word's middle on the form and on the scan, which is so much wider all around."""
    x, y, width, height = box
    word = form[y : y + height, x : x + width]
    if height < _LIMITS.high or width < _LIMITS.wide or word.std() < 1:
        return None
    there = scan[y : y + height + 2 * _LIMITS.reach, x : x + width + 2 * _LIMITS.reach]
    scores = np.asarray(cv2.matchTemplate(there, word, cv2.TM_CCOEFF_NORMED), np.float32)
    row, column = (int(v) for v in np.unravel_index(int(scores.argmax()), scores.shape))
    if scores[row, column] < _LIMITS.like:
        return None
    middle = np.array([x + width / 2, y + height / 2])
    off = np.array([column + _peak(scores[row], column), row + _peak(scores[:, column], row)])
    return middle, middle + off - _LIMITS.reach


def _peak(scores: Floats, at: int) -> float:
    """How far from a highest value a parabola through its neighbours is highest: half a pixel at most."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    before, here, after = (float(v) for v in scores[at - 1 : at + 2])
    bend = before - 2 * here + after
    return (before - after) / (2 * bend) if bend < 0 else 0.0
