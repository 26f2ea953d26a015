"""Level lines followed to where they end: of a broken or dotted one only pieces may be found."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import connected_components
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """How lines are followed; chosen on believable forms (`python -m bench.form_fields`).

    near: rows above and below, in which the line goes on.
    gap: letter heights, in any line; dots: times as far as its dots are apart; most: letter heights, at most.
    thin: letter heights; what is higher is no line.
    """

    near: int = 2
    gap: float = 0.4
    dots: float = 1.6
    most: float = 2.2
    thin: float = 0.5


_LIMITS = _Limits()


def to_their_ends(lines: Mask, pale: Mask, letter: float) -> Mask:
    """Lines, uint8 (H, W), drawn as far as ink goes on in their rows with gaps no larger than their own.

    Args:
        lines: pieces of lines, uint8 (H, W).
        pale: all ink, uint8 (H, W), also the palest.
        letter: how high letters are, pixels.
    """
    out = lines.copy()
    found = connected_components(lines)
    for k in np.flatnonzero(found.height <= _LIMITS.thin * letter):
        if k:
            left, top, width, height = (int(side[k]) for side in found[1:5])
            piece = found.labels[top : top + height, left : left + width] == k
            for first, forward in ((width - 1, True), (0, False)):
                y = top + round(float(np.flatnonzero(piece[:, first]).mean()))
                gap = _gap(pale, left, left + width, y, letter)
                points = _followed(pale, left + first, y, gap if forward else -gap)
                cv2.polylines(out, [points], False, (1,), 2)
    return out


def _gap(pale: Mask, left: int, right: int, y: int, letter: float) -> int:
    """The widest gap that a line with such a piece has, pixels."""
    rows = pale[max(0, y - _LIMITS.near) : y + _LIMITS.near + 1, left:right]
    starts = np.flatnonzero(np.diff(rows.any(axis=0).astype(np.int8)) == 1)
    step = float(np.median(np.diff(starts))) if len(starts) > 2 else 0.0
    return round(min(max(_LIMITS.gap * letter, _LIMITS.dots * step), _LIMITS.most * letter))


def _followed(pale: Mask, x: int, y: int, gap: int) -> NDArray[np.int32]:
    """The points of a line from one of its ends on, int32 (N, 2); `gap` is negative to the left."""
    points = [(x, y)]
    while True:
        first, last = (x + 1, x + gap + 1) if gap > 0 else (x + gap, x)
        top = max(0, y - _LIMITS.near)
        seen = pale[top : y + _LIMITS.near + 1, max(0, first) : max(0, last)]
        rows, columns = np.nonzero(seen)
        if not len(columns):
            return np.array(points, np.int32)
        at = columns.max() if gap > 0 else columns.min()
        x = max(0, first) + int(at)
        y = top + round(float(rows[np.abs(columns - at) <= _LIMITS.near].mean()))
        points.append((x, y))
