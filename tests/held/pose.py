"""Where a card is in the view, and how it moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_AWAY = 2.4  # widths of the view from the lens to a card that is as wide as the view at `size` 1


class Pose(NamedTuple):
    """A card in the view.

    x, y: its middle, parts of the view's width and height.
    size: its width, as a part of the view's.
    roll, yaw, pitch: degrees.
    """

    x: float = 0.5
    y: float = 0.5
    size: float = 0.7
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


Path = Callable[[float], Pose | None]
"""A pose for each second; None where it is not in view."""


def homography(
    pose: Pose,
    layer: tuple[int, int],
    width: int,
    view: tuple[int, int],
    shift: tuple[float, float],
) -> Matrix:
    """From a layer, (h, w) with a card `width` wide in its middle, to the view, (width, height)."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    cy, sy, cp, sp, cr, sr = (
        f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin)
    )  # fmt: skip
    turn = (
        np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    )
    scale = pose.size * view[0] / width
    focal = _AWAY * view[0]
    flat = np.array(
        [[scale, 0, -scale * layer[1] / 2], [0, scale, -scale * layer[0] / 2], [0, 0, 1.0]]
    )
    lens = np.array([[focal, 0, 0], [0, focal, 0], [0, 0, 1.0]])
    plane = np.column_stack([turn[:, 0], turn[:, 1], [0, 0, focal]])
    place = np.array(
        [[1, 0, pose.x * view[0] + shift[0]], [0, 1, pose.y * view[1] + shift[1]], [0, 0, 1.0]]
    )
    return np.asarray(place @ lens @ plane @ flat, np.float64)


def sway(rng: np.random.Generator, amount: float, hertz: float = 1.0) -> Callable[[float], float]:
    """Slow irregular movement: three sines, about `amount` at most."""
    rates = hertz * rng.uniform(0.5, 1.6, 3)
    starts = rng.uniform(0, 2 * math.pi, 3)
    parts = rng.dirichlet((2, 2, 2)) * amount

    def at(time: float) -> float:
        turns = 2 * math.pi * rates * time + starts
        return float((parts * np.sin(turns)).sum())

    return at


def eased(part: float) -> float:
    """0 to 1, slow at both ends."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)
