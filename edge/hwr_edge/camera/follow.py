"""A part of the view followed from frame to frame, wherever it moves.

Corners of it are looked for in the new view (pyramids of Lucas and Kanade, Bouguet 2000), most of them
agree on a movement (RANSAC), and then it must really be there: the parts are correlated. Each view is
compared with the one in which it was anchored, not with the one before, so that nothing drifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.sheets import Hull
from hwr_edge.image.pixels import Grey

Move = NDArray[np.float64]
"""From points of one view to those of another, float64 (3, 3), affine."""


@dataclass(frozen=True)
class _Limits:
    """How a card is followed from view to view; chosen on made films (`make bench-camera`).

    corners: of a part that are followed, at most.
    apart: pixels between them.
    room: pixels around the part that are seen, too: its edges.
    reach: pixels that it may have moved beyond what was guessed.
    within: pixels by which corners that agree may differ from the movement.
    fewest: corners that must agree; more for a movement that also shears.
    scale: by which it may have grown or shrunk.
    there: correlation of the part with itself from which it is there.
    """

    corners: int = 40
    apart: int = 4
    room: int = 3
    reach: int = 36
    within: float = 1.2
    fewest: tuple[int, int] = (5, 12)
    scale: tuple[float, float] = (0.6, 1.7)
    there: float = 0.5


_LIMITS = _Limits()


class Found(NamedTuple):
    """Where a part is now.

    move: from the view in which it was anchored.
    similarity: its correlation with itself there, at most 1.
    """

    move: Move
    similarity: float


class Anchor:
    """A part of a view that is to be found in others."""

    def __init__(self, view: Grey, hull: Hull) -> None:
        """Take the part within an outline; a part without corners is found nowhere."""
        self.view, self.hull = view, hull
        mask = np.zeros(view.shape, np.uint8)
        cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), [1])
        side = 2 * _LIMITS.room + 1
        self._mask = np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.uint8)
        self._box = cv2.boundingRect(self._mask)

    @cached_property
    def brightness(self) -> float:
        """Mean grey level of the part."""
        return brightness(self.view, self.hull)

    @cached_property
    def _corners(self) -> NDArray[np.float32]:
        x, y, width, height = self._box
        part = np.s_[y : y + height, x : x + width]
        found = cv2.goodFeaturesToTrack(
            self.view[part],
            _LIMITS.corners,
            0.02,
            _LIMITS.apart,
            mask=self._mask[part],
            blockSize=5,
        )
        if found is None:
            return np.zeros((0, 1, 2), np.float32)
        return np.asarray(found + np.array([x, y], np.float32), np.float32)

    def find(self, view: Grey, guess: Move) -> Found | None:
        """Look for it near where it is guessed to be."""
        if view.shape != self.view.shape or len(self._corners) < _LIMITS.fewest[0]:
            return None
        move = self._moved(view, guess)
        if move is None:
            return None
        return Found(move, self.similarity(view, move))

    def similarity(self, view: Grey, move: Move, part: Hull | None = None) -> float:
        """How well the part, or a part of it, fits where a movement takes it, at most 1."""
        x, y, width, height = self._box if part is None else _box(part, view.shape)
        shift = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(
            view, (move @ shift)[:2], (width, height), flags=how, borderMode=cv2.BORDER_CONSTANT
        )
        own = self.view[y : y + height, x : x + width]
        inside = self._mask[y : y + height, x : x + width] > 0
        return _correlation(own[inside], np.asarray(seen, np.uint8)[inside])

    def _moved(self, view: Grey, guess: Move) -> Move | None:
        start = np.asarray(cv2.transform(self._corners, guess[:2]), np.float32)
        low = np.minimum(self._corners.min(0), start.min(0))[0] - _LIMITS.reach
        high = np.maximum(self._corners.max(0), start.max(0))[0] + _LIMITS.reach
        x0, y0 = np.maximum(low, 0).astype(int)
        x1, y1 = high.astype(int)
        first, now = self.view[y0:y1, x0:x1], view[y0:y1, x0:x1]
        if min(now.shape) < _LIMITS.reach:
            return None
        off = np.array([x0, y0], np.float32)
        points, state, _ = cv2.calcOpticalFlowPyrLK(
            first, now, self._corners - off, start - off, winSize=(15, 15), maxLevel=3,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW, minEigThreshold=1e-3,
        )  # fmt: skip
        good = state.ravel() > 0
        return _agreed(self._corners[good], points[good] + off)


def _agreed(before: NDArray[np.float32], now: NDArray[np.float32]) -> Move | None:
    """The movement that most corners agree on; None where too few do."""
    fewest, many = _LIMITS.fewest
    if len(before) < fewest:
        return None
    for estimate, least in ((cv2.estimateAffine2D, many), (cv2.estimateAffinePartial2D, fewest)):
        if len(before) < least:
            continue
        move, agree = estimate(before, now, method=cv2.RANSAC, ransacReprojThreshold=_LIMITS.within)
        if move is None or np.count_nonzero(agree) < max(least, 0.3 * len(before)):
            continue
        scale = float(np.sqrt(abs(np.linalg.det(move[:, :2]))))
        if _LIMITS.scale[0] < scale < _LIMITS.scale[1]:
            return np.vstack([move, (0.0, 0.0, 1.0)])
    return None


def moved(hull: Hull, move: Move) -> Hull:
    """An outline where a movement takes it."""
    return np.asarray(cv2.transform(hull[None], move[:2])[0], np.float32)


def brightness(view: Grey, hull: Hull) -> float:
    """Mean grey level within an outline."""
    mask = np.zeros(view.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), [1])
    return float(cv2.mean(view, mask)[0])


def _box(hull: Hull, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    x0, y0 = np.clip(np.floor(hull.min(0)), 0, (shape[1] - 1, shape[0] - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(hull.max(0)) + 1, (x0 + 1, y0 + 1), shape[::-1]).astype(int)
    return int(x0), int(y0), int(x1 - x0), int(y1 - y0)


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    if one.size < 2:
        return 0.0
    a, b = one.astype(np.float32), other.astype(np.float32)
    a -= a.mean()
    b -= b.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1.0))
