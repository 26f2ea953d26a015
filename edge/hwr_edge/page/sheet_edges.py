"""A sheet told by its edges alone: four straight ones, and darker beyond each all along.

Where a shadow lies across a sheet, or its table is mottled, no level of brightness parts the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Limits:
    """What is an edge, and a sheet of four; chosen on photographs of believable forms. Pixels are the small copy's.

    length: of the copy's longer side, that a piece of an edge is long, at least.
    near: pixels on both sides of an edge; far: beyond it, where a frame has ended. places: along a side, from and to these parts of it.
    darker: part of the brightness on the sheet, that it is darker beyond.
    angle, off: degrees and pixels, by which pieces of one edge differ.
    most: edges that are tried for a side.
    seen: part of each side, that is such an edge; others lie along the image's border.
    within: of a sheet that lies in part outside the image, which one of four sides that are seen is at least.
    least: part of the image, that a sheet is.
    nearby: pixels; a side is moved by no more to where the brightness falls off most.
    """

    length: float = 0.06
    near: float = 3.0
    far: float = 10.0
    places: int = 32
    ends: tuple[float, float] = 0.04, 0.96
    darker: float = 0.15
    angle: float = 3.0
    off: float = 4.0
    most: int = 5
    seen: float = 0.65
    within: float = 0.5
    least: float = 0.25
    nearby: int = 7


_LIMITS = _Limits()


def sheet_of_edges(grey: Grey, least: int) -> Floats | None:
    """The corners of the largest sheet, float (4, 2), clockwise; None where no edges of one are seen.

    Args:
        grey: uint8 (H, W), a small copy of a photograph, without narrow dark things.
        least: sides that are seen, 3 or 4; another lies along the image's border.
    """
    quads = _quads(_four_ways(*_edges(grey), grey.shape))
    area = _areas(quads)
    large = area >= _LIMITS.least * grey.size
    quads, area = quads[large], area[large]
    if not len(quads):
        return None
    seen = sides_seen(grey, quads)
    count, weakest = (seen >= 0).sum(1), np.where(seen < 0, 1.0, seen).min(1)
    likely = np.where(weakest >= _LIMITS.seen, weakest * area, 0.0)
    score = np.where(count < least, 0.0, likely / np.where(count == 4, _LIMITS.within, 1.0))
    best = int(score.argmax())
    return _fitted(grey, quads[best], seen[best]) if score[best] > 0 else None


def sides_seen(grey: Grey, quads: Floats) -> Floats:
    """The part of each side along which it is darker beyond, from 0 to 1; -1 where a side is outside the image.

    Args:
        grey: uint8 (H, W), without narrow dark things.
        quads: float (N, 4, 2), corners, clockwise.

    Returns:
        float (N, 4), of the sides from each corner to the next.
    """
    places, out = _along(quads)
    (on, inside), (beyond, outside), (far, also) = (
        _brightness(grey, places + away * out[..., None, :])
        for away in (-_LIMITS.near, _LIMITS.near, _LIMITS.far)
    )
    there = inside & outside
    least = (1 - _LIMITS.darker) * on
    dark = there & (beyond < on) & (beyond <= least) & ((far <= least) | ~also)
    count = there.sum(-1)
    return np.where(count >= _LIMITS.places / 4, dark.sum(-1) / np.maximum(count, 1), -1.0)


def all_sides_seen(grey: Grey, quad: NDArray[np.float32]) -> bool:
    """Whether a sheet with these corners, (4, 2), clockwise, ends along all of its sides in an image, uint8 (H, W)."""
    (seen,) = sides_seen(grey, quad[None].astype(np.float64))
    return bool((seen[seen >= 0] >= _LIMITS.seen).all())


def _along(quads: Floats) -> tuple[Floats, Floats]:
    """Places along each side, float (N, 4, places, 2), and the way out there, float (N, 4, 2)."""
    along = np.roll(quads, -1, axis=-2) - quads
    parts = np.linspace(*_LIMITS.ends, _LIMITS.places)[:, None]
    out = np.stack([along[..., 1], -along[..., 0]], -1)
    out /= np.maximum(np.hypot(*np.moveaxis(out, -1, 0)), 1e-9)[..., None]
    return quads[..., None, :] + along[..., None, :] * parts, out


def _brightness(grey: Grey, places: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Of an image at places, (..., 2), and which of them lie in it."""
    x, y = np.moveaxis(np.round(places), -1, 0)
    height, width = grey.shape
    there = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    at = np.clip(y, 0, height - 1).astype(np.intp), np.clip(x, 0, width - 1).astype(np.intp)
    return grey[at].astype(np.float64), there


def _edges(grey: Grey) -> tuple[Floats, Floats, Floats]:
    """Pieces of edges, (N,): the way out, degrees; how far that way from the image's origin they are; their length."""
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    ends = np.reshape(() if found is None else found, (-1, 2, 2)).astype(np.float64)
    ends = ends[np.hypot(*(ends[:, 1] - ends[:, 0]).T) >= _LIMITS.length * max(grey.shape)]
    places, out = _along(ends)  # there and back
    sides = [
        np.median(_brightness(grey, places[:, 0] + sign * _LIMITS.near * out[:, :1])[0], axis=-1)
        for sign in (-1, 1)
    ]
    step, bright = sides[0] - sides[1], np.maximum(*sides)
    out = out[:, 0] * np.where(step < 0, -1, 1)[:, None]
    angle = np.degrees(np.arctan2(out[:, 1], out[:, 0]))
    away, length = (ends.mean(1) * out).sum(1), np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    kept = np.abs(step) >= _LIMITS.darker * bright
    return angle[kept], away[kept], length[kept]


def _four_ways(angle: Floats, away: Floats, length: Floats, shape: tuple[int, ...]) -> list[Floats]:
    """The longest edges that a sheet may have at each side, and the image's border there: normal and distance, (N, 3)."""
    turn = (np.exp(4j * np.radians(angle)) * length).sum()
    base = float(np.degrees(np.angle(turn)) / 4)
    height, width = shape
    borders = np.array([(1, 0, width), (0, 1, height), (-1, 0, 0), (0, -1, 0)], np.float64)
    sides = []
    for way in (base, base + 90, base + 180, base + 270):
        rest = np.flatnonzero(np.abs(_between(angle, way)) < 45)
        found: list[tuple[float, Floats]] = []
        while len(rest):
            longest = rest[length[rest].argmax()]
            same = np.abs(_between(angle[rest], angle[longest])) <= _LIMITS.angle
            same &= np.abs(away[rest] - away[longest]) <= _LIMITS.off
            found.append(
                (
                    float(length[rest[same]].sum()),
                    np.array([*_normal(angle[longest]), away[longest]]),
                )
            )
            rest = rest[~same]
        found.sort(key=lambda one: -one[0])
        border = borders[int((borders[:, :2] @ _normal(way)).argmax())]
        sides.append(np.array([*(line for _, line in found[: _LIMITS.most]), border]))
    return sides


def _between(angle: Floats, other: float) -> Floats:
    return np.asarray((angle - other + 180) % 360 - 180)


def _normal(angle: float) -> Floats:
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


def _quads(sides: list[Floats]) -> Floats:
    """The corners of all ways to take a line for each side, float (N, 4, 2)."""
    meet = [_meeting(sides[k - 1], sides[k]) for k in range(4)]
    a, b, c, d = np.indices([len(side) for side in sides]).reshape(4, -1)
    return np.stack([meet[0][d, a], meet[1][a, b], meet[2][b, c], meet[3][c, d]], 1)


def _meeting(some: Floats, others: Floats) -> Floats:
    """Where each line meets each other one, float (N, M, 2); far away where they are parallel."""
    one, other = some[:, None], others[None]
    turn = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    turn = np.where(np.abs(turn) < 0.1, 1e-9, turn)
    x = one[..., 2] * other[..., 1] - one[..., 1] * other[..., 2]
    y = one[..., 0] * other[..., 2] - one[..., 2] * other[..., 0]
    return np.stack([x / turn, y / turn], -1)


def _areas(quads: Floats) -> Floats:
    """Of quadrilaterals that are convex and clockwise; 0 of others."""
    x, y = np.moveaxis(quads, -1, 0)
    dx, dy = np.roll(x, -1, 1) - x, np.roll(y, -1, 1) - y
    convex = (dx * np.roll(dy, -1, 1) - dy * np.roll(dx, -1, 1) > 0).all(1)
    area = (x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1) / 2
    return np.where(convex, area, 0.0)


def _fitted(grey: Grey, quad: Floats, seen: Floats) -> Floats:
    """The corners, each side that is seen moved to where the brightness falls off most."""
    places, out = _along(quad)
    steps = np.arange(-_LIMITS.nearby, _LIMITS.nearby + 1)
    across = _brightness(grey, places[:, :, None] + steps[:, None] * out[:, None, None])[0]
    fall = across[..., :-2] - across[..., 2:]
    off = steps[1:-1][fall.argmax(-1)]
    lines = []
    for k in range(4):
        points = places[k] + (off[k] if seen[k] >= 0 else 0 * off[k])[:, None] * out[k]
        vx, vy, x, y = (
            float(v)
            for v in cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        )
        lines.append(np.array([[vy, -vx, vy * x - vx * y]]))
    return np.array([_meeting(lines[k - 1], lines[k])[0, 0] for k in range(4)])
