"""Where a part of the scene is, and how it moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.follow import Anchor, Move, moved
from hwr_edge.camera.sheets import Hull
from hwr_edge.image.pixels import Grey


@dataclass(frozen=True)
class _Limits:
    """When a part is at rest or to be anchored anew; chosen on made films (`make bench-camera`).

    turned, grown: degrees and times; what turned or grew by more is anchored anew.
    slow: of its own size a second; what is slower is at rest.
    """

    turned: float = 10.0
    grown: float = 1.15
    slow: float = 0.25


_LIMITS = _Limits()


@dataclass(eq=False)
class Followed:
    """A part of the scene.

    anchor: what it looks like, in the view in which it was anchored.
    base: from its own points (of the view in which it was first seen) to those of that view.
    pose: from its own points to those of the present view.
    time: seconds, of the view in which it was last found.
    velocity: pixels of the view a second.
    missing: seconds, of the view since which it is not found.
    """

    anchor: Anchor
    base: Move
    pose: Move
    time: float
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2), kw_only=True)
    missing: float | None = field(default=None, kw_only=True)
    _hull: tuple[Move, Anchor, Hull] | None = field(default=None, repr=False, kw_only=True)

    @property
    def hull(self) -> Hull:
        """Its outline in the present view."""
        if self._hull is None or self._hull[0] is not self.pose or self._hull[1] is not self.anchor:
            self._hull = self.pose, self.anchor, moved(self.anchor.hull, self.move)
        return self._hull[2]

    @property
    def move(self) -> Move:
        """From the view in which it was anchored to the present one."""
        return np.asarray(self.pose @ np.linalg.inv(self.base), np.float64)

    @property
    def size(self) -> float:
        """The root of its area, in pixels of the view."""
        return math.sqrt(max(cv2.contourArea(self.hull), 1.0))

    def place(self, pose: Move, time: float) -> None:
        """It is found in a view, by `follow` or as a paper."""
        middle = self.hull.mean(0)
        self.pose = pose
        past = max(time - self.time, 1e-3)
        self.velocity = np.asarray((self.hull.mean(0) - middle) / past, np.float64)
        self.time, self.missing = time, None

    def guess(self, time: float) -> Move:
        """Where it is likely to be by now, from the view in which it was anchored."""
        x, y = self.velocity * min(time - self.time, 0.3)
        return np.asarray(np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) @ self.move, np.float64)

    def anchored(self, view: Grey, hull: Hull) -> None:
        """From now on it is compared with this view."""
        self.anchor, self.base = Anchor(view, hull), self.pose

    @property
    def has_changed(self) -> bool:
        """Whether it was turned or brought nearer so much that it is to be anchored anew."""
        (a, b), (c, d) = self.move[0, :2], self.move[1, :2]
        angle = abs(math.degrees(math.atan2(c - b, a + d)))
        scale = math.sqrt(abs(a * d - b * c))
        return angle > _LIMITS.turned or not 1 / _LIMITS.grown < scale < _LIMITS.grown

    @property
    def at_rest(self) -> bool:
        """Whether it hardly moves."""
        return self.speed < _LIMITS.slow * self.size

    @property
    def speed(self) -> float:
        """Pixels of the view a second."""
        return float(np.linalg.norm(self.velocity))
